// SPDX-License-Identifier: Apache-2.0

// The addresses of the running image's parts, of the console and of the RAM.
//
// The platforms of this library map memory to itself: an address is both virtual and physical. The only
// exception is a console at the physical address 0.

#ifndef VMBASE_LAYOUT_H
#define VMBASE_LAYOUT_H

#include <vmbase/range.h>

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Returns the executable code, which is read-only and begins at the load address of the image.
//
// Context: any
struct vmbase_range vmbase_layout_text(void);

// Returns the constants, which are read-only and not executable. On platform `generic` this is a copy, because
// constants that hold addresses depend on the load address. Large constant data needs less memory as a payload
// (see vmbase_layout_binary_end()).
//
// Context: any
struct vmbase_range vmbase_layout_rodata(void);

// Returns the initialised variables, thread-local variables included. Each boot copies their values from the
// image.
//
// Context: any
struct vmbase_range vmbase_layout_data(void);

// Returns the variables that are zero at each boot.
//
// Context: any
struct vmbase_range vmbase_layout_bss(void);

// Return the stack of main (SP_EL0) and the stack of the handlers (SP_EL1). Below each stack lie guard pages,
// 64 KiB and 16 KiB, which the platforms of this library leave unmapped.
//
// Context: any
struct vmbase_range vmbase_layout_main_stack(void);
struct vmbase_range vmbase_layout_exception_stack(void);

// Returns the page of the console's registers, as the boot maps it, or an empty range if there is no console.
// The page is mapped to itself, unless its physical address is 0: then it is mapped inside of the image, so
// that no null pointer reaches a device.
//
// Context: any
struct vmbase_range vmbase_layout_console(void);

// Returns the physical address of the console's page. The result is valid only if there is a console.
//
// Context: any
struct vmbase_phys vmbase_layout_console_physical(void);

// Returns the place of the device tree:
//
// - platform `generic`: exactly the bytes of the tree that the boot found and checked, or an empty range if
//   there is no tree. The boot has moved a tree that lay in the place of the image's variables.
// - other platforms: the MEMORY region dtb_region, up to the next multiple of 2 MiB, which is the largest size
//   of a tree (Linux, Documentation/arch/arm64/booting.rst). On platform `custom` a guest that calls this
//   function links only if image.ld has a dtb_region.
//
// Context: any
struct vmbase_range vmbase_layout_dtb(void);

// Returns the RAM that the image is in. (<vmbase/ram.h> finds all RAM, and all free RAM.)
//
// - platform `generic`: the device tree's range of RAM that contains the image, or an empty range
// - platform `custom`: an empty range
// - other platforms: the MEMORY region writable_data
//
// Context: any
struct vmbase_range vmbase_layout_ram(void);

// Returns the end of the raw binary in memory: of text and of the values of constants and data. A payload that
// is appended to the binary begins here, or at the next address of its own alignment. On platform `generic` the
// variables follow the binary; the link argument -Wl,--defsym=vmbase_payload_size=0x100000 leaves that many
// bytes of room for a payload before them.
//
// Context: any
uintptr_t vmbase_layout_binary_end(void);

// Checks before main that the load address of the image is a multiple of the largest alignment in the image,
// and panics if it is not. On platform `generic` a guest that aligns an object to more than 4 KiB must have
// this line, outside of any function:
//
//     VMBASE_CHECK_ALIGNMENT;
//
// A VMM that loads the image as a Linux Image loads it at a multiple of 2 MiB. On the other platforms the
// linker script defines the load address.
#define VMBASE_CHECK_ALIGNMENT                                                                                 \
	__attribute__((used)) static void (*const vmbase_alignment_is_checked)(void) = vmbase_check_alignment

// Does the check of VMBASE_CHECK_ALIGNMENT. The boot calls this function as a constructor.
//
// Context: any
void vmbase_check_alignment(void);

#ifdef __cplusplus
}
#endif

#endif
