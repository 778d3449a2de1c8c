// SPDX-License-Identifier: Apache-2.0

// Outline atomics (-moutline-atomics, and Debian's picolibc) choose between FEAT_LSE's instructions and loops
// of LDXR and STXR by this variable. libgcc's own asks Linux for the answer, which a guest cannot.

#include "../arch/sysreg.h"

#include <stdbool.h>
#include <stdint.h>

extern bool __aarch64_have_lse_atomics;

// Before the constructor has run, the loops are right too.
bool __aarch64_have_lse_atomics;

__attribute__((constructor)) static void find_lse(void)
{
	uint64_t isar0;

	__asm__("mrs %0, id_aa64isar0_el1" : "=r"(isar0));
	__aarch64_have_lse_atomics =
		((isar0 >> ID_AA64ISAR0_ATOMIC_SHIFT) & ((UINT64_C(1) << ID_AA64ISAR0_ATOMIC_WIDTH) - 1)) >=
		ID_AA64ISAR0_ATOMIC_LSE;
}
