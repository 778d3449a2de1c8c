// SPDX-License-Identifier: Apache-2.0

// Starts and stops the tracker, and handles faults.

#include "tracker_state.h"

#include "../arch/esr.h"
#include "../arch/interrupts.h"

#include <vmbase/sharing.h>

// The ASID of the tracker's table. The first map has ASID 1, and the translations of the boot map are global.
#define ASID 2

struct vmb_tracker vmb_tracker;

// Begins a call, for which the tracker has to be active or not. Interrupts are masked first, so that no
// handler's call changes the state between the check and the call's work.
static enum vmbase_error begin(bool is_active, uint64_t *interrupts)
{
	enum vmbase_error error = VMBASE_OK;

	*interrupts = vmb_interrupts_mask();
	if (vmb_tracker.is_busy) {
		error = VMBASE_ERROR_BUSY;
	} else if (vmb_tracker.table.is_active != is_active) {
		error = is_active ? VMBASE_ERROR_NOT_FOUND : VMBASE_ERROR_BUSY;
	}
	if (error != VMBASE_OK) {
		vmb_interrupts_restore(*interrupts);
		return error;
	}
	vmb_tracker.is_busy = true;
	return VMBASE_OK;
}

enum vmbase_error vmb_tracker_begin(uint64_t *interrupts)
{
	return begin(true, interrupts);
}

void vmb_tracker_end(uint64_t interrupts)
{
	vmb_tracker.is_busy = false;
	vmb_interrupts_restore(interrupts);
}

// Gets a page for a table. Tables are written while the boot map is in force, and their first write must not
// fault. The image's variables are mapped in both maps, so a page has to be one of them.
void *vmb_tracker_allocate(const struct vmbase_table_pages *source)
{
	void *page = source->allocate(source->context);
	const uintptr_t address = (uintptr_t)page;

	if (page != NULL && !vmb_is_image_data((struct vmbase_range){ address, address + VMBASE_PAGE_SIZE })) {
		source->free(page, source->context);
		return NULL;
	}
	return page;
}

static void *allocate(void *context)
{
	return vmb_tracker_allocate(context);
}

static void release(void *page, void *context)
{
	const struct vmbase_table_pages *source = context;

	source->free(page, source->context);
}

// Returns whether the stack in use is one of the image's, which are mapped in both maps.
static bool is_stack_static(void)
{
	struct vmb_in_use in_use[VMB_IN_USE_COUNT];

	vmb_in_use(in_use);
	return vmb_contains(vmb_tracker.static_map.writable, in_use[VMB_IN_USE_STACK].range);
}

static enum vmbase_error start(struct vmbase_range ram, const struct vmbase_table_pages *pages)
{
	const struct vmbase_table_pages own = { .allocate = allocate,
						.free = release,
						.context = &vmb_tracker.source };

	if (pages->physical_offset != 0) {
		return VMBASE_ERROR_INVALID_ARGUMENT;
	}
	vmb_tracker.source = *pages;
	vmb_range_set_init(&vmb_tracker.ram, ram);
	vmb_tracker.static_map = vmb_static_map();
	if (!is_stack_static()) {
		return VMBASE_ERROR_BUSY;
	}
	enum vmbase_error error =
		vmbase_page_table_init(&vmb_tracker.table, &own, VMBASE_TRACKER_VA_BITS, ASID);

	if (error != VMBASE_OK) {
		return error;
	}
	error = vmb_check_range(&vmb_tracker.table, ram);
	if (error == VMBASE_OK && vmb_overlap(ram, vmb_tracker.static_map.console)) {
		error = VMBASE_ERROR_OUT_OF_RANGE;
	}
	if (error == VMBASE_OK) {
		error = vmb_tracker_map_static();
	}
	if (error != VMBASE_OK) {
		// Cannot fail: vmbase_page_table_destroy() fails for an active table only.
		(void)vmbase_page_table_destroy(&vmb_tracker.table);
		return error;
	}
	// The running code and the tables are in the image, which the table already maps.
	vmb_activate(&vmb_tracker.table);
	return VMBASE_OK;
}

enum vmbase_error vmbase_tracker_start(struct vmbase_range ram, const struct vmbase_table_pages *pages)
{
	uint64_t interrupts;
	enum vmbase_error error = begin(false, &interrupts);

	if (error == VMBASE_OK) {
		error = start(ram, pages);
		vmb_tracker_end(interrupts);
	}
	return error;
}

static enum vmbase_error stop(void)
{
	if (!is_stack_static()) {
		return VMBASE_ERROR_BUSY;
	}
	enum vmbase_error error = vmb_tracker_flush();

	if (error == VMBASE_OK) {
		error = vmbase_sharing_unshare_all();
	}
	if (error == VMBASE_OK) {
		error = vmb_tracker_guard_unmap(VMB_TRACKER_ADDRESSES, false);
	}
	if (error == VMBASE_OK) {
		error = vmbase_page_table_deactivate(&vmb_tracker.table);
	}
	if (error == VMBASE_OK) {
		vmb_tracker_forget_users();
		error = vmbase_page_table_destroy(&vmb_tracker.table);
	}
	return error;
}

enum vmbase_error vmbase_tracker_stop(void)
{
	uint64_t interrupts;
	enum vmbase_error error = vmb_tracker_begin(&interrupts);

	if (error == VMBASE_OK) {
		error = stop();
		vmb_tracker_end(interrupts);
	}
	return error;
}

const struct vmbase_page_table *vmbase_tracker_table(void)
{
	return vmb_tracker.table.is_active ? &vmb_tracker.table : NULL;
}

// A fault never comes during a change of the table: a change touches no memory that can fault, and is not
// interrupted. A fault may come while pages are flushed or while the source's functions run, and does no harm
// there.

enum vmbase_error vmbase_tracker_handle_translation_fault(uintptr_t address)
{
	enum vmbase_map_kind kind;

	if (!vmb_tracker.table.is_active ||
	    vmbase_page_table_translate(&vmb_tracker.table, address, NULL, &kind) != VMBASE_OK ||
	    kind != VMBASE_MAP_DEVICE_LAZY) {
		return VMBASE_ERROR_NOT_FOUND;
	}
	enum vmbase_error error = vmb_tracker_guard_map(address);

	return error == VMBASE_OK ? vmbase_page_table_resolve_lazy(&vmb_tracker.table, address) : error;
}

enum vmbase_error vmbase_tracker_handle_permission_fault(uintptr_t address)
{
	if (!vmb_tracker.table.is_active ||
	    vmbase_page_table_handle_dirty_fault(&vmb_tracker.table, address) != VMBASE_OK) {
		return VMBASE_ERROR_NOT_FOUND;
	}
	return VMBASE_OK;
}

enum vmbase_error vmbase_tracker_handle_exception(const struct vmbase_exception_frame *frame)
{
	if (ESR_EC(frame->esr) != ESR_EC_DATA_ABORT_CURRENT) {
		return VMBASE_ERROR_NOT_FOUND;
	}
	switch (ESR_FSC(frame->esr) & ~ESR_FSC_LEVEL_MASK) {
	case ESR_FSC_TRANSLATION_FAULT:
		return vmbase_tracker_handle_translation_fault(frame->far);
	case ESR_FSC_PERMISSION_FAULT:
		return (frame->esr & ESR_WNR) != 0 ? vmbase_tracker_handle_permission_fault(frame->far)
						   : VMBASE_ERROR_NOT_FOUND;
	default:
		return VMBASE_ERROR_NOT_FOUND;
	}
}
