// SPDX-License-Identifier: Apache-2.0

// The machine of tracker tests: the implementation.

#include "tracker_fake.h"

#include "../../../src/arch/interrupts.h"
#include "../../../src/tracker/tracker_state.h"

#include <vmbase/hypervisor.h>
#include <vmbase/sharing.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct fake_machine fake_machine;

const struct vmb_region fake_regions[] = {
	{ TEXT, RODATA, BOOT_MAP_CODE },
	{ RODATA, RODATA + 0x910, BOOT_MAP_RODATA },
	{ MAIN_STACK, SECOND_GUARD, BOOT_MAP_DATA },
	{ EXCEPTION_STACK, DATA, BOOT_MAP_DATA },
	{ DATA, PAGE_TABLES - 0x20, BOOT_MAP_DATA },
	{ PAGE_TABLES, IMAGE_END, BOOT_MAP_RODATA },
	{ DTB, DTB + MIB2, BOOT_MAP_RODATA },
	{ CONSOLE, CONSOLE + PAGE, BOOT_MAP_DEVICE },
	{ 0 },
};

// The part of the fake image that gives pages for tables. The pages before and after it are not part of the
// image.
static _Alignas(4096) char memory[FAKE_TABLES + 2][VMBASE_PAGE_SIZE];
static bool is_given[FAKE_TABLES + 2];

struct vmb_static_map vmb_static_map(void)
{
	return (struct vmb_static_map){
		.regions = fake_machine.regions,
		.console = fake_machine.console,
		.writable = { IMAGE_GUARD, IMAGE_END },
		.data = { (uintptr_t)memory[1], (uintptr_t)memory[FAKE_TABLES + 1] },
		.noinit = fake_machine.noinit,
	};
}

static void *allocate(void *context)
{
	size_t i = fake_machine.has_foreign_pages ? 0 : 1;

	assert_ptr_equal(context, &fake_machine);
	if (fake_machine.during_allocation != NULL) {
		fake_machine.during_allocation();
	}
	if (fake_machine.tables_given == fake_machine.table_limit) {
		return NULL;
	}
	while (is_given[i]) {
		i++;
	}
	is_given[i] = true;
	fake_machine.tables_given++;
	memset(memory[i], 0xa7, VMBASE_PAGE_SIZE);
	return memory[i] + fake_machine.misaligned_by;
}

static void release(void *page, void *context)
{
	const size_t i = ((uintptr_t)page - (uintptr_t)memory) / VMBASE_PAGE_SIZE;

	assert_ptr_equal(context, &fake_machine);
	assert_true(is_given[i]);
	is_given[i] = false;
	fake_machine.tables_given--;
}

const struct vmbase_table_pages fake_table_pages = { .allocate = allocate,
						     .free = release,
						     .context = &fake_machine };

void fake_machine_reset(void)
{
	fake_cpu_reset();
	fake_cpu.in_use[VMB_IN_USE_STACK] = (struct vmb_in_use){ range(MAIN_STACK + PAGE, 100), VMB_USE_WRITE };
	fake_machine = (struct fake_machine){
		.regions = fake_regions,
		.console = { CONSOLE, CONSOLE + PAGE },
		.table_limit = FAKE_TABLES,
	};
	memset(is_given, 0, sizeof(is_given));
	vmb_tracker = (struct vmb_tracker){ 0 };
}

const struct vmbase_range fake_ram = { RAM, RAM_END };

int fake_set_up(void **state)
{
	(void)state;
	fake_machine_reset();
	return 0;
}

int fake_set_up_started(void **state)
{
	(void)fake_set_up(state);
	return vmbase_tracker_start(fake_ram, &fake_table_pages) != VMBASE_OK;
}

size_t fake_given_to_the_table(void)
{
	// One more page counts the users of pages.
	return fake_machine.tables_given - (vmb_tracker.shared != NULL ? 1 : 0);
}

int fake_check(void **state)
{
	const struct fake_pages pages = { .given = fake_given_to_the_table() };

	(void)state;
	if (fake_machine.is_masked || vmb_tracker.is_busy) {
		return 1;
	}
	return vmbase_tracker_table() != NULL && !fake_table_is_sound(vmbase_tracker_table(), &pages);
}

uint64_t vmb_interrupts_mask(void)
{
	const bool was_masked = fake_machine.is_masked;

	fake_machine.is_masked = true;
	return was_masked;
}

void vmb_interrupts_restore(uint64_t daif)
{
	fake_machine.is_masked = daif != 0;
}

// The MMIO guard. It implements the functions of <vmbase/hypervisor.h>, not the hypercalls. It asserts that
// no granule is mapped twice, and that only mapped granules are unmapped.

