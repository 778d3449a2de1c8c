// SPDX-License-Identifier: Apache-2.0

// Any bytes as a device tree: as they are, and with a header that says the truth about their size, since most
// changes of a good tree would otherwise end there.

#include "../host/fdt/blobs.h"

#include <libfdt.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct blob blob;

static void try(void)
{
	unsigned char *place = blob_place(&blob, blob.size);
	struct vmbase_fdt fdt;

	if (vmbase_fdt_open(&fdt, place, blob.size) != VMBASE_OK) {
		return;
	}
	fdt_visit(&fdt);
	fdt_change(&fdt, blob.size / 2);
	fdt_change(&fdt, blob.size + 100);
	fdt_change(&fdt, 2 * blob.size + 100);
	if (vmbase_fdt_wipe_rng_seed(&fdt, place) == VMBASE_OK) {
		const void *seed;
		size_t seed_bytes;

		// A second one may be left: the specification allows no two properties of a name, but bytes do.
		(void)!vmbase_fdt_rng_seed(&fdt, &seed, &seed_bytes);
		if (vmbase_fdt_open(&fdt, place, blob.size) != VMBASE_OK) {
			abort();
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > sizeof(blob.bytes)) {
		return 0;
	}
	memcpy(blob.bytes, data, size);
	blob.size = size;
	try();
	if (size >= sizeof(struct fdt_header)) {
		fdt_set_magic(blob.bytes, FDT_MAGIC);
		fdt_set_totalsize(blob.bytes, (uint32_t)size);
		fdt_set_version(blob.bytes, 17);
		fdt_set_last_comp_version(blob.bytes, 16);
		try();
	}
	return 0;
}
