// SPDX-License-Identifier: Apache-2.0

// Where entropy comes from.

#ifndef VMB_ENTROPY_SOURCES_H
#define VMB_ENTROPY_SOURCES_H

#include <vmbase/error.h>

#include <stdint.h>

// What a source gives at a time: as much as one call of a TRNG gives at the most.
#define VMB_ENTROPY_BLOCK_WORDS 3

struct vmb_entropy_block {
	uint64_t words[VMB_ENTROPY_BLOCK_WORDS];
};

// Each fills a block, or says VMBASE_ERROR_UNSUPPORTED where there is no such source and
// VMBASE_ERROR_NO_ENTROPY where it gave nothing; what the block holds then is of no use.

// The hypervisor's or firmware's (Arm DEN 0098, issue 1.0).
enum vmbase_error vmb_trng_read(struct vmb_entropy_block *block);

// The CPU's (Arm DDI 0487, issue K.a, RNDR).
enum vmbase_error vmb_rndr_read(struct vmb_entropy_block *block);

#endif
