// SPDX-License-Identifier: Apache-2.0

// Constants that frame.c and frame_svc.S share.

#ifndef FRAME_TEST_H
#define FRAME_TEST_H

#define REGISTERS_Q 256
#define REGISTERS_FPCR 768
#define REGISTERS_SP 784
#define REGISTERS_SIZE 832

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct registers {
	uint64_t x[31];
	uint64_t unused;
	uint8_t q[32][16];
	uint64_t fpcr;
	uint64_t fpsr;
	uint64_t sp; // at the SVC
	uint64_t sp_before;
	uint64_t nzcv;
	uint64_t skipped; // 1 if the instruction after the SVC was not executed
	uint64_t padding[2];
};

_Static_assert(offsetof(struct registers, q) == REGISTERS_Q, "frame_svc.S");
_Static_assert(offsetof(struct registers, fpcr) == REGISTERS_FPCR, "frame_svc.S");
_Static_assert(offsetof(struct registers, sp) == REGISTERS_SP, "frame_svc.S");
_Static_assert(sizeof(struct registers) == REGISTERS_SIZE, "frame_svc.S");

// Loads all registers from `before` except x29, which stays a frame pointer. Executes SVC 1, and stores all
// registers to `after`. In frame_svc.S.
void svc_with_registers(struct registers *before, struct registers *after);
extern const char after_the_svc[];

// Sets q0 to q31 to all ones, FPCR to another rounding mode, and all flags of FPSR.
void spoil_simd_registers(void);

static inline uint64_t register_pattern(uint64_t number)
{
	return UINT64_C(0x0123456789abcd00) + number;
}

static inline void fill_registers(struct registers *registers)
{
	memset(registers, 0, sizeof(*registers));
	for (uint64_t i = 0; i <= 30; i++) {
		registers->x[i] = register_pattern(i);
	}
	for (size_t i = 0; i < sizeof(registers->q); i++) {
		registers->q[i / 16][i % 16] = (uint8_t)(i * 7 + 3);
	}
	registers->fpcr = UINT64_C(2) << 22; // round towards minus infinity
	registers->fpsr = UINT64_C(1) << 27; // QC
}

#endif

#endif
