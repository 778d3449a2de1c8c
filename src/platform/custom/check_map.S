// SPDX-License-Identifier: Apache-2.0

// Checks the guest's own map before the MMU uses it. With a wrong map the first fetch would fault, and then each fetch
// of the vector: the VM would hang without a message.

#include "../../arch/asm.h"
#include "../../arch/sysreg.h"
#include "../../base/align.h"

#define LEVEL_1_SHIFT 30
#define LEVEL_3_SHIFT VMB_PAGE_SHIFT
#define LEVEL_BITS 9
#define OUTPUT_ADDRESS_BITS (48 - LEVEL_3_SHIFT)

// void vmb_check_map(void)
// In: MMU off. Clobbers: x9 to x15, flags. Stack: none.
// Walks `idmap` for the first and the last instruction of the text (Arm DDI 0487, issue K.a, Translation table descriptor
// formats). If EL1 cannot execute one of them with SCTLR_EL1.WXN set, prints a message on the console and ends the VM
// as after a crash.
func vmb_check_map
	adr_l	x9, vmb_text_begin
	adr_l	x10, vmb_text_end
	sub	x10, x10, #4
check_address:
	adr_l	x11, idmap
	mov	x12, #LEVEL_1_SHIFT
	// Collects the restrictions of the tables on the way.
	mov	x15, xzr
check_level:
	lsr	x13, x9, x12
	and	x13, x13, #(1 << LEVEL_BITS) - 1
	ldr	x14, [x11, x13, lsl #3]
	tst	x14, #PTE_VALID
	b.eq	not_executable
	tst	x14, #PTE_TABLE_OR_PAGE
	cset	w13, ne
	cmp	x12, #LEVEL_3_SHIFT
	b.eq	last_level
	cbz	w13, check_permissions
	orr	x15, x15, x14
	ubfx	x11, x14, #LEVEL_3_SHIFT, #OUTPUT_ADDRESS_BITS
	lsl	x11, x11, #LEVEL_3_SHIFT
	sub	x12, x12, #LEVEL_BITS
	b	check_level
last_level:
	cbz	w13, not_executable
check_permissions:
	tst	x14, #PTE_AF
	b.eq	not_executable
	tst	x14, #PTE_PXN
	b.ne	not_executable
	tst	x15, #PTE_PXN_TABLE
	b.ne	not_executable
	// WXN: code must be read-only, by its own descriptor or by that of a table.
	tst	x14, #PTE_AP_RDONLY
	b.ne	executable
	tst	x15, #PTE_AP_TABLE_RDONLY
	b.eq	not_executable
executable:
	cmp	x9, x10
	mov	x9, x10
	b.ne	check_address
	ret

not_executable:
	adr	x9, sentence
	b	vmb_print_and_reset
sentence:
	.asciz	"vmbase: idmap forbids code\n"
endfunc vmb_check_map
