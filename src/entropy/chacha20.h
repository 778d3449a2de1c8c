// SPDX-License-Identifier: Apache-2.0

// ChaCha20 (RFC 8439), of which a generator needs the block function alone.

#ifndef VMB_CHACHA20_H
#define VMB_CHACHA20_H

#include <stdint.h>

#define VMB_CHACHA20_KEY_WORDS 8
#define VMB_CHACHA20_TAIL_WORDS 4
#define VMB_CHACHA20_BLOCK_WORDS 16

// Puts into `block` the key stream's block for a key and for `tail`, which is the counter and the nonce (RFC
// 8439, 2.3, The ChaCha20 Block Function). Words are those of the algorithm; as bytes they are little-endian.
void vmb_chacha20_block(uint32_t block[VMB_CHACHA20_BLOCK_WORDS], const uint32_t key[VMB_CHACHA20_KEY_WORDS],
			const uint32_t tail[VMB_CHACHA20_TAIL_WORDS]);

#endif
