// SPDX-License-Identifier: Apache-2.0

// Compiled device trees, read from files: the implementation.

#include "blobs.h"

#include <libfdt.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <sanitizer/asan_interface.h>

static void require(bool good, const char *what)
{
	if (!good) {
		fprintf(stderr, "%s\n", what);
		abort();
	}
}

void blob_read(struct blob *blob, const char *name)
{
	const char *directory = getenv("BLOBS");
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.dtb", directory != NULL ? directory : ".", name);
	file = fopen(path, "rb");
	require(file != NULL, path);
	blob->size = fread(blob->bytes, 1, sizeof(blob->bytes), file);
	fclose(file);
}

// Collects the strings until the end of the structure block is known.
static char strings[4096];
static size_t strings_size;

static void append(struct blob *blob, const void *bytes, size_t size)
{
	require(size <= sizeof(blob->bytes) - blob->size, "the blob is too large");
	memcpy(blob->bytes + blob->size, bytes, size);
	blob->size += size;
}

static void append_word(struct blob *blob, uint32_t word)
{
	const fdt32_t big_endian = cpu_to_fdt32(word);

	append(blob, &big_endian, sizeof(big_endian));
}

static void align(struct blob *blob)
{
	static const unsigned char zeros[4];

	append(blob, zeros, (4 - blob->size % 4) % 4);
}

#define RESERVATIONS 40 // the header's size

void blob_begin(struct blob *blob)
{
	memset(blob->bytes, 0, RESERVATIONS);
	blob->size = RESERVATIONS;
	strings_size = 0;
	// 0: the structure block has not begun.
	fdt_set_off_dt_struct(blob->bytes, 0);
}

void blob_reserve(struct blob *blob, uint64_t address, uint64_t size)
{
	append_word(blob, (uint32_t)(address >> 32));
	append_word(blob, (uint32_t)address);
	append_word(blob, (uint32_t)(size >> 32));
	append_word(blob, (uint32_t)size);
}

void blob_tag(struct blob *blob, uint32_t tag)
{
	if (fdt_off_dt_struct(blob->bytes) == 0) {
		blob_reserve(blob, 0, 0);
		fdt_set_off_dt_struct(blob->bytes, (uint32_t)blob->size);
	}
	append_word(blob, tag);
}

void blob_node(struct blob *blob, const char *name)
{
	blob_tag(blob, FDT_BEGIN_NODE);
	append(blob, name, strlen(name) + 1);
	align(blob);
}

void blob_property(struct blob *blob, const char *name, const void *value, size_t size)
{
	size_t offset = 0;

	while (offset < strings_size && strcmp(strings + offset, name) != 0) {
		offset += strlen(strings + offset) + 1;
	}
	if (offset == strings_size) {
		require(strlen(name) < sizeof(strings) - strings_size, "too many names");
		strcpy(strings + offset, name);
		strings_size += strlen(name) + 1;
	}
	blob_tag(blob, FDT_PROP);
	append_word(blob, (uint32_t)size);
	append_word(blob, (uint32_t)offset);
	append(blob, value, size);
	align(blob);
}

void blob_cells(struct blob *blob, const char *name, const uint32_t *cells, size_t count)
{
	fdt32_t values[64];

	require(count <= 64, "too many cells");
	for (size_t i = 0; i < count; i++) {
		values[i] = cpu_to_fdt32(cells[i]);
	}
	blob_property(blob, name, values, count * sizeof(values[0]));
}

void blob_end(struct blob *blob)
{
	blob_tag(blob, FDT_END);
	fdt_set_size_dt_struct(blob->bytes, (uint32_t)blob->size - fdt_off_dt_struct(blob->bytes));
	fdt_set_off_dt_strings(blob->bytes, (uint32_t)blob->size);
	fdt_set_size_dt_strings(blob->bytes, (uint32_t)strings_size);
	append(blob, strings, strings_size);
	fdt_set_magic(blob->bytes, FDT_MAGIC);
	fdt_set_totalsize(blob->bytes, (uint32_t)blob->size);
	fdt_set_off_mem_rsvmap(blob->bytes, RESERVATIONS);
	fdt_set_version(blob->bytes, 17);
	fdt_set_last_comp_version(blob->bytes, 16);
}

