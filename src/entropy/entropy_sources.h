// SPDX-License-Identifier: Apache-2.0

// Where entropy comes from, and the block that it comes in.

#ifndef VMB_ENTROPY_H
#define VMB_ENTROPY_H

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

// Where blocks come from if neither has one. Until this is called there is no such source, and none of its code
// in the image.
typedef enum vmbase_error vmb_entropy_source(struct vmb_entropy_block *block);
void vmb_entropy_set_last_source(vmb_entropy_source *source);

// A block from one of them, with the errors of vmbase_entropy_fill(). Its first word is only for
// comparing blocks: it may be known. No other reader gets the same block.
enum vmbase_error vmb_entropy_read_block(struct vmb_entropy_block *block);

// Clears a block that is not needed any more.
static inline void vmb_entropy_wipe(struct vmb_entropy_block *block)
{
	*block = (struct vmb_entropy_block){ 0 };
	// The compiler, which would drop the store, is told that somebody reads it.
	__asm__ volatile("" : : "m"(*block));
}

#endif
