// SPDX-License-Identifier: Apache-2.0

// Device trees for tests: read from files or written word by word, at an address where accesses outside the
// tree end the program.

#ifndef BLOBS_H
#define BLOBS_H

#include <vmbase/fdt.h>

#include <stddef.h>
#include <stdint.h>

#define BLOB_BYTES_MAX ((size_t)2 << 20)

struct blob {
	_Alignas(8) unsigned char bytes[BLOB_BYTES_MAX];
	size_t size;
};

// Reads NAME.dtb from the directory in the environment variable BLOBS. Ends the program on an error.
void blob_read(struct blob *blob, const char *name);

// Begins a tree without a root. Add reservations first, then tags with their data.
void blob_begin(struct blob *blob);
void blob_reserve(struct blob *blob, uint64_t address, uint64_t size);
void blob_tag(struct blob *blob, uint32_t tag);
void blob_node(struct blob *blob, const char *name);
void blob_property(struct blob *blob, const char *name, const void *value, size_t size);
void blob_cells(struct blob *blob, const char *name, const uint32_t *cells, size_t count);
// Ends the tree: FDT_END, the strings, and the header.
void blob_end(struct blob *blob);

// Copies the first `size` bytes of a blob to writable memory, aligned as a tree must be. An access before or
// after these bytes ends the program. All blobs share this memory: a call overwrites the previous copy.
unsigned char *blob_place(const struct blob *blob, size_t size);

// Calls every query of <vmbase/fdt.h> on a tree, and returns a checksum of all answers. The answers are not
// checked; the calls must only return.
uint64_t fdt_visit(const struct vmbase_fdt *fdt);

// Makes every kind of change to a copy of the tree, in a buffer of `size` bytes. Ends the program if a change
// leaves an invalid tree.
void fdt_change(const struct vmbase_fdt *fdt, size_t size);

#endif
