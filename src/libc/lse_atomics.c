// SPDX-License-Identifier: Apache-2.0

// Outline atomics (-moutline-atomics, and Debian's picolibc) choose between FEAT_LSE's instructions and loops
// of LDXR and STXR by this variable. libgcc's own asks Linux for the answer, which a guest cannot.

#include "../arch/cpu.h"
#include "../arch/sysreg.h"

#include <stdbool.h>

extern bool __aarch64_have_lse_atomics;

// Before the constructor has run, the loops are right too.
bool __aarch64_have_lse_atomics;

__attribute__((constructor)) static void find_lse(void)
{
	__aarch64_have_lse_atomics =
		VMB_ID_FIELD(vmb_cpu_isar0(), ID_AA64ISAR0_ATOMIC_SHIFT) >= ID_AA64ISAR0_ATOMIC_LSE;
}
