// SPDX-License-Identifier: Apache-2.0

// RAM as <vmbase/ram.h> reports it, for an image that runs at a fixed address.

#include <vmbase/layout.h>
#include <vmbase/ram.h>

#include "../base/align.h"
#include "symbols.h"

struct vmbase_range vmbase_layout_ram(void)
{
	return (struct vmbase_range){ .begin = (uintptr_t)vmb_ram_begin, .end = (uintptr_t)vmb_ram_end };
}

enum vmbase_error vmbase_ram_next(uintptr_t address, struct vmbase_range *range)
{
	struct vmbase_range ram = vmbase_layout_ram();

	if (address > ram.begin) {
		ram.begin = address;
	}
	if (ram.begin >= ram.end) {
		return VMBASE_ERROR_NOT_FOUND;
	}
	*range = ram;
	return VMBASE_OK;
}

enum vmbase_error vmbase_ram_check(void)
{
	return VMBASE_OK;
}

// RAM begins with the variables, stacks and tables of the image. The rest is free.
enum vmbase_error vmbase_ram_next_free(uintptr_t address, struct vmbase_range *range)
{
	uintptr_t begin = (uintptr_t)vmb_image_end;
	const uintptr_t end = vmb_align_down((uintptr_t)vmb_ram_end, VMB_PAGE_SIZE);

	if (address > begin) {
		begin = address;
	}
	if (begin >= end || end - begin < VMB_PAGE_SIZE) {
		return VMBASE_ERROR_NOT_FOUND;
	}
	begin = vmb_align_up(begin, VMB_PAGE_SIZE);
	if (begin == end) {
		return VMBASE_ERROR_NOT_FOUND;
	}
	*range = (struct vmbase_range){ .begin = begin, .end = end };
	return VMBASE_OK;
}
