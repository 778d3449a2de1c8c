// SPDX-License-Identifier: Apache-2.0

// Keeps the MMIO guard in step with the map: the guard knows a granule as long as one of its pages is DEVICE.

#include "tracker_state.h"

#include <vmbase/hypervisor.h>

static enum vmbase_error stop_at_device(const struct vmbase_mapping *mapping, void *context)
{
	if (mapping->kind != VMBASE_MAP_DEVICE) {
		return VMBASE_OK;
	}
	*(uintptr_t *)context = mapping->range.begin;
	return VMBASE_ERROR_BUSY;
}

// Returns the address of the first DEVICE page of a range, or the end of the range.
static uintptr_t next_device(uintptr_t begin, uintptr_t end)
{
	const struct vmbase_range range = { begin, end };
	uintptr_t found = end;

	if (begin >= end ||
	    vmbase_page_table_walk(&vmb_tracker.table, range, stop_at_device, &found) == VMBASE_OK) {
		return end;
	}
	return found;
}

static bool has_device(uintptr_t begin, uintptr_t end)
{
	return begin < end && next_device(begin, end) < end;
}

enum vmbase_error vmb_tracker_guard_map(uintptr_t address)
{
	size_t granule_bytes;

	if (vmbase_mmio_guard_granule(&granule_bytes) != VMBASE_OK) {
		return VMBASE_OK;
	}
	const struct vmbase_range granule = vmb_around(address, granule_bytes);

	// The boot has told the guard of the console, whose page may be mapped at another address.
	return vmb_overlap(granule, vmb_tracker.static_map.console) || has_device(granule.begin, granule.end)
		       ? VMBASE_OK
		       : vmbase_mmio_guard_map(vmbase_phys_at(address));
}

// Tells the guard to forget the granule of a DEVICE page. This page and the following pages of the granule
// become lazily mapped again.
static enum vmbase_error forget(uintptr_t page, uintptr_t end)
{
	enum vmbase_error error = vmbase_mmio_guard_unmap(vmbase_phys_at(page));

	// This guard cannot forget: the granule stays allowed.
	if (error == VMBASE_ERROR_UNSUPPORTED) {
		error = VMBASE_OK;
	}
	while (error == VMBASE_OK && page < end) {
		error = vmbase_page_table_protect(&vmb_tracker.table, vmb_around(page, VMBASE_PAGE_SIZE),
						  VMBASE_MAP_DEVICE_LAZY);
		page = next_device(page + VMBASE_PAGE_SIZE, end);
	}
	return error;
}

static bool has_shared_device(uintptr_t begin, uintptr_t end)
{
	while ((begin = vmb_tracker_next_shared(begin, end)) < end) {
		if (has_device(begin, begin + VMBASE_PAGE_SIZE)) {
			return true;
		}
		begin += VMBASE_PAGE_SIZE;
	}
	return false;
}

enum vmbase_error vmb_tracker_guard_unmap(struct vmbase_range range, bool keeps_shared)
{
	size_t granule_bytes;
	enum vmbase_error error = VMBASE_OK;

	if (vmbase_mmio_guard_granule(&granule_bytes) != VMBASE_OK) {
		return VMBASE_OK;
	}
	for (uintptr_t page = next_device(range.begin, range.end); page < range.end && error == VMBASE_OK;) {
		const struct vmbase_range granule = vmb_around(page, granule_bytes);
		const uintptr_t begin = vmb_max(granule.begin, range.begin);
		const uintptr_t end = vmb_min(granule.end, range.end);

		// The guard never forgets the console, even if the range contains its page or the page of the
		// image at which it may be mapped.
		if (!vmb_overlap(granule, vmb_tracker.static_map.console) && !vmb_overlaps_image(granule) &&
		    !has_device(granule.begin, range.begin) && !has_device(range.end, granule.end) &&
		    !(keeps_shared && has_shared_device(begin, end))) {
			error = forget(page, end);
		}
		page = next_device(end, range.end);
	}
	return error;
}
