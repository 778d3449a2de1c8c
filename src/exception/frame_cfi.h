// SPDX-License-Identifier: Apache-2.0

// Tells a debugger how to get from a struct vmb_frame to the interrupted code (DWARF 5, 6.4 Call Frame
// Information; register numbers: Arm, DWARF for the Arm 64-bit Architecture). The image does not contain it.
//
// The bytes are written out because the assembler's directives cannot mark a signal frame in .debug_frame. A
// signal frame was not called: its return address is that of the interrupted instruction, not one after a call,
// and it has a stack of its own.

#ifndef VMB_FRAME_CFI_H
#define VMB_FRAME_CFI_H

#include "frame.h"

// clang-format knows C only.
// clang-format off

#define DWARF_SP 31
#define DWARF_PC 32
#define DW_CFA_NOP 0x00
#define DW_CFA_DEF_CFA 0x0c
#define DW_CFA_OFFSET 0x80
#define DWARF_WORD 8

// The common information entry: the rules for all code with a complete frame at sp. Once in a file.
.macro frame_cie
	.pushsection .debug_frame, "", %progbits
.Lframe_cie:
	.long	.Lframe_cie_end - .Lframe_cie - 4
	.long	0xffffffff	// a CIE
	.byte	4		// the version
	.asciz	"S"		// a signal frame
	.byte	DWARF_WORD, 0	// addresses have 8 bytes, and no segment
	.uleb128 1
	.sleb128 -DWARF_WORD	// the unit of DW_CFA_offset
	.uleb128 DWARF_PC	// the return address
	.byte	DW_CFA_DEF_CFA
	.uleb128 DWARF_SP
	.uleb128 FRAME_SIZE
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
	frame_cfi_offset \n, FRAME_X(\n)
	.endr
	frame_cfi_offset DWARF_SP, FRAME_SP
	frame_cfi_offset DWARF_PC, FRAME_ELR_SPSR
	.balign	4, DW_CFA_NOP
.Lframe_cie_end:
	.popsection
.endm

.macro frame_cfi_offset register, offset
	.byte	DW_CFA_OFFSET | \register
	.uleb128 (FRAME_SIZE - (\offset)) / DWARF_WORD
.endm

// A frame description entry: from begin up to end, a complete frame is at sp.
.macro frame_fde begin, end
	.pushsection .debug_frame, "", %progbits
	.long	4 + 2 * DWARF_WORD
	.long	.Lframe_cie
	.quad	\begin
	.quad	\end - \begin
	.popsection
.endm

#endif
