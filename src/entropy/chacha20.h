// SPDX-License-Identifier: Apache-2.0

// The block function of ChaCha20 (RFC 8439), the only part that a random generator needs.

#ifndef VMB_CHACHA20_H
#define VMB_CHACHA20_H

#include <stdint.h>

#define VMB_CHACHA20_KEY_WORDS 8
#define VMB_CHACHA20_TAIL_WORDS 4
#define VMB_CHACHA20_BLOCK_WORDS 16

// Computes the block of the key stream for a key and a `tail`: the counter and the nonce (RFC 8439, 2.3, The
// ChaCha20 Block Function). The words are those of the algorithm; their bytes are little-endian.
void vmb_chacha20_block(uint32_t block[VMB_CHACHA20_BLOCK_WORDS], const uint32_t key[VMB_CHACHA20_KEY_WORDS],
			const uint32_t tail[VMB_CHACHA20_TAIL_WORDS]);

#endif
