// SPDX-License-Identifier: Apache-2.0

// Random sequences of a guest's calls of the tracker, compared with two arrays of pages: RAM and devices.
// Sometimes the guard refuses a call or pages run out.

#include "../support/random.h"
#include "../support/tracker_fake.h"

#include "../../../src/tracker/tracker_state.h"

#include <string.h>

#define PAGES 96 // of each
#define STEPS 40000
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

// The ranges end in the middle of a block and of a granule.
#define MODEL_RAM (FREE_RAM + MIB2 - 50 * PAGE)
#define MODEL_MMIO (FREE_MMIO + MIB2 - 50 * PAGE)
#define GRANULES (FREE_MMIO + MIB2 - 64 * PAGE) // aligned to the largest granule

// The kind of each page in the table. 0: not mapped.
static struct model {
	enum vmbase_map_kind ram[PAGES];
	bool is_dirty[PAGES];
	enum vmbase_map_kind mmio[PAGES];
	unsigned int users[PAGES]; // device pages only
	uint64_t cleaned;          // bytes
} model;
static size_t outcomes[32]; // by -enum vmbase_error
static unsigned int most_users;

static enum vmbase_error note(enum vmbase_error error)
{
	outcomes[-error]++;
	return error;
}

static bool is_all(const enum vmbase_map_kind *pages, size_t first, size_t count, bool mapped)
{
	for (size_t i = first; i < first + count; i++) {
		if ((pages[i] != 0) != mapped) {
			return false;
		}
	}
	return true;
}

static void step_map(bool is_mmio, size_t first, size_t count)
{
	static const enum vmbase_map_kind map_kinds[] = {
		[VMBASE_TRACKER_RODATA] = VMBASE_MAP_RODATA,
		[VMBASE_TRACKER_DATA] = VMBASE_MAP_DATA_TRACKED,
		[VMBASE_TRACKER_DATA_NOFLUSH] = VMBASE_MAP_DATA,
		[VMBASE_TRACKER_MMIO] = VMBASE_MAP_DEVICE_LAZY,
	};
	const enum vmbase_tracker_kind kind =
		is_mmio ? VMBASE_TRACKER_MMIO
			: (enum vmbase_tracker_kind)(VMBASE_TRACKER_RODATA + random_below(3));
	enum vmbase_map_kind *pages = is_mmio ? model.mmio : model.ram;
	const uintptr_t begin = (is_mmio ? MODEL_MMIO : MODEL_RAM) + first * PAGE;
	const enum vmbase_error error = note(vmbase_tracker_map(range(begin, count * PAGE), kind));

	if (!is_mmio && !is_all(pages, first, count, false)) {
		assert_int_equal(error, VMBASE_ERROR_OVERLAP);
	} else if (error != VMBASE_OK) {
		assert_int_equal(error, VMBASE_ERROR_NO_MEMORY);
		assert_int_not_equal(fake_machine.table_limit, FAKE_TABLES);
	} else {
		for (size_t i = first; i < first + count; i++) {
			if (pages[i] == 0) {
				pages[i] = map_kinds[kind];
			}
			model.users[i] += is_mmio ? 1 : 0;
			most_users = model.users[i] > most_users ? model.users[i] : most_users;
		}
	}
}

static void step_unmap(bool is_mmio, size_t first, size_t count)
{
	enum vmbase_map_kind *pages = is_mmio ? model.mmio : model.ram;
	const uintptr_t begin = (is_mmio ? MODEL_MMIO : MODEL_RAM) + first * PAGE;
	const bool is_mapped = is_all(pages, first, count, true);
	const enum vmbase_error error = note(vmbase_tracker_unmap(range(begin, count * PAGE)));

	if (!is_mapped) {
		assert_int_equal(error, VMBASE_ERROR_NOT_FOUND);
		return;
	}
	for (size_t i = first; i < first + count; i++) {
		if (error == VMBASE_ERROR_DENIED) {
			// A page that the guard released waits for its first access again.
			assert_true(is_mmio);
			pages[i] = fake_kind_at(MODEL_MMIO + i * PAGE);
			assert_int_not_equal(pages[i], 0);
		} else {
			assert_int_equal(error, VMBASE_OK);
			if (!is_mmio || --model.users[i] == 0) {
				pages[i] = (enum vmbase_map_kind)0;
			}
		}
		if (!is_mmio && model.is_dirty[i]) {
			model.is_dirty[i] = false;
			model.cleaned += PAGE;
		}
	}
}

static void step_access(size_t page)
{
	const enum vmbase_error error =
		note(vmbase_tracker_handle_translation_fault(MODEL_MMIO + page * PAGE + random_below(PAGE)));

	if (model.mmio[page] != VMBASE_MAP_DEVICE_LAZY) {
		assert_int_equal(error, VMBASE_ERROR_NOT_FOUND);
	} else if (error == VMBASE_OK) {
		model.mmio[page] = VMBASE_MAP_DEVICE;
	} else {
		assert_int_equal(error, VMBASE_ERROR_DENIED);
	}
}

static void step_write(size_t page)
{
	const enum vmbase_error error =
		note(vmbase_tracker_handle_permission_fault(MODEL_RAM + page * PAGE + random_below(PAGE)));

	if (model.ram[page] != VMBASE_MAP_DATA_TRACKED) {
		assert_int_equal(error, VMBASE_ERROR_NOT_FOUND);
	} else {
		assert_int_equal(error, VMBASE_OK);
		model.is_dirty[page] = true;
	}
}

