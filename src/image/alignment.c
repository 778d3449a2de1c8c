// SPDX-License-Identifier: Apache-2.0

// The check that VMBASE_CHECK_ALIGNMENT links into a guest: is the image where its alignment wants it?

#include "../base/align.h"
#include "symbols.h"

#include <vmbase/layout.h>
#include <vmbase/panic.h>

// Before the constructors of the guest.
#define FIRST_PRIORITY 101

// Returns the alignment that linker/sections.ld has computed. It is a number: C would take the symbol for an
// address, and an image that relocates itself would add its offset.
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
