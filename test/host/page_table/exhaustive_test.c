// SPDX-License-Identifier: Apache-2.0

// Compares every pair of operations on every range of a small address space with a plain array of pages. The
// table has few bits for each level (see meson.build). The table is live, so that the TLB is checked too.

#include "page_table_model.h"

#include "../../../src/page_table/table.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define PAGES ((size_t)1 << (VA_BITS - VMB_PAGE_BITS))
#define TABLES 24

#define PAGE_IN_USE 5

// The complete state, saved after the first operation so that each second operation starts from it. A table
// has VMB_ENTRIES entries in a page of its own.
struct state {
	struct vmbase_page_table table;
	struct fake_pages pages;
	struct model model;
	size_t free[TABLES];
};

static alignas(4096) uint64_t tables[TABLES][VMBASE_PAGE_SIZE / sizeof(uint64_t)];
static struct state now;

struct saved {
	struct vmbase_page_table table;
	size_t given;
	size_t free[TABLES];
	struct model_page pages[PAGES];
	uint64_t entries[TABLES][VMB_ENTRIES];
};

static void *allocate(void *context)
{
	(void)context;
	if (now.pages.given == now.pages.limit) {
		return NULL;
	}
	uint64_t *page = tables[now.free[now.pages.given++]];

	memset(page, 0xa7, VMB_ENTRIES * sizeof(*page));
	return page;
}

static void release(void *page, void *context)
{
	(void)context;
	now.free[--now.pages.given] =
		(size_t)((uint64_t(*)[VMBASE_PAGE_SIZE / sizeof(uint64_t)]) page - tables);
}

static void save(struct saved *saved)
{
	saved->table = now.table;
	saved->given = now.pages.given;
	memcpy(saved->free, now.free, sizeof(now.free));
	memcpy(saved->pages, now.model.pages, sizeof(saved->pages));
	for (size_t i = 0; i < TABLES; i++) {
		memcpy(saved->entries[i], tables[i], sizeof(saved->entries[i]));
	}
}

static void restore(const struct saved *saved)
{
	now.table = saved->table;
	now.pages.given = saved->given;
	now.pages.limit = TABLES;
	memcpy(now.free, saved->free, sizeof(now.free));
	memcpy(now.model.pages, saved->pages, sizeof(saved->pages));
	for (size_t i = 0; i < TABLES; i++) {
		memcpy(tables[i], saved->entries[i], sizeof(saved->entries[i]));
	}
	fake_tlb_watch(&now.table, 0, PAGES);
}

static void begin(void)
{
	fake_cpu_reset();
	fake_tlb_faults = 0;
	memset(&now, 0, sizeof(now));
	now.pages = (struct fake_pages){
		.pages = { .allocate = allocate, .free = release },
		.limit = TABLES,
	};
	for (size_t i = 0; i < TABLES; i++) {
		now.free[i] = i;
	}
	now.model.count = PAGES;
	now.model.is_live = true;
	assert_int_equal(vmbase_page_table_init(&now.table, &now.pages.pages, VA_BITS, 1), VMBASE_OK);
	now.table.is_active = true;
}

static const char *problem_after(const struct model_step *step, enum vmbase_error *result)
{
	const char *wrong = model_do(&now.model, &now.table, step, result);

	if (wrong == NULL) {
		wrong = model_compare(&now.model, &now.table);
	}
	if (wrong == NULL && !fake_table_is_sound(&now.table, &now.pages)) {
		wrong = "the table is not sound";
	}
	fake_tlb_settle();
	if (wrong == NULL && fake_tlb_faults != 0) {
		wrong = "the TLB found an error";
	}
	return wrong;
}

static void report_failure(const char *wrong, const struct model_step *first, const struct model_step *second)
{
	fprintf(stderr, "# %s\n", wrong);
	model_print(first);
	if (second != NULL) {
		model_print(second);
	}
	fail();
}

