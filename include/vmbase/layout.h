// SPDX-License-Identifier: Apache-2.0

// Where the parts of the running image are. The platforms of this library map memory to itself, so that
// an address is both virtual and physical. The one exception is a console at the physical address 0.

#ifndef VMBASE_LAYOUT_H
#define VMBASE_LAYOUT_H

#include <vmbase/range.h>

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Executable code: read-only. Begins at the address that the image is loaded at.
struct vmbase_range vmbase_layout_text(void);

// Constants: read-only, not executable. On platform `generic` a copy, since those that hold addresses depend on
// where the image is: what is large and only read costs less memory behind the binary, appended to it.
struct vmbase_range vmbase_layout_rodata(void);

// Initialised variables (thread-local ones included), copied out of the image at every boot.
struct vmbase_range vmbase_layout_data(void);

// Variables that are zero at every boot.
struct vmbase_range vmbase_layout_bss(void);

// The stack that main runs on (SP_EL0), and the one that handlers run on (SP_EL1). Below each lies a
// guard that the platforms of this library leave unmapped.
struct vmbase_range vmbase_layout_main_stack(void);
struct vmbase_range vmbase_layout_exception_stack(void);

// The page that has the console's registers, as the boot maps it; empty if there is no console. It is mapped to
// itself unless its physical address is 0: no null pointer may reach a device, so that page is mapped within
// the image.
struct vmbase_range vmbase_layout_console(void);

// The physical address of the console's page. Valid only if there is a console.
uint64_t vmbase_layout_console_physical(void);

// The MEMORY region dtb_region, up to the next multiple of 2 MiB, which is the largest a device tree may
// be (Linux, Documentation/arch/arm64/booting.rst). Platform `custom`: links only if image.ld has a
// dtb_region. Platform `generic`: the tree that was found at boot, sound, from its first to behind its last
// byte; empty if there is none. A tree that lay where the image's variables go has been moved.
struct vmbase_range vmbase_layout_dtb(void);

// The MEMORY region writable_data: the RAM that the guest has without being told of more. Platform `custom`:
// empty. Platform `generic`: of the ranges of RAM that the device tree has the one that the image is in; empty
// if it is in none. <vmbase/ram.h> has what is free of all RAM.
struct vmbase_range vmbase_layout_ram(void);

// The end of the raw binary where it was loaded: text, and the values of constants and of data. A payload
// appended to the binary begins here or at the next address of its own alignment. Platform `generic` puts
// variables right behind the binary, and leaves room before them for as many bytes as the guest's link
// arguments say: -Wl,--defsym=vmbase_payload_size=0x100000.
uintptr_t vmbase_layout_binary_end(void);

// Before main, makes sure that the image is at a multiple of what anything in it is aligned to, and panics if
// not. On platform `generic`, a guest that aligns something to more than 4 KiB says so outside of any function:
//
//     VMBASE_CHECK_ALIGNMENT;
//
// A VMM that takes the image for a Linux Image puts it at a multiple of 2 MiB; elsewhere an image is where its
// linker script says.
#define VMBASE_CHECK_ALIGNMENT                                                                                 \
	__attribute__((used)) static void (*const vmbase_alignment_is_checked)(void) = vmbase_check_alignment
void vmbase_check_alignment(void);

#ifdef __cplusplus
}
#endif

#endif
