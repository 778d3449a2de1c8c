// SPDX-License-Identifier: Apache-2.0

// The ranges of the image, for <vmbase/layout.h>.

#include <vmbase/layout.h>

#include "symbols.h"

#define RANGE(name)                                                                                            \
	(struct vmbase_range)                                                                                  \
	{                                                                                                      \
		.begin = (uintptr_t)vmb_##name##_begin, .end = (uintptr_t)vmb_##name##_end                     \
	}

struct vmbase_range vmbase_layout_text(void)
{
	return RANGE(text);
}

struct vmbase_range vmbase_layout_rodata(void)
{
	return RANGE(rodata);
}

struct vmbase_range vmbase_layout_data(void)
{
	return RANGE(data);
}

struct vmbase_range vmbase_layout_bss(void)
{
	return RANGE(bss);
}

struct vmbase_range vmbase_layout_main_stack(void)
{
	return RANGE(main_stack);
}

struct vmbase_range vmbase_layout_exception_stack(void)
{
	return RANGE(exception_stack);
}

uintptr_t vmbase_layout_binary_end(void)
{
	return (uintptr_t)vmb_binary_end;
}