static size_t find_guarded(uint64_t address)
{
	const uint64_t granule = address & ~(uint64_t)(fake_machine.guard_granule - 1);
	size_t i = 0;

	while (i < fake_machine.guarded_count && fake_machine.guarded[i] != granule) {
		i++;
	}
	return i;
}

bool fake_guard_knows(uint64_t address)
{
	return find_guarded(address) != fake_machine.guarded_count;
}

enum vmbase_error vmbase_mmio_guard_granule(size_t *granule_bytes)
{
	if (fake_machine.guard_granule == 0) {
		return VMBASE_ERROR_UNSUPPORTED;
	}
	*granule_bytes = fake_machine.guard_granule;
	return VMBASE_OK;
}

enum vmbase_error vmbase_mmio_guard_map(struct vmbase_phys phys)
{
	if (fake_machine.guard_has_no_unmap && fake_guard_knows(phys.address)) {
		fake_machine.guard_calls++;
		return VMBASE_OK;
	}
	assert_false(fake_guard_knows(phys.address));
	if (++fake_machine.guard_calls == fake_machine.guard_refuses_call) {
		return VMBASE_ERROR_DENIED;
	}
	assert_int_not_equal(fake_machine.guarded_count, FAKE_GRANULES);
	fake_machine.guarded[fake_machine.guarded_count++] =
		phys.address & ~(uint64_t)(fake_machine.guard_granule - 1);
	return VMBASE_OK;
}

enum vmbase_error vmbase_mmio_guard_unmap(struct vmbase_phys phys)
{
	const size_t i = find_guarded(phys.address);

	assert_int_not_equal(i, fake_machine.guarded_count);
	if (++fake_machine.guard_calls == fake_machine.guard_refuses_call) {
		return VMBASE_ERROR_DENIED;
	}
	if (fake_machine.guard_has_no_unmap) {
		return VMBASE_ERROR_UNSUPPORTED;
	}
	fake_machine.guarded[i] = fake_machine.guarded[--fake_machine.guarded_count];
	return VMBASE_OK;
}

enum vmbase_error vmbase_sharing_unshare_all(void)
{
	fake_machine.unshare_all_calls++;
	fake_machine.dirty_at_unshare = fake_cpu.clean_bytes;
	return fake_machine.unshare_all_error;
}

enum vmbase_error vmbase_sharing_set_ram(struct vmbase_range ram)
{
	fake_machine.shared_ram = ram;
	return VMBASE_OK;
}

enum vmbase_error vmbase_sharing_add_ram(struct vmbase_range ram)
{
	if (fake_machine.sharing_add_error == VMBASE_OK) {
		fake_machine.shared_ram = ram;
	}
	return fake_machine.sharing_add_error;
}

enum vmbase_map_kind fake_kind_at(uintptr_t address)
{
	enum vmbase_map_kind kind;

	return vmbase_page_table_translate(&vmb_tracker.table, address, NULL, &kind) == VMBASE_OK
		       ? kind
		       : (enum vmbase_map_kind)0;
}

static enum vmbase_error note_dirty(const struct vmbase_mapping *mapping, void *context)
{
	*(bool *)context = mapping->is_dirty;
	return VMBASE_OK;
}

bool fake_is_dirty(uintptr_t address)
{
	bool is_dirty = false;

	assert_int_equal(vmbase_page_table_walk(&vmb_tracker.table, range(address & ~(PAGE - 1), PAGE),
						note_dirty, &is_dirty),
			 VMBASE_OK);
	return is_dirty;
}

static enum vmbase_error collect(const struct vmbase_mapping *mapping, void *context)
{
	struct fake_mappings *mappings = context;

	assert_true(mappings->count < sizeof(mappings->list) / sizeof(mappings->list[0]));
	mappings->list[mappings->count++] = *mapping;
	return VMBASE_OK;
}

void fake_mappings_of(const struct vmbase_page_table *table, struct fake_mappings *mappings)
{
	mappings->count = 0;
	assert_int_equal(vmbase_page_table_walk(table, range(0, ALL_ADDRESSES), collect, mappings), VMBASE_OK);
}

void fake_assert_same_mappings(const struct fake_mappings *a, const struct fake_mappings *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		assert_int_equal(a->list[i].range.begin, b->list[i].range.begin);
		assert_int_equal(a->list[i].range.end, b->list[i].range.end);
		assert_int_equal(a->list[i].phys.address, b->list[i].phys.address);
		assert_int_equal(a->list[i].kind, b->list[i].kind);
		assert_int_equal(a->list[i].is_dirty, b->list[i].is_dirty);
		assert_int_equal(a->list[i].is_contiguous, b->list[i].is_contiguous);
		assert_int_equal(a->list[i].leaf_bytes, b->list[i].leaf_bytes);
	}
}
