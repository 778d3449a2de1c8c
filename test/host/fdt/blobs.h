// SPDX-License-Identifier: Apache-2.0

// Device trees for tests: those of files, those that a test writes word by word, and a place for them behind
// which nothing can be read.

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

// Reads NAME.dtb in the directory that the environment's BLOBS names; ends the program where it cannot.
void blob_read(struct blob *blob, const char *name);

// Begins a tree without a root: reservations are added first, then tags with their data.
void blob_begin(struct blob *blob);
void blob_reserve(struct blob *blob, uint64_t address, uint64_t size);
void blob_tag(struct blob *blob, uint32_t tag);
void blob_node(struct blob *blob, const char *name);
void blob_property(struct blob *blob, const char *name, const void *value, size_t size);
void blob_cells(struct blob *blob, const char *name, const uint32_t *cells, size_t count);
// Ends it: FDT_END, the strings, and the header.
void blob_end(struct blob *blob);

// Puts the first `size` bytes of a blob where they can be written, aligned as a tree must be, and where an
// access to a byte behind them, or to one in front of them, ends the program. There is one such place.
unsigned char *blob_place(const struct blob *blob, size_t size);

// Asks a tree for all that <vmbase/fdt.h> knows, and returns what depends on all of the answers. Nothing is
// expected of these but that they end.
uint64_t fdt_visit(const struct vmbase_fdt *fdt);

// Changes a copy of the tree in all ways, in a buffer of `size` bytes: ends the program where a change leaves
// what is no tree.
void fdt_change(const struct vmbase_fdt *fdt, size_t size);

#endif
