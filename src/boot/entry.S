// SPDX-License-Identifier: Apache-2.0

// From reset to vmb_start(), for an image that runs where it was linked. The VMM enters at _start, at EL1 with the
// MMU and the caches off, DAIF masked, and its boot arguments in x0 to x3 (Linux,
// Documentation/arch/arm64/booting.rst).
//
// No memory is written before the caches are on. So no stale cache line of the host can hide what was written.

#include "../arch/asm.h"
#include "../arch/sysreg.h"
#include "../image/symbols.h"
#include "../console/console_driver.h"
#include "../platform/platform.h"

	.section .init.entry, "ax", %progbits
	.global _start
	.type _start, %function
_start:
	// At another exception level neither the code below nor a reset by HVC would work.
	mrs	x9, CurrentEL
	cmp	x9, #CURRENTEL_EL1
	b.ne	vmb_halt

	// The image contains absolute addresses. If it is not where it was linked, the VM ends as after a crash.
	adr	x9, _start
	adr_l	x10, vmb_text_linked
	ldr	x10, [x10]
	cmp	x9, x10
	b.ne	vmb_give_up

	// From here on an instruction can fault.
	adr_l	x9, vmb_early_vectors
	msr	vbar_el1, x9
	isb	// before the first access that may fault

	// Platform `custom` checks the guest's map. Other platforms do not define this symbol: then the branch goes to
	// the next instruction (Arm IHI 0056, Static AArch64 relocations: a weak undefined symbol).
	.weak	vmb_check_map
	bl	vmb_check_map

	adr_l	x9, vmb_first_mmu
	ldp	x10, x11, [x9, #MMU_REGISTERS_TTBR0]
	ldr	x12, [x9, #MMU_REGISTERS_SCTLR]
	bl	vmb_mmu_on
	b	vmb_enter_c
	.size _start, . - _start

// [[noreturn]] void vmb_no_granule(void)
// [[noreturn]] void vmb_print_and_reset(const char *sentence), in x9
// Prints a sentence on the console with the MMU off, then ends the VM as after a crash. Both kinds of UARTs have the
// data register at their base, where writing one byte is enough. A virtual UART takes a whole sentence without a wait.
	.section .text.vmb_no_granule, "ax", %progbits
	.global vmb_no_granule
	.type vmb_no_granule, %function
vmb_no_granule:
	adr	x9, no_granule
	.global vmb_print_and_reset
vmb_print_and_reset:
	adr_l	x10, vmbase_console
	ldr	x0, [x10, #CONSOLE_BASE]
	// The physical address, which differs if the console is mapped at vmb_console_alias.
	adr_l	x10, vmb_console_alias
	sub	x10, x0, x10
	cmp	x10, #VMB_CONSOLE_ALIAS_BYTES
	csel	x0, x10, x0, lo
1:	ldrb	w1, [x9], #1
	cbz	w1, 2f
	bl	vmbase_mmio_write8
	b	1b
2:	b	vmb_give_up
no_granule:
	.asciz	"vmbase: no 4 KiB granule\n"
	// The linker may place a function of the guest next that states no alignment.
	.balign	4
	.size vmb_no_granule, . - vmb_no_granule