static void clean_all(void)
{
	for (size_t i = 0; i < PAGES; i++) {
		model.cleaned += model.is_dirty[i] ? PAGE : 0;
		model.is_dirty[i] = false;
	}
}

static void step_stop(void)
{
	// The fake TLB does not see the switch of the maps, which invalidates all entries.
	fake_tlb_settle();
	fake_tlb_stop();
	enum vmbase_error error = note(vmbase_tracker_stop());

	clean_all();
	if (error != VMBASE_OK) {
		assert_int_equal(error, VMBASE_ERROR_DENIED);
		for (size_t i = 0; i < PAGES; i++) {
			assert_int_equal(model.mmio[i] != 0, fake_kind_at(MODEL_MMIO + i * PAGE) != 0);
			model.mmio[i] = fake_kind_at(MODEL_MMIO + i * PAGE);
		}
		fake_tlb_watch(&vmb_tracker.table, MODEL_RAM, PAGES);
		return;
	}
	assert_int_equal(fake_machine.guarded_count, 0);
	assert_int_equal(fake_machine.tables_given, 0);
	memset(model.ram, 0, sizeof(model.ram));
	memset(model.mmio, 0, sizeof(model.mmio));
	memset(model.users, 0, sizeof(model.users));
	fake_machine.table_limit = FAKE_TABLES;
	assert_int_equal(vmbase_tracker_start(range(RAM, RAM_END - RAM), &fake_table_pages), VMBASE_OK);
	fake_tlb_watch(&vmb_tracker.table, MODEL_RAM, PAGES);
}

static void step(void)
{
	const bool is_mmio = random_below(2) != 0;
	const size_t first = random_below(PAGES);
	const size_t count = 1 + random_below(random_below(4) == 0 ? PAGES - first : 2 < PAGES - first ? 2 : 1);

	// In some steps no page is left, and the guard refuses one of the next calls.
	fake_machine.table_limit = random_below(8) == 0 ? fake_machine.tables_given : FAKE_TABLES;
	fake_machine.guard_refuses_call = fake_machine.guard_calls + random_below(16);
	switch (random_below(100)) {
	case 0:
		step_stop();
		break;
	case 1:
		assert_int_equal(note(vmbase_tracker_flush()), VMBASE_OK);
		clean_all();
		break;
	default:
		switch (random_below(4)) {
		case 0:
			step_map(is_mmio, first, count);
			break;
		case 1:
			step_unmap(is_mmio, first, count);
			break;
		case 2:
			step_access(first);
			break;
		default:
			step_write(first);
			break;
		}
	}
}

static void assert_as_modelled(void)
{
	bool guarded[2 * PAGES] = { false }; // index: number of the granule from GRANULES on
	size_t guarded_count = 0;

	for (size_t i = 0; i < PAGES; i++) {
		const uintptr_t device = MODEL_MMIO + i * PAGE;

		assert_int_equal(fake_kind_at(MODEL_RAM + i * PAGE), model.ram[i]);
		assert_int_equal(fake_kind_at(device), model.mmio[i]);
		if (model.ram[i] != 0) {
			assert_int_equal(fake_is_dirty(MODEL_RAM + i * PAGE), model.is_dirty[i]);
		}
		if (fake_machine.guard_granule != 0 && model.mmio[i] == VMBASE_MAP_DEVICE) {
			bool *is_known = &guarded[(device - GRANULES) / fake_machine.guard_granule];

			assert_true(fake_guard_knows(device));
			guarded_count += *is_known ? 0 : 1;
			*is_known = true;
		}
	}
	// The guard has no other granule.
	assert_int_equal(fake_machine.guarded_count, guarded_count);
	assert_int_equal(fake_cpu.clean_bytes, (unsigned int)model.cleaned);
	const struct fake_pages pages = { .given = fake_given_to_the_table() };

	assert_true(fake_table_is_sound(&vmb_tracker.table, &pages));
}

static void random_sequences_match_the_model(void **state)
{
	static const size_t granules[] = { 0, PAGE, 4 * PAGE, 16 * PAGE };

	(void)state;
	random_begin();
	for (size_t i = 0; i < COUNT(granules); i++) {
		fake_machine_reset();
		memset(&model, 0, sizeof(model));
		fake_machine.guard_granule = granules[i];
		assert_int_equal(vmbase_tracker_start(range(RAM, RAM_END - RAM), &fake_table_pages), VMBASE_OK);
		fake_tlb_watch(&vmb_tracker.table, MODEL_RAM, PAGES);
		for (size_t number = 0; number < STEPS; number++) {
			step();
			if (random_below(8) == 0) {
				assert_as_modelled();
			}
		}
		fake_tlb_settle();
		assert_int_equal(fake_tlb_faults, 0);
	}
	// Each outcome has occurred.
	assert_true(most_users > 3);
	assert_int_not_equal(outcomes[-VMBASE_ERROR_OVERLAP], 0);
	assert_int_not_equal(outcomes[-VMBASE_ERROR_NOT_FOUND], 0);
	assert_int_not_equal(outcomes[-VMBASE_ERROR_NO_MEMORY], 0);
	assert_int_not_equal(outcomes[-VMBASE_ERROR_DENIED], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(random_sequences_match_the_model) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
