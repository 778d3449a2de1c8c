// SPDX-License-Identifier: Apache-2.0

// Compares long random sequences of operations on tables of all sizes with a plain array of pages.

#include "page_table_model.h"

#include "../../../src/page_table/table.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#define SEQUENCES 24
#define STEPS 300

static uint64_t random_state;

static uint64_t next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state >> 16;
}

static size_t below(size_t bound)
{
	return (size_t)(next_random() % bound);
}

// Boundaries of tables and blocks are as frequent as all other positions.
static size_t random_position(size_t count)
{
	static const size_t units[] = { 1, 1, 16, 512, 512 };
	const size_t unit = units[below(sizeof(units) / sizeof(units[0]))];
	size_t position = below(count / unit + 1) * unit;

	return position < count ? position : count;
}

static struct model_step random_step(const struct model *model)
{
	static const uint64_t offsets[] = { 0, 0, 0, 0x1000, 0x10000, 0x200000, UINT64_C(0x40000000) };
	const size_t a = random_position(model->count);
	const size_t b = below(4) == 0 ? a + below(20) : random_position(model->count);
	const size_t end = a > b ? a : b;
	struct model_step step = {
		.operation = (enum model_operation)below(MODEL_OPERATIONS),
		.first = a < b ? a : b,
		.kind = (enum vmbase_map_kind)(1 + below(VMBASE_MAP_DEVICE_LAZY)),
		.offset = offsets[below(sizeof(offsets) / sizeof(offsets[0]))],
	};

	step.count = (end < model->count ? end : model->count) - step.first;
	if (step.first == model->count) {
		step.first--;
		step.count = 1;
	}
	return step;
}

// Makes more steps succeed: maps mostly empty ranges, and changes mostly mapped ranges.
static void bias(const struct model *model, struct model_step *step)
{
	if (below(3) == 0 || step->operation > MODEL_PROTECT) {
		return;
	}
	if (model->pages[step->first].kind == 0) {
		step->operation = MODEL_MAP;
		for (size_t i = 0; i < step->count; i++) {
			if (model->pages[step->first + i].kind != 0) {
				step->count = i;
			}
		}
	} else if (step->operation != MODEL_UNMAP) {
		step->operation = MODEL_PROTECT;
		for (size_t i = 0; i < step->count; i++) {
			if (model->pages[step->first + i].kind == 0) {
				step->count = i;
			}
		}
	}
}

static struct model model;

// Memory that a model describes, and that also gives pages for tables, from the pages of kind DATA.
static alignas(2 * 1024 * 1024) char memory[MODEL_PAGES_MAX][4096];
static bool is_given[MODEL_PAGES_MAX];
static struct fake_pages pages;
static struct vmbase_table_pages others; // the source of pages outside the model
static struct model_step current;        // in progress

static void *give_of_model(void *context)
{
	// Half of the pages are inside the range that is being changed.
	for (int attempts = 0; attempts < 8 && pages.given < pages.limit; attempts++) {
		const bool is_near = current.count != 0 && below(2) == 0;
		const size_t i = is_near ? current.first + below(current.count) : below(model.count);

		if (model.pages[i].kind == VMBASE_MAP_DATA && !is_given[i]) {
			is_given[i] = true;
			pages.given++;
			return memory[i];
		}
	}
	return others.allocate(context);
}

static void take_back_to_model(void *page, void *context)
{
	const uintptr_t offset = (uintptr_t)page - (uintptr_t)memory;

	if (offset >= sizeof(memory)) {
		others.free(page, context);
		return;
	}
	is_given[offset / VMBASE_PAGE_SIZE] = false;
	pages.given--;
}

static bool is_unusable_table(const struct vmbase_page_table *table, struct vmbase_range page,
			      const void *context)
{
	enum vmbase_map_kind kind;

	(void)context;
	return page.begin - (uintptr_t)memory < sizeof(memory) &&
	       (vmbase_page_table_translate(table, page.begin, NULL, &kind) != VMBASE_OK ||
		kind != VMBASE_MAP_DATA);
}

