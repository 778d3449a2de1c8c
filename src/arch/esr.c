// SPDX-License-Identifier: Apache-2.0

// The tables of names for ESR_EL1, and their lookup.

#include "esr.h"

#include <stddef.h>

#define FSC_SYNCHRONOUS_EXTERNAL_ABORT 0x10

// clang's -fsanitize-trap: BRK #('U' << 8 | check).
#define COMMENT_UBSAN 0x5500

#define CODES 2

// The names of one kind are one string: tables of pointers would take more room than the names. Before each
// name are the first and the last code that it stands for.

// Exception classes (ESR_EL1, EC).
static const char class_names[] = {
#include "esr_classes.inc"
};

// Fault statuses of aborts (ESR_EL1, ISS encoding for an exception from an Instruction Abort and from a Data
// Abort, IFSC and DFSC). Between the codes and the name is LEVEL_BIAS plus the level of the tables that belongs
// to the last code.
#define LEVEL_BIAS 2
#define NONE "\x06"
#define LEVEL_3 "\x05"
#define LEVEL_MINUS_1 "\x01"
#define LEVEL_MINUS_2 "\x00"
_Static_assert(sizeof(NONE) == 2 && VMB_ESR_NO_LEVEL == 6 - LEVEL_BIAS, "NONE is no level");

// clang-format off
static const char status_names[] =
	"\x00\x03" LEVEL_3 "address size fault\0"
	"\x04\x07" LEVEL_3 "translation fault\0"
	"\x08\x0b" LEVEL_3 "access flag fault\0"
	"\x0c\x0f" LEVEL_3 "permission fault\0"
	"\x10\x10" NONE "external abort\0"
	"\x11\x11" NONE "tag check fault\0"
	"\x12\x17" LEVEL_3 "external abort on a table walk\0"
	"\x18\x18" NONE "parity or ECC error\0"
	"\x1b\x1f" LEVEL_3 "parity or ECC error on a table walk\0"
	"\x21\x21" NONE "alignment fault\0"
	"\x22\x27" LEVEL_3 "granule protection fault on a table walk\0"
	"\x28\x28" NONE "granule protection fault\0"
	"\x29\x29" LEVEL_MINUS_1 "address size fault\0"
	"\x2a\x2b" LEVEL_MINUS_1 "translation fault\0"
	"\x2c\x2c" LEVEL_MINUS_2 "address size fault\0"
	"\x30\x30" NONE "TLB conflict\0"
	"\x31\x31" NONE "unsupported hardware update of a table\0"
	"\x34\x34" NONE "lockdown fault\0"
	"\x35\x35" NONE "unsupported exclusive or atomic access";
// clang-format on

// Finds the name of a code. Returns the position of the two codes before it, or NULL. `end` is one past the NUL
// of the last name.
__attribute__((noinline)) static const char *find(const char *names, const char *end, unsigned int code)
{
	while (names < end) {
		if (code >= (unsigned char)names[0] && code <= (unsigned char)names[1]) {
			return names;
		}
		// Skips the codes and the byte after them: a level, which may be 0, or the name's first
		// character.
		for (names += CODES + 1; *names != '\0'; names++) {
		}
		names++;
	}
	return NULL;
}

static const char *class_name(unsigned int ec)
{
	const char *found = find(class_names, class_names + sizeof(class_names), ec);

	return found != NULL ? found + CODES : "exception of a class that has no name here";
}

static const char *fault_status(unsigned int fsc, int *level)
{
	const char *found = find(status_names, status_names + sizeof(status_names), fsc);

	if (found == NULL) {
		return "fault of a status that has no name here";
	}
	*level = found[CODES] - LEVEL_BIAS - (found[1] - (int)fsc);
	return found + CODES + 1;
}

// The checks in the order of their numbers, under the names that their handlers have in the sanitizer's
// run-time library.
static const char ubsan_checks[] = "add overflow\0"
				   "builtin unreachable\0"
				   "CFI check\0"
				   "division overflow\0"
				   "dynamic type\0"
				   "float cast overflow\0"
				   "function type mismatch\0"
				   "implicit conversion\0"
				   "invalid builtin\0"
				   "invalid ObjC cast\0"
				   "load of an invalid value\0"
				   "missing return\0"
				   "mul overflow\0"
				   "negate overflow\0"
				   "nullability of an argument\0"
				   "nullability of a return\0"
				   "nonnull argument\0"
				   "nonnull return\0"
				   "out of bounds\0"
				   "pointer overflow\0"
				   "shift out of bounds\0"
				   "sub overflow\0"
				   "type mismatch\0"
				   "alignment assumption\0"
				   "VLA bound not positive\0";

static const char *ubsan_check(unsigned int number)
{
	const char *name = ubsan_checks;

	// An empty name ends the list.
	for (; number > 0 && *name != '\0'; number--) {
		while (*name++ != '\0') {
		}
	}
	return *name != '\0' ? name : "a check that has no name here";
}

// Returns why a compiler has emitted a BRK, or NULL: clang, GCC, and Linux's conventions that clang follows.
static const char *brk_cause(unsigned int comment)
{
	switch (comment) {
	case 0x1:
	case 0x3e8:
		return "__builtin_trap";
	case 0xf000:
		return "__builtin_debugtrap";
	default:
		return (comment & 0xfc00) == 0x8000 ? "KCFI type mismatch" : NULL;
	}
}

struct vmb_esr vmb_esr_decode(uint64_t esr)
{
	unsigned int ec = ESR_EC(esr);
	bool is_data_abort = ec == ESR_EC_DATA_ABORT_LOWER || ec == ESR_EC_DATA_ABORT_CURRENT;
	bool is_watchpoint = ec == ESR_EC_WATCHPOINT_LOWER || ec == ESR_EC_WATCHPOINT_CURRENT;
	struct vmb_esr decoded = {
		.class_name = class_name(ec),
		.level = VMB_ESR_NO_LEVEL,
		.is_access = is_data_abort || is_watchpoint,
		.is_write = (is_data_abort || is_watchpoint) && (esr & ESR_WNR) != 0,
		.far_valid = ec == ESR_EC_PC_ALIGNMENT || (is_watchpoint && (esr & ESR_FNV) == 0),
	};

	if (is_data_abort || ec == ESR_EC_INSTRUCTION_ABORT_LOWER || ec == ESR_EC_INSTRUCTION_ABORT_CURRENT) {
		unsigned int fsc = ESR_FSC(esr);

		decoded.cause = fault_status(fsc, &decoded.level);
		// FnV is defined for the external abort only.
		decoded.far_valid = fsc != FSC_SYNCHRONOUS_EXTERNAL_ABORT || (esr & ESR_FNV) == 0;
	}
	if (ec == ESR_EC_BRK) {
		unsigned int comment = ESR_COMMENT(esr);

		if ((comment & 0xff00) == COMMENT_UBSAN) {
			decoded.class_name = "undefined behaviour";
			decoded.cause = ubsan_check(comment & 0xff);
		} else {
			decoded.cause = brk_cause(comment);
		}
	}
	return decoded;
}
