// SPDX-License-Identifier: Apache-2.0

// The frame that the vectors save on the exception stack. C and assembly share the offsets.

#ifndef VMB_FRAME_H
#define VMB_FRAME_H

#define FRAME_X(n) (8 * (n))
#define FRAME_X30_SP 240
#define FRAME_SP 248
#define FRAME_ELR_SPSR 256
#define FRAME_ESR_FAR 272
#define FRAME_FPCR_FPSR 288
#define FRAME_RECORD 304
#define FRAME_Q 320
#define FRAME_SIZE 832

// The exception stack's size. A power of two, so that the vectors can check the stack pointer with one shift.
#define EXCEPTION_STACK_SHIFT 14

#ifdef __ASSEMBLER__

// Saves all registers except x0, x1, x30 and the stack pointer, which are in the frame at sp already. The
// second half is a function in vectors.S, since a slot has no room for all.
// Out: x0 frame, x29 its frame record. Clobbers: x2-x5, x30.
// clang-format off
.macro frame_save
	stp	x2, x3, [sp, #FRAME_X(2)]
	stp	x4, x5, [sp, #FRAME_X(4)]
	stp	x6, x7, [sp, #FRAME_X(6)]
	stp	x8, x9, [sp, #FRAME_X(8)]
	stp	x10, x11, [sp, #FRAME_X(10)]
	stp	x12, x13, [sp, #FRAME_X(12)]
	bl	vmb_frame_save
.endm
// clang-format on

#else

#include <vmbase/exceptions.h>

#include <stddef.h>

struct vmb_frame {
	struct vmbase_exception_frame general;
	uint64_t fpcr;
	uint64_t fpsr;
	uint64_t record[2]; // a frame record (AAPCS64, The Frame Pointer): the interrupted x29, and elr
	__uint128_t q[32];
};

_Static_assert(offsetof(struct vmb_frame, general.x[30]) == FRAME_X30_SP, "vectors.S");
_Static_assert(offsetof(struct vmb_frame, general.sp) == FRAME_SP, "vectors.S");
_Static_assert(offsetof(struct vmb_frame, general.elr) == FRAME_ELR_SPSR, "vectors.S");
_Static_assert(offsetof(struct vmb_frame, general.spsr) == FRAME_ELR_SPSR + 8, "vectors.S");
_Static_assert(offsetof(struct vmb_frame, general.esr) == FRAME_ESR_FAR, "vectors.S");
_Static_assert(offsetof(struct vmb_frame, general.far) == FRAME_ESR_FAR + 8, "vectors.S");
_Static_assert(offsetof(struct vmb_frame, fpcr) == FRAME_FPCR_FPSR, "vectors.S");
_Static_assert(offsetof(struct vmb_frame, fpsr) == FRAME_FPCR_FPSR + 8, "vectors.S");
_Static_assert(offsetof(struct vmb_frame, record) == FRAME_RECORD, "vectors.S");
_Static_assert(offsetof(struct vmb_frame, q) == FRAME_Q, "vectors.S");
_Static_assert(sizeof(struct vmb_frame) == FRAME_SIZE, "vectors.S");

#endif

#endif
