// SPDX-License-Identifier: Apache-2.0

// Reads /chosen: the command line, the initial RAM disk, and random bytes.

#include "tree.h"

static enum vmbase_error find_chosen(const struct vmbase_fdt *fdt, struct vmbase_fdt_node *node)
{
	return vmb_fdt_find_known(fdt, fdt->chosen, "/chosen", node);
}

enum vmbase_error vmbase_fdt_bootargs(const struct vmbase_fdt *fdt, const char **bootargs)
{
	struct vmbase_fdt_node chosen;
	enum vmbase_error error = find_chosen(fdt, &chosen);

	return error == VMBASE_OK ? vmbase_fdt_string(fdt, &chosen, "bootargs", bootargs) : error;
}

// Reads an address of 32 or 64 bits.
static enum vmbase_error read_address(const struct vmbase_fdt *fdt, const struct vmbase_fdt_node *node,
				      const char *name, uintptr_t *address)
{
	size_t size_bytes;
	const unsigned char *value = vmbase_fdt_property(fdt, node, name, &size_bytes);

	if (value == NULL) {
		return VMBASE_ERROR_NOT_FOUND;
	}
	if (size_bytes != CELL_BYTES && size_bytes != (size_t)2 * CELL_BYTES) {
		return VMBASE_ERROR_CORRUPT;
	}
	*address = vmb_fdt_number(value, (uint32_t)size_bytes / CELL_BYTES);
	return VMBASE_OK;
}

enum vmbase_error vmbase_fdt_initrd(const struct vmbase_fdt *fdt, struct vmbase_range *initrd)
{
	struct vmbase_fdt_node chosen;
	struct vmbase_range range;
	enum vmbase_error error = find_chosen(fdt, &chosen);

	if (error == VMBASE_OK) {
		error = read_address(fdt, &chosen, "linux,initrd-start", &range.begin);
	}
	if (error == VMBASE_OK) {
		error = read_address(fdt, &chosen, "linux,initrd-end", &range.end);
	}
	if (error != VMBASE_OK) {
		return error;
	}
	if (range.begin >= range.end) {
		return VMBASE_ERROR_OUT_OF_RANGE;
	}
	*initrd = range;
	return VMBASE_OK;
}

enum vmbase_error vmbase_fdt_rng_seed(const struct vmbase_fdt *fdt, const void **seed, size_t *size_bytes)
{
	struct vmbase_fdt_node chosen;
	enum vmbase_error error = find_chosen(fdt, &chosen);
	const void *value;

	if (error != VMBASE_OK) {
		return error;
	}
	value = vmbase_fdt_property(fdt, &chosen, "rng-seed", size_bytes);
	if (value == NULL) {
		return VMBASE_ERROR_NOT_FOUND;
	}
	*seed = value;
	return VMBASE_OK;
}

enum vmbase_error vmbase_fdt_wipe_rng_seed(const struct vmbase_fdt *fdt, void *blob)
{
	const void *seed;
	size_t size_bytes;
	enum vmbase_error error = vmbase_fdt_rng_seed(fdt, &seed, &size_bytes);

	if (error != VMBASE_OK) {
		return error;
	}
	// Overwrites the whole property with FDT_NOP tags. The value is padded to a whole number of tags.
	const size_t tags = (sizeof(struct fdt_property) + size_bytes + FDT_TAGSIZE - 1) / FDT_TAGSIZE;
	const size_t offset = (size_t)((const unsigned char *)seed - fdt->blob) - sizeof(struct fdt_property);
	fdt32_t *tag = (fdt32_t *)(void *)((unsigned char *)blob + offset);

	for (size_t i = 0; i < tags; i++) {
		fdt32_st(&tag[i], FDT_NOP);
	}
	return VMBASE_OK;
}
