// SPDX-License-Identifier: Apache-2.0

// Reads the TRNG of the hypervisor or firmware (Arm DEN 0098, issue 1.0).

#include <vmbase/entropy.h>
#include <vmbase/smccc.h>

#include "../smccc/smccc_call.h"
#include "entropy_sources.h"

#include <stdbool.h>

#define BLOCK_BITS (VMB_ENTROPY_BLOCK_WORDS * UINT64_C(64))

// Return codes (DEN 0098, issue 1.0)
#define TRNG_SUCCESS 0
#define TRNG_NO_ENTROPY (-3)

enum presence { UNKNOWN, ABSENT, PRESENT };
static _Atomic enum presence presence;

// Returns whether there is a TRNG of version 1. Calls TRNG_VERSION only once. DEN 0098 requires a check for
// SMCCC 1.1 before this call, but an earlier SMCCC also answers NOT_SUPPORTED to an unknown function.
static bool has_trng(void)
{
	if (presence == UNKNOWN) {
		uint32_t version = (uint32_t)vmbase_smccc_call(TRNG_VERSION, 0, 0, 0).x[0];

		presence = version >> 16 == 1 ? PRESENT : ABSENT;
	}
	return presence == PRESENT;
}

enum vmbase_error vmb_trng_read(struct vmb_entropy_block *block)
{
	if (!has_trng()) {
		return VMBASE_ERROR_UNSUPPORTED;
	}
	for (int attempt = 0; attempt < VMBASE_ENTROPY_ATTEMPTS; attempt++) {
		struct vmbase_smccc_result result = vmbase_smccc_call(TRNG_RND64, BLOCK_BITS, 0, 0);
		int64_t status = (int64_t)result.x[0];

		if (status == TRNG_SUCCESS) {
			block->words[0] = result.x[1];
			block->words[1] = result.x[2];
			block->words[2] = result.x[3];
			return VMBASE_OK;
		}
		if (status != TRNG_NO_ENTROPY) {
			break;
		}
	}
	return VMBASE_ERROR_NO_ENTROPY;
}
