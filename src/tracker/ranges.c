// SPDX-License-Identifier: Apache-2.0

// Maps and unmaps the guest's ranges, and keeps the ranges of RAM.

#include "../arch/interrupts.h"
#include "tracker_state.h"

#include <vmbase/sharing.h>

static enum vmbase_error follow(const struct vmbase_mapping *mapping, void *context)
{
	uintptr_t *end = context;

	if (mapping->range.begin != *end) {
		return VMBASE_ERROR_NOT_FOUND;
	}
	*end = mapping->range.end;
	return VMBASE_OK;
}

static bool is_all_mapped(struct vmbase_range range)
{
	uintptr_t end = range.begin;

	return vmbase_page_table_walk(&vmb_tracker.table, range, follow, &end) == VMBASE_OK && end == range.end;
}

static enum vmbase_error map(struct vmbase_range range, enum vmbase_tracker_kind kind)
{
	static const enum vmbase_map_kind map_kinds[] = {
		[VMBASE_TRACKER_RODATA] = VMBASE_MAP_RODATA,
		[VMBASE_TRACKER_DATA] = VMBASE_MAP_DATA_TRACKED,
		[VMBASE_TRACKER_DATA_NOFLUSH] = VMBASE_MAP_DATA,
		[VMBASE_TRACKER_MMIO] = VMBASE_MAP_DEVICE_LAZY,
	};
	enum vmbase_error error = vmb_check_range(&vmb_tracker.table, range);

	if (kind < VMBASE_TRACKER_RODATA || kind > VMBASE_TRACKER_MMIO) {
		return VMBASE_ERROR_INVALID_ARGUMENT;
	}
	if (error != VMBASE_OK) {
		return error;
	}
	if (kind == VMBASE_TRACKER_MMIO ? vmb_range_set_overlaps(&vmb_tracker.ram, range)
					: !vmb_range_set_contains(&vmb_tracker.ram, range)) {
		return VMBASE_ERROR_OUT_OF_RANGE;
	}
	// If the console's page is mapped at another address than its own, that mapping stays.
	if (vmb_overlaps_image(range) || (vmb_overlap(range, vmb_tracker.static_map.console) &&
					  !is_all_mapped(vmb_tracker.static_map.console))) {
		return VMBASE_ERROR_OVERLAP;
	}
	error = vmbase_page_table_map(&vmb_tracker.table, range, map_kinds[kind], 0);
	return error == VMBASE_ERROR_OVERLAP && kind == VMBASE_TRACKER_MMIO ? vmb_tracker_map_again(range)
									    : error;
}

enum vmbase_error vmbase_tracker_map(struct vmbase_range range, enum vmbase_tracker_kind kind)
{
	uint64_t interrupts;
	enum vmbase_error error = vmb_tracker_begin(&interrupts);

	if (error == VMBASE_OK) {
		error = map(range, kind);
		vmb_tracker_end(interrupts);
	}
	return error;
}

// The console's page may also belong to another device. The console is always one of its users.
static bool is_last_use_of_console(struct vmbase_range range)
{
	const struct vmbase_range console = vmb_tracker.static_map.console;

	return vmb_overlap(range, console) &&
	       vmb_tracker_next_shared(console.begin, console.end) != console.begin;
}

static enum vmbase_error unmap(struct vmbase_range range)
{
	enum vmbase_error error = vmb_check_range(&vmb_tracker.table, range);

	if (error != VMBASE_OK) {
		return error;
	}
	if (vmb_range_set_overlaps(&vmb_tracker.ram, range) &&
	    !vmb_range_set_contains(&vmb_tracker.ram, range)) {
		return VMBASE_ERROR_OUT_OF_RANGE;
	}
	if (vmb_overlaps_image(range) || is_last_use_of_console(range)) {
		return VMBASE_ERROR_BUSY;
	}
	if (!is_all_mapped(range)) {
		return VMBASE_ERROR_NOT_FOUND;
	}
	error = vmbase_page_table_flush_dirty(&vmb_tracker.table, range);
	if (error == VMBASE_OK) {
		error = vmb_tracker_guard_unmap(range, true);
	}
	return error == VMBASE_OK ? vmb_tracker_remove_users(range) : error;
}

enum vmbase_error vmbase_tracker_unmap(struct vmbase_range range)
{
	uint64_t interrupts;
	enum vmbase_error error = vmb_tracker_begin(&interrupts);

