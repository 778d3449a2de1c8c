// SPDX-License-Identifier: Apache-2.0

// Decodes the instructions after an interruption until one uses the return address.

#include "return_register.h"

#include <stdbool.h>

#define LR 30
#define IS_LOAD (UINT32_C(1) << 22)

// What an instruction reveals about the return address or about the next instruction.
enum meaning {
	IN_LR,
	IN_RN, // in the register of bits 9 to 5
	IN_RM, // in the register of bits 20 to 16
	IN_RECORD,
	SAVED_OR_LOADED, // stored or loaded, by bit 22
	BRANCH,
	BRANCH_TO_REGISTER,
	BRANCH_ON_CONDITION,
	BRANCH_ON_BIT,
	NO_SUCCESSOR,
	OTHER,
};

// Arm DDI 0487, issue K.a, A64 instruction set encoding. The first entry that matches counts.
static const struct {
	uint32_t mask, value;
} instructions[] = {
	{ 0xfe00001f, 0xa800001e }, // LDP and STP of X30, …, in all forms
	{ 0xfe007c00, 0xa8007800 }, // LDP and STP of …, X30, in all forms
	{ 0xff80001f, 0xf900001e }, // LDR and STR of X30, by an unsigned offset
	{ 0xffa0001f, 0xf800001e }, // LDR and STR of X30, in the other forms
	{ 0xff8003ff, 0x910003fd }, // ADD X29, SP, #…: MOV X29, SP too
	{ 0xffffffe0, 0xaa1e03e0 }, // MOV …, X30
	{ 0xfffffbff, 0xd65f0bff }, // RETAA, RETAB
	{ 0xfffffc1f, 0xd65f0000 }, // RET
	{ 0xffe0ffff, 0xaa0003fe }, // MOV X30, …
	{ 0xfc000000, 0x94000000 }, // BL
	{ 0xfefff000, 0xd63f0000 }, // BLR, and BLRAA, BLRAB, BLRAAZ, BLRABZ
	{ 0xfc000000, 0x14000000 }, // B
	{ 0xfefff000, 0xd61f0000 }, // BR, and BRAA, BRAB, BRAAZ, BRABZ
	{ 0xff000000, 0x54000000 }, // B.cond
	{ 0x7e000000, 0x34000000 }, // CBZ, CBNZ
	{ 0x7e000000, 0x36000000 }, // TBZ, TBNZ
	{ 0xffe0001f, 0xd4200000 }, // BRK
};
#define INSTRUCTION_COUNT (sizeof(instructions) / sizeof(instructions[0]))

// clang-format off
static const uint8_t meanings[] = {
	SAVED_OR_LOADED, SAVED_OR_LOADED, SAVED_OR_LOADED, SAVED_OR_LOADED,
	IN_LR, IN_LR, IN_LR, IN_RN, IN_RM,
	IN_RECORD, IN_RECORD,
	BRANCH, BRANCH_TO_REGISTER, BRANCH_ON_CONDITION, BRANCH_ON_CONDITION, BRANCH_ON_BIT,
	NO_SUCCESSOR,
	OTHER,
};
// clang-format on
_Static_assert(sizeof(meanings) == INSTRUCTION_COUNT + 1,
	       "a meaning for each instruction, and one for all others");

// More instructions than on a path through any function.
#define STEPS_MAX 1024

static enum meaning meaning_of(uint32_t word)
{
	size_t i = 0;

	while (i < INSTRUCTION_COUNT && (word & instructions[i].mask) != instructions[i].value) {
		i++;
	}
	return (enum meaning)meanings[i];
}

// Returns the index that a branch at `index` jumps to. The immediate has `bits` bits, from bit `shift` up.
static size_t target(size_t index, uint32_t word, unsigned int shift, unsigned int bits)
{
	return index + (size_t)(int64_t)((int32_t)(word << (32 - shift - bits)) >> (32 - bits));
}

// XZR is no register with an address: a function that sets X30 to 0 never returns.
static int general_register(uint32_t number)
{
	return number <= LR ? (int)number : RETURN_REGISTER_NONE;
}

int vmb_return_register(const uint32_t *code, size_t count, size_t index)
{
	// The highest target of the branches so far: the way out of a loop.
	size_t furthest = 0;
	bool is_tail_call = false;

	for (int step = 0; step < STEPS_MAX && index < count; step++) {
		const uint32_t word = code[index];
		size_t next = index + 1;
		size_t other = 0;

		switch (meaning_of(word)) {
		case IN_LR:
			return LR;
		case IN_RN:
			return general_register(word >> 5 & 31);
		case IN_RM:
			return general_register(word >> 16 & 31);
		case IN_RECORD:
			return RETURN_REGISTER_NONE;
		case SAVED_OR_LOADED:
			return (word & IS_LOAD) != 0 ? RETURN_REGISTER_NONE : LR;
		case BRANCH:
			next = target(index, word, 0, 26);
			break;
		case BRANCH_ON_CONDITION:
			other = target(index, word, 5, 19);
			break;
		case BRANCH_ON_BIT:
			other = target(index, word, 5, 14);
			break;
		case BRANCH_TO_REGISTER:
			is_tail_call = true;
			next = 0;
			break;
		case NO_SUCCESSOR:
			next = 0;
			break;
		case OTHER:
			break;
		}
		furthest = other > furthest ? other : furthest;
		if (next <= index && furthest > index) {
			next = furthest;
		}
		index = next != 0 ? next : count;
	}
	// A BR on the only path is a tail call, not a jump by a table.
	return is_tail_call ? LR : RETURN_REGISTER_NONE;
}
