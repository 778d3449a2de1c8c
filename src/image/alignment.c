// SPDX-License-Identifier: Apache-2.0

// Linked into guests that say VMBASE_CHECK_ALIGNMENT.

#include "../base/align.h"
#include "symbols.h"

#include <vmbase/layout.h>
#include <vmbase/panic.h>

// Before the constructors of the guest.
#define FIRST_PRIORITY 101

// What linker/sections.ld has found: a number, which is no address in an image that relocates itself.
static uintptr_t image_alignment(void)
{
	uintptr_t alignment;

	__asm__("movz %0, #:abs_g1:vmb_image_alignment\n\t"
		"movk %0, #:abs_g0_nc:vmb_image_alignment"
		: "=r"(alignment));
	return alignment;
}

__attribute__((constructor(FIRST_PRIORITY))) void vmbase_check_alignment(void)
{
	const uintptr_t begin = (uintptr_t)vmb_text_begin;
	const uintptr_t alignment = image_alignment();

	if (!vmb_is_aligned(begin, alignment)) {
		vmbase_panic("the image is at 0x%lx, which is no multiple of 0x%lx, to which something in it "
			     "is aligned",
			     (unsigned long)begin, (unsigned long)alignment);
	}
}
