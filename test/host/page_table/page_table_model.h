// SPDX-License-Identifier: Apache-2.0

// A model of a page table: a plain array of pages with the expected translations, and operations on both.

#ifndef PAGE_TABLE_MODEL_H
#define PAGE_TABLE_MODEL_H

#include "../support/page_table_fake.h"

#define MODEL_PAGES_MAX 4096

struct model_page {
	enum vmbase_map_kind kind; // 0: not mapped
	bool is_dirty;
	uint64_t phys;
};

struct model {
	uintptr_t base;
	size_t count;
	bool is_live;
	struct model_page pages[MODEL_PAGES_MAX];
};

enum model_operation {
	MODEL_MAP,
	MODEL_MAP_PAGES_ONLY,
	MODEL_UNMAP,
	MODEL_PROTECT,
	MODEL_FOLD,
	MODEL_RESOLVE_LAZY,
	MODEL_DIRTY,
	MODEL_FLUSH,
	MODEL_OPERATIONS,
};

// An operation on pages [first, first + count) of the model.
struct model_step {
	enum model_operation operation;
	size_t first;
	size_t count;
	enum vmbase_map_kind kind;
	uint64_t offset; // for a map: physical minus virtual address
};

// Does a step on the table and the array, and compares the result with the array's prediction. The array does
// not predict out-of-memory and busy errors. Returns NULL, or a sentence that says what is wrong.
const char *model_do(struct model *model, struct vmbase_page_table *table, const struct model_step *step,
		     enum vmbase_error *result);

// Compares all pages, by translation and by a walk.
const char *model_compare(const struct model *model, const struct vmbase_page_table *table);

void model_print(const struct model_step *step);

#endif
