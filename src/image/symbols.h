// SPDX-License-Identifier: Apache-2.0

// Symbols that linker/sections.ld defines.

#ifndef VMB_LAYOUT_H
#define VMB_LAYOUT_H

#include "../base/align.h"

// The bytes that are mapped at vmb_console_alias.
#define VMB_CONSOLE_ALIAS_BYTES VMB_PAGE_SIZE

#ifndef __ASSEMBLER__

#include <stdint.h>

extern const char vmb_text_begin[], vmb_text_end[];
extern const char vmb_rodata_begin[], vmb_rodata_end[];
extern const char vmb_data_begin[], vmb_data_end[];
extern const char vmb_bss_begin[], vmb_bss_end[];
extern const char vmb_noinit_begin[], vmb_noinit_end[]; // including the rest of its last block
extern const char vmb_console_alias[];                  // virtual page of the console if its physical page is 0
extern const char vmb_main_stack_guard_begin[];
extern const char vmb_main_stack_begin[], vmb_main_stack_end[];
extern const char vmb_exception_stack_begin[], vmb_exception_stack_end[];
extern const char vmb_dtb_begin[], vmb_dtb_end[];
extern uint64_t vmb_page_tables_begin[], vmb_page_tables_end[];
extern const char vmb_binary_end[];
extern const char vmb_image_end[];
extern const unsigned char vmb_build_id_begin[], vmb_build_id_end[];
extern const uint8_t vmb_symbol_names_begin[], vmb_symbol_names_end[];
extern const uintptr_t vmb_text_linked; // the link-time value of vmb_text_begin
extern const char vmb_ram_begin[], vmb_ram_end[];

#endif

#endif
