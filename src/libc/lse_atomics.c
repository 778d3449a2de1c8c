// SPDX-License-Identifier: Apache-2.0

// Tells outline atomics (-moutline-atomics, and Debian's picolibc) whether the CPU has FEAT_LSE's instructions;
// otherwise they use loops of LDXR and STXR. libgcc's own version asks Linux, which a guest cannot do.

#include "../arch/cpu.h"
#include "../arch/sysreg.h"

#include <stdbool.h>

extern bool __aarch64_have_lse_atomics;

// The loops also work on a CPU with FEAT_LSE, so code before this constructor is correct.
bool __aarch64_have_lse_atomics;

__attribute__((constructor)) static void find_lse(void)
{
	__aarch64_have_lse_atomics =
		VMB_ID_FIELD(vmb_cpu_isar0(), ID_AA64ISAR0_ATOMIC_SHIFT) >= ID_AA64ISAR0_ATOMIC_LSE;
}