static void run_sequence(uint64_t seed)
{
	static const unsigned int va_bits[] = { 25, 30, 31, 32, 39, 40, 47, 48 };
	struct vmbase_page_table table;

	random_state = seed;
	fake_cpu_reset();
	fake_tlb_faults = 0;
	fake_cpu.features.hardware_dirty = below(2) == 0;
	// The addresses of this program have at most 47 bits; physical addresses of tables may use bit 47.
	fake_pages_init(&pages, 1 + below(below(3) == 0 ? 12 : 60), below(2) << 47);
	unsigned int bits = va_bits[below(sizeof(va_bits) / sizeof(va_bits[0]))];
	const bool is_of_model = below(3) == 0;

	current = (struct model_step){ 0 };
	if (is_of_model) {
		bits = 48; // identity map
		others = pages.pages;
		pages.pages.allocate = give_of_model;
		pages.pages.free = take_back_to_model;
	}
	const uint64_t size = UINT64_C(1) << bits;

	model = (struct model){ .count = 1 + below(MODEL_PAGES_MAX), .is_live = is_of_model || below(2) == 0 };
	// At a random address, at the end of all addresses, or across tables of levels 1 and 2.
	const uint64_t bytes = model.count * VMBASE_PAGE_SIZE;

	switch (below(3)) {
	case 0:
		model.base = size - bytes;
		break;
	case 1:
		model.base = bits > 31 ? size / 2 - model.count / 2 * VMBASE_PAGE_SIZE : 0;
		break;
	default:
		model.base = (uintptr_t)(next_random() << 20) % (size - bytes) & ~(VMBASE_PAGE_SIZE - 1);
		break;
	}
	if (is_of_model) {
		model.base = (uintptr_t)memory;
	}
	assert_int_equal(vmbase_page_table_init(&table, &pages.pages, bits, 7), VMBASE_OK);
	if (model.is_live) {
		// Not with vmbase_page_table_activate(): the table does not map this program.
		table.is_active = true;
		// The running code needs some pages, mapped or not.
		fake_cpu.in_use[0] = (struct vmb_in_use){
			.range.begin = model.base + below(model.count) * VMBASE_PAGE_SIZE + 0x234,
			.use = (enum vmb_use)below(3),
		};
		fake_cpu.in_use[0].range.end = fake_cpu.in_use[0].range.begin + 0x1000;
		fake_tlb_watch(&table, model.base, model.count);
	}
	for (int i = 0; i < STEPS; i++) {
		struct model_step step = random_step(&model);
		enum vmbase_error result;

		if (is_of_model && below(2) == 0) {
			step.kind = VMBASE_MAP_DATA;
		}
		bias(&model, &step);
		current = step;
		const char *wrong = model_do(&model, &table, &step, &result);

		if (wrong == NULL) {
			wrong = model_compare(&model, &table);
		}
		if (wrong == NULL && !fake_table_is_sound(&table, &pages)) {
			wrong = "the table is not sound";
		}
		if (wrong == NULL && is_of_model && vmb_generic_table(&table, is_unusable_table, NULL)) {
			wrong = "a table is in a page that cannot be written";
		}
		if (model.is_live) {
			fake_tlb_settle();
		}
		if (wrong != NULL || fake_tlb_faults != 0) {
			fprintf(stderr, "# seed %#zx, step %d: %s\n", (size_t)seed, i,
				wrong != NULL ? wrong : "TLB");
			model_print(&step);
			fail();
		}
	}
	fake_tlb_stop();
	table.is_active = false;
	assert_int_equal(vmbase_page_table_destroy(&table), VMBASE_OK);
	assert_int_equal(pages.given, 0);
}

// PAGE_TABLE_SEED repeats one sequence. Without it, the first sequences are the same in every run, and the
// others are new.
static void random_sequences(void **state)
{
	const char *text = getenv("PAGE_TABLE_SEED");
	uint64_t seed = 0x9e3779b97f4a7c15;

	(void)state;
	if (text != NULL) {
		run_sequence(strtoull(text, NULL, 0));
		return;
	}
	for (int i = 0; i < SEQUENCES; i++) {
		if (i == SEQUENCES / 2) {
			seed = (uint64_t)time(NULL) * 0x2545f4914f6cdd1d | 1;
			fprintf(stderr, "# new sequences from seed %#zx on\n", (size_t)seed);
		}
		run_sequence(seed);
		seed = next_random() << 16 | 1;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_sequences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