unsigned char *blob_place(const struct blob *blob, size_t size)
{
	static unsigned char *place;
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	unsigned char *begin;

	if (place == NULL) {
		// The pages around the place cannot be accessed. This also finds errors of libfdt, which is
		// built without sanitizers.
		unsigned char *mapped =
			mmap(NULL, BLOB_BYTES_MAX + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		require(mapped != MAP_FAILED, "no memory");
		place = mapped + page;
		require(mprotect(place, BLOB_BYTES_MAX, PROT_READ | PROT_WRITE) == 0, "no memory");
	}
	// If the size is not a multiple of 8, the sanitizer poisons the last bytes up to the end of the page.
	begin = place + BLOB_BYTES_MAX - (size + 7) / 8 * 8;
	ASAN_UNPOISON_MEMORY_REGION(begin - page, size + page);
	memcpy(begin, blob->bytes, size);
	ASAN_POISON_MEMORY_REGION(begin + size, (size_t)(place + BLOB_BYTES_MAX - (begin + size)));
	ASAN_POISON_MEMORY_REGION(begin - page, page);
	return begin;
}

static uint64_t mix(uint64_t sum, uint64_t value)
{
	return (sum ^ value) * UINT64_C(0x9e3779b97f4a7c15);
}

static uint64_t mix_range(uint64_t sum, struct vmbase_range range)
{
	require(range.begin < range.end, "a range is empty");
	return mix(mix(sum, range.begin), range.end);
}

static uint64_t visit_nodes(const struct vmbase_fdt *fdt)
{
	static const char *const names[] = { "reg", "compatible", "status", "phandle", "interrupts", "" };
	struct vmbase_fdt_node node = VMBASE_FDT_ROOT;
	struct vmbase_fdt_node other;
	struct vmbase_fdt_interrupt interrupt;
	struct vmbase_range range;
	uint64_t sum = 0;

	do {
		const char *string;
		uint32_t word;

		sum = mix(sum, strlen(vmbase_fdt_node_name(fdt, &node)));
		sum = mix(sum, vmbase_fdt_is_enabled(fdt, &node));
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			size_t size = 0;
			const unsigned char *value = vmbase_fdt_property(fdt, &node, names[i], &size);

			// All of its bytes can be read.
			for (size_t j = 0; value != NULL && j < size; j++) {
				sum = mix(sum, value[j]);
			}
			if (vmbase_fdt_string(fdt, &node, names[i], &string) == VMBASE_OK) {
				sum = mix(sum, strlen(string));
			}
			if (vmbase_fdt_u32(fdt, &node, names[i], &word) == VMBASE_OK) {
				sum = mix(sum, word);
			}
		}
		for (uint32_t index = 0; vmbase_fdt_reg(fdt, &node, index, &range) == VMBASE_OK; index++) {
			sum = mix_range(sum, range);
		}
		if (vmbase_fdt_interrupt(fdt, &node, 0, &interrupt) == VMBASE_OK) {
			sum = mix(sum, interrupt.intid + interrupt.is_edge_triggered);
		}
		// A path of one part is an alias.
		if (node.depth == 1 &&
		    vmbase_fdt_find(fdt, vmbase_fdt_node_name(fdt, &node), &other) == VMBASE_OK) {
			sum = mix(sum, other.depth);
		}
	} while (vmbase_fdt_next_node(fdt, &node));
	return sum;
}

static uint64_t visit_memory(const struct vmbase_fdt *fdt)
{
	struct vmbase_fdt_iterator iterator = { 0 };
	struct vmbase_fdt_reservation reservation;
	struct vmbase_range range;
	enum vmbase_error error;
	bool is_sound = true;
	uint64_t sum = 0;

	while ((error = vmbase_fdt_next_memory(fdt, &iterator, &range)) != VMBASE_ERROR_NOT_FOUND) {
		sum = error == VMBASE_OK ? mix_range(sum, range) : mix(sum, (uint64_t)error);
		is_sound = is_sound && error == VMBASE_OK;
	}
	iterator = (struct vmbase_fdt_iterator){ 0 };
	while ((error = vmbase_fdt_next_reserved(fdt, &iterator, &reservation)) != VMBASE_ERROR_NOT_FOUND) {
		is_sound = is_sound && error == VMBASE_OK;
		if (error != VMBASE_OK) {
			sum = mix(sum, (uint64_t)error);
			continue;
		}
		sum = mix_range(sum, reservation.range);
		sum = mix(sum, reservation.is_no_map + 2U * reservation.is_restricted_dma_pool);
	}
	require(is_sound || vmbase_fdt_check_memory(fdt) != VMBASE_OK, "what is wrong is not told");
	range.end = 0;
	for (int i = 0; i < 16 && vmbase_fdt_memory(fdt, range.end, &range) == VMBASE_OK; i++) {
		sum = mix_range(sum, range);
	}
	range.end = 0;
	for (int i = 0; i < 16 && vmbase_fdt_free_memory(fdt, range.end, &range) == VMBASE_OK; i++) {
		sum = mix_range(sum, range);
	}
	return sum;
}

