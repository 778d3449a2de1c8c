// SPDX-License-Identifier: Apache-2.0

// The sources of entropy, which fill blocks.

#ifndef VMB_ENTROPY_H
#define VMB_ENTROPY_H

#include <vmbase/error.h>

#include <stdint.h>

// The words that a source gives at a time: the maximum of one call of a TRNG.
#define VMB_ENTROPY_BLOCK_WORDS 3

struct vmb_entropy_block {
	uint64_t words[VMB_ENTROPY_BLOCK_WORDS];
};

// Each source fills a block. After an error the block's contents are undefined.
//
// Errors:
//   VMBASE_ERROR_UNSUPPORTED  when the machine does not have this source
//   VMBASE_ERROR_NO_ENTROPY   when the source gives no entropy

// Reads the TRNG of the hypervisor or firmware (Arm DEN 0098, issue 1.0).
enum vmbase_error vmb_trng_read(struct vmb_entropy_block *block);

// Reads the CPU's generator (Arm DDI 0487, issue K.a, RNDR).
enum vmbase_error vmb_rndr_read(struct vmb_entropy_block *block);

// Sets the source that is used if the TRNG and the CPU give no block. An image that never calls this does not
// contain the source's code.
typedef enum vmbase_error vmb_entropy_source(struct vmb_entropy_block *block);
void vmb_entropy_set_last_source(vmb_entropy_source *source);

// Reads a block from one of the sources. The first word only serves to compare blocks and may be known to
// others. No other reader gets the same block.
//
// Errors: as vmbase_entropy_fill().
enum vmbase_error vmb_entropy_read_block(struct vmb_entropy_block *block);

// Clears a block that is no longer needed.
static inline void vmb_entropy_wipe(struct vmb_entropy_block *block)
{
	*block = (struct vmb_entropy_block){ 0 };
	// Tells the compiler that the block is read: otherwise it would drop the store.
	__asm__ volatile("" : : "m"(*block));
}

#endif