// The operations that can be second in a pair, and first.
static const struct model_step operations[] = {
	{ .operation = MODEL_MAP, .kind = VMBASE_MAP_DATA },
	{ .operation = MODEL_UNMAP },
	{ .operation = MODEL_PROTECT, .kind = VMBASE_MAP_RODATA },
	{ .operation = MODEL_PROTECT, .kind = VMBASE_MAP_DATA_TRACKED },
	{ .operation = MODEL_FOLD },
#ifdef ALL_OPERATIONS
	{ .operation = MODEL_MAP, .kind = VMBASE_MAP_DATA, .offset = 2 * VMBASE_PAGE_SIZE },
	{ .operation = MODEL_MAP, .kind = VMBASE_MAP_DEVICE_LAZY },
	{ .operation = MODEL_MAP_PAGES_ONLY, .kind = VMBASE_MAP_DATA },
	{ .operation = MODEL_PROTECT, .kind = VMBASE_MAP_DEVICE },
	{ .operation = MODEL_PROTECT, .kind = VMBASE_MAP_DATA },
	{ .operation = MODEL_PROTECT, .kind = VMBASE_MAP_DEVICE_LAZY },
#endif
};
#define OPERATIONS (sizeof(operations) / sizeof(operations[0]))

#define FOR_EACH_STEP(step)                                                                                    \
	for (size_t operation = 0; operation < OPERATIONS; operation++)                                        \
		for (size_t first = 0; first < PAGES; first++)                                                 \
			for (struct model_step step = operations[operation];                                   \
			     step.first = first, ++step.count <= PAGES - first;)

static size_t pairs;

// Does the second operation normally, without free pages for tables, and with code running on one of the
// pages.
static void do_second(const struct saved *saved, const struct model_step *first,
		      const struct model_step *second)
{
	enum vmbase_error result;
	const char *wrong;

	restore(saved);
	wrong = problem_after(second, &result);
	if (wrong == NULL && result == VMBASE_ERROR_NO_MEMORY) {
		wrong = "too many tables";
	}
#ifdef ALL_OPERATIONS
	if (wrong == NULL) {
		restore(saved);
		now.pages.limit = now.pages.given;
		wrong = problem_after(second, &result);
	}
	if (wrong == NULL) {
		restore(saved);
		fake_cpu.in_use[0] = (struct vmb_in_use){
			.range = { PAGE_IN_USE * VMBASE_PAGE_SIZE, (PAGE_IN_USE + 1) * VMBASE_PAGE_SIZE },
			.use = VMB_USE_WRITE,
		};
		wrong = problem_after(second, &result);
		fake_cpu.in_use[0] = (struct vmb_in_use){ 0 };
	}
#endif
	if (wrong != NULL) {
		report_failure(wrong, first, second);
	}
	pairs++;
}

static void do_pairs(void)
{
	static struct saved before;
	static struct saved between;
	enum vmbase_error result;

	save(&before);
	FOR_EACH_STEP(one)
	{
		restore(&before);
		const char *wrong = problem_after(&one, &result);

		if (wrong != NULL) {
			report_failure(wrong, &one, NULL);
		}
		save(&between);
		// A failed operation has changed nothing: its pairs are tested already.
		if (result != VMBASE_OK || memcmp(&before, &between, sizeof(before)) == 0) {
			continue;
		}
		FOR_EACH_STEP(other)
		{
			do_second(&between, &one, &other);
		}
	}
}

static void pairs_of_operations_on_an_empty_table(void **state)
{
	(void)state;
	begin();
	do_pairs();
}

static void pairs_of_operations_on_a_full_table(void **state)
{
	const struct model_step all = { .operation = MODEL_MAP, .count = PAGES, .kind = VMBASE_MAP_DATA };
	enum vmbase_error result;

	(void)state;
	begin();
	fake_tlb_watch(&now.table, 0, PAGES);
	assert_null(problem_after(&all, &result));
	do_pairs();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_of_operations_on_an_empty_table),
		cmocka_unit_test(pairs_of_operations_on_a_full_table),
	};
	const int failed = cmocka_run_group_tests(tests, NULL, NULL);

	fprintf(stderr, "# %zu pairs\n", pairs);
	return failed;
}