static uint64_t visit_devices(const struct vmbase_fdt *fdt)
{
	struct vmbase_fdt_iterator iterator = { 0 };
	struct vmbase_fdt_virtio_mmio virtio;
	struct vmbase_fdt_pci_host host;
	struct vmbase_fdt_pci_window window;
	struct vmbase_fdt_gic gic;
	struct vmbase_fdt_timer timer;
	enum vmbase_smccc_conduit conduit;
	enum vmbase_error error;
	uint64_t sum = 0;

	while ((error = vmbase_fdt_next_virtio_mmio(fdt, &iterator, &virtio)) != VMBASE_ERROR_NOT_FOUND) {
		sum = error == VMBASE_OK ? mix_range(sum, virtio.registers) : mix(sum, (uint64_t)error);
	}
	iterator = (struct vmbase_fdt_iterator){ 0 };
	while ((error = vmbase_fdt_next_pci_host(fdt, &iterator, &host)) != VMBASE_ERROR_NOT_FOUND) {
		sum = error == VMBASE_OK ? mix_range(sum, host.configuration) : mix(sum, (uint64_t)error);
		for (uint32_t i = 0; error == VMBASE_OK && i < 16; i++) {
			if (vmbase_fdt_pci_window(fdt, &host, i, &window) == VMBASE_OK) {
				sum = mix_range(mix(sum, window.bus_address), window.range);
			}
		}
	}
	if (vmbase_fdt_gic(fdt, &gic) == VMBASE_OK) {
		sum = mix_range(sum, gic.distributor);
	}
	if (vmbase_fdt_timer(fdt, &timer) == VMBASE_OK) {
		sum = mix(sum, timer.virtual_el1.intid);
	}
	if (vmbase_fdt_psci_conduit(fdt, &conduit) == VMBASE_OK) {
		sum = mix(sum, conduit);
	}
	return sum;
}

uint64_t fdt_visit(const struct vmbase_fdt *fdt)
{
	struct vmbase_fdt_console console;
	struct vmbase_range initrd;
	const char *bootargs;
	const void *seed;
	size_t size;
	uint64_t sum = mix(visit_nodes(fdt), mix(visit_memory(fdt), visit_devices(fdt)));

	if (vmbase_fdt_console(fdt, &console) == VMBASE_OK) {
		sum = mix_range(sum, console.registers);
		sum = mix(sum, strlen(console.options));
	}
	if (vmbase_fdt_bootargs(fdt, &bootargs) == VMBASE_OK) {
		sum = mix(sum, strlen(bootargs));
	}
	if (vmbase_fdt_initrd(fdt, &initrd) == VMBASE_OK) {
		sum = mix_range(sum, initrd);
	}
	if (vmbase_fdt_rng_seed(fdt, &seed, &size) == VMBASE_OK) {
		for (size_t i = 0; i < size; i++) {
			sum = mix(sum, ((const unsigned char *)seed)[i]);
		}
	}
	return sum;
}

static void require_tree(const struct vmbase_fdt_editor *editor, size_t size)
{
	struct vmbase_fdt fdt;

	require(vmbase_fdt_open(&fdt, editor->buffer, size) == VMBASE_OK, "a change left no tree");
}

void fdt_change(const struct vmbase_fdt *fdt, size_t size)
{
	const struct vmbase_range range = { 0x1000, 0x2000 };
	struct vmbase_fdt_editor editor;
	// Not blob_place(): the tree is there.
	unsigned char *buffer = calloc(1, size);

	require(buffer != NULL, "no memory");
	if (vmbase_fdt_edit(&editor, fdt, buffer, size) == VMBASE_OK) {
		require_tree(&editor, size);
		(void)!vmbase_fdt_add_node(&editor, "/", "added@1");
		require_tree(&editor, size);
		(void)!vmbase_fdt_set_string(&editor, "/added", "compatible", "vmbase,added");
		require_tree(&editor, size);
		(void)!vmbase_fdt_set_u64(&editor, "/chosen", "rng-seed", 1);
		require_tree(&editor, size);
		(void)!vmbase_fdt_add_reservation(&editor, range);
		require_tree(&editor, size);
		(void)fdt_visit(&editor.fdt);
		require(vmbase_fdt_pack(&editor) == VMBASE_OK, "packing failed");
		require_tree(&editor, vmbase_fdt_size_bytes(&editor.fdt));
	}
	free(buffer);
}
