// SPDX-License-Identifier: Apache-2.0

// The block function of ChaCha20 (RFC 8439).

#include "chacha20.h"

#include <string.h>

#define DOUBLE_ROUNDS 10

// "expand 32-byte k"
static const uint32_t constants[] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 };

// The words of each quarter round: columns, then diagonals.
static const uint8_t quarters[][4] = {
	{ 0, 4, 8, 12 },  { 1, 5, 9, 13 },  { 2, 6, 10, 14 }, { 3, 7, 11, 15 },
	{ 0, 5, 10, 15 }, { 1, 6, 11, 12 }, { 2, 7, 8, 13 },  { 3, 4, 9, 14 },
};

static uint32_t rotate(uint32_t word, unsigned int bits)
{
	return word << bits | word >> (32 - bits);
}

static void quarter_round(uint32_t *state, const uint8_t words[4])
{
	uint32_t a = state[words[0]];
	uint32_t b = state[words[1]];
	uint32_t c = state[words[2]];
	uint32_t d = state[words[3]];

	a += b;
	d = rotate(d ^ a, 16);
	c += d;
	b = rotate(b ^ c, 12);
	a += b;
	d = rotate(d ^ a, 8);
	c += d;
	b = rotate(b ^ c, 7);
	state[words[0]] = a;
	state[words[1]] = b;
	state[words[2]] = c;
	state[words[3]] = d;
}

void vmb_chacha20_block(uint32_t block[VMB_CHACHA20_BLOCK_WORDS], const uint32_t key[VMB_CHACHA20_KEY_WORDS],
			const uint32_t tail[VMB_CHACHA20_TAIL_WORDS])
{
	uint32_t state[VMB_CHACHA20_BLOCK_WORDS];

	memcpy(state, constants, sizeof(constants));
	memcpy(&state[4], key, VMB_CHACHA20_KEY_WORDS * sizeof(*key));
	memcpy(&state[12], tail, VMB_CHACHA20_TAIL_WORDS * sizeof(*tail));
	memcpy(block, state, sizeof(state));
	for (int i = 0; i < DOUBLE_ROUNDS; i++) {
		for (size_t quarter = 0; quarter < sizeof(quarters) / sizeof(quarters[0]); quarter++) {
			quarter_round(block, quarters[quarter]);
		}
	}
	for (int i = 0; i < VMB_CHACHA20_BLOCK_WORDS; i++) {
		block[i] += state[i];
	}
	// The state contains the key.
	memset(state, 0, sizeof(state));
	__asm__ volatile("" : : "m"(state));
}