	if (error == VMBASE_OK) {
		error = unmap(range);
		vmb_tracker_end(interrupts);
	}
	return error;
}

static enum vmbase_error refuse_ram(const struct vmbase_mapping *mapping, void *context)
{
	(void)context;
	return mapping->kind == VMBASE_MAP_DEVICE || mapping->kind == VMBASE_MAP_DEVICE_LAZY
		       ? VMBASE_OK
		       : VMBASE_ERROR_BUSY;
}

static enum vmbase_error check_without_ram(uintptr_t begin, uintptr_t end)
{
	const struct vmbase_range range = { begin, end };

	return begin == end ? VMBASE_OK : vmbase_page_table_walk(&vmb_tracker.table, range, refuse_ram, NULL);
}

static enum vmbase_error shrink_ram(struct vmbase_range ram)
{
	enum vmbase_error error = vmb_check_range(&vmb_tracker.table, ram);

	if (error != VMBASE_OK) {
		return error;
	}
	if (!vmb_range_set_contains(&vmb_tracker.ram, ram)) {
		return VMBASE_ERROR_OUT_OF_RANGE;
	}
	for (size_t i = 0; i < vmb_tracker.ram.count && error == VMBASE_OK; i++) {
		const struct vmbase_range each = vmb_tracker.ram.list[i];

		if (!vmb_contains(each, ram)) {
			error = check_without_ram(each.begin, each.end);
			continue;
		}
		error = check_without_ram(each.begin, ram.begin);
		if (error == VMBASE_OK) {
			error = check_without_ram(ram.end, each.end);
		}
	}
	if (error == VMBASE_OK) {
		error = vmbase_sharing_set_ram(ram);
	}
	if (error == VMBASE_OK) {
		vmb_range_set_init(&vmb_tracker.ram, ram);
	}
	return error;
}

enum vmbase_error vmbase_tracker_shrink_ram(struct vmbase_range ram)
{
	uint64_t interrupts;
	enum vmbase_error error = vmb_tracker_begin(&interrupts);

	if (error == VMBASE_OK) {
		error = shrink_ram(ram);
		vmb_tracker_end(interrupts);
	}
	return error;
}

static enum vmbase_error refuse_device(const struct vmbase_mapping *mapping, void *context)
{
	return refuse_ram(mapping, context) == VMBASE_OK ? VMBASE_ERROR_OVERLAP : VMBASE_OK;
}

static enum vmbase_error add_ram(struct vmbase_range ram)
{
	struct vmb_range_set more = vmb_tracker.ram;
	enum vmbase_error error = vmb_check_range(&vmb_tracker.table, ram);

	if (error == VMBASE_OK) {
		error = vmbase_page_table_walk(&vmb_tracker.table, ram, refuse_device, NULL);
	}
	if (error == VMBASE_OK) {
		error = vmb_range_set_add(&more, ram);
	}
	if (error == VMBASE_OK) {
		error = vmbase_sharing_add_ram(ram);
	}
	if (error == VMBASE_OK) {
		vmb_tracker.ram = more;
	}
	return error;
}

enum vmbase_error vmbase_tracker_add_ram(struct vmbase_range ram)
{
	uint64_t interrupts;
	enum vmbase_error error = vmb_tracker_begin(&interrupts);

	if (error == VMBASE_OK) {
		error = add_ram(ram);
		vmb_tracker_end(interrupts);
	}
	return error;
}

enum vmbase_error vmb_tracker_flush(void)
{
	enum vmbase_error error = VMBASE_OK;

	for (size_t i = 0; i < vmb_tracker.ram.count && error == VMBASE_OK; i++) {
		error = vmbase_page_table_flush_dirty(&vmb_tracker.table, vmb_tracker.ram.list[i]);
	}
	return error;
}

enum vmbase_error vmbase_tracker_flush(void)
{
	uint64_t interrupts;
	enum vmbase_error error = vmb_tracker_begin(&interrupts);

	if (error == VMBASE_OK) {
		// The call may take long and may be interrupted. A page that a handler writes in the meantime
		// is dirty again.
		vmb_interrupts_restore(interrupts);
		error = vmb_tracker_flush();
		vmb_tracker_end(interrupts);
	}
	return error;
}
