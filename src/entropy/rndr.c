// SPDX-License-Identifier: Apache-2.0

// Reads the CPU's random number generator.

#include <vmbase/entropy.h>

#include "../arch/cpu.h"
#include "../arch/rndr.h"
#include "../arch/sysreg.h"
#include "entropy_sources.h"

#include <stdbool.h>

static bool has_rndr(void)
{
	return VMB_ID_FIELD(vmb_cpu_isar0(), ID_AA64ISAR0_RNDR_SHIFT) != 0;
}

enum vmbase_error vmb_rndr_read(struct vmb_entropy_block *block)
{
	if (!has_rndr()) {
		return VMBASE_ERROR_UNSUPPORTED;
	}
	for (int i = 0; i < VMB_ENTROPY_BLOCK_WORDS; i++) {
		int attempt = 0;

		while (!vmb_rndr(&block->words[i])) {
			if (++attempt == VMBASE_ENTROPY_ATTEMPTS) {
				return VMBASE_ERROR_NO_ENTROPY;
			}
		}
	}
	return VMBASE_OK;
}
