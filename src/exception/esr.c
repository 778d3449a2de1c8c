// SPDX-License-Identifier: Apache-2.0

#include "esr.h"

#include <stddef.h>

#define FSC_SYNCHRONOUS_EXTERNAL_ABORT 0x10

// clang's -fsanitize-trap: BRK #('U' << 8 | check).
#define COMMENT_UBSAN 0x5500

static const char *class_name(unsigned int ec)
{
	switch (ec) {
	case 0x00:
		return "unknown reason, such as an undefined instruction";
	case 0x01:
		return "trapped WFI or WFE";
	case 0x07:
		return "trapped FP, SIMD or SVE access";
	case 0x0d:
		return "branch target exception";
	case 0x0e:
		return "illegal execution state";
	case 0x11:
	case 0x15:
		return "SVC";
	case 0x16:
		return "HVC";
	case 0x17:
		return "SMC";
	case 0x18:
		return "trapped system register access";
	case 0x19:
		return "trapped SVE access";
	case 0x1c:
		return "pointer authentication failure";
	case ESR_EC_INSTRUCTION_ABORT_LOWER:
		return "instruction abort from EL0";
	case ESR_EC_INSTRUCTION_ABORT_CURRENT:
		return "instruction abort";
	case ESR_EC_PC_ALIGNMENT:
		return "misaligned PC";
	case ESR_EC_DATA_ABORT_LOWER:
		return "data abort from EL0";
	case ESR_EC_DATA_ABORT_CURRENT:
		return "data abort";
	case 0x26:
		return "misaligned SP";
	case 0x2c:
		return "trapped floating-point exception";
	case 0x2f:
		return "SError";
	case 0x30:
	case 0x31:
		return "breakpoint";
	case 0x32:
	case 0x33:
		return "software step";
	case 0x34:
	case 0x35:
		return "watchpoint";
	case ESR_EC_BRK:
		return "BRK";
	default:
		return "exception of a class that has no name here";
	}
}

// The codes come in groups of four, one for each level of the tables; the others have no level.
static const char *fault_status(unsigned int fsc, int *level)
{
	static const char *const by_level[] = {
		"address size fault",
		"translation fault",
		"access flag fault",
		"permission fault",
		NULL,
		"external abort on a table walk",
		NULL,
		"parity or ECC error on a table walk",
	};
	const char *name = fsc < 0x20 ? by_level[fsc / 4] : NULL;

	if (name != NULL) {
		*level = (int)(fsc % 4);
		return name;
	}
	*level = -1;
	switch (fsc) {
	case FSC_SYNCHRONOUS_EXTERNAL_ABORT:
		return "external abort";
	case 0x11:
		return "tag check fault";
	case 0x18:
		return "parity or ECC error";
	case 0x21:
		return "alignment fault";
	case 0x30:
		return "TLB conflict";
	case 0x34:
		return "unsupported exclusive or atomic access";
	case 0x35:
		return "unsupported exclusive access";
	default:
		return "fault of a status that has no name here";
	}
}

// The checks by number, in the words that name their handlers in the sanitizer's runtime library. One string: a
// table of pointers would take more room than the names.
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

	// Behind the last name is an empty one.
	for (; number > 0 && *name != '\0'; number--) {
		while (*name++ != '\0') {
		}
	}
	return *name != '\0' ? name : "a check that has no name here";
}

// What compilers emit BRK for: clang, GCC, and Linux's conventions that clang follows.
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
	bool is_abort =
		is_data_abort || ec == ESR_EC_INSTRUCTION_ABORT_LOWER || ec == ESR_EC_INSTRUCTION_ABORT_CURRENT;
	struct vmb_esr decoded = {
		.class_name = class_name(ec),
		.level = -1,
		.is_data_abort = is_data_abort,
		.is_write = is_data_abort && (esr & ESR_WNR) != 0,
		.far_valid = ec == ESR_EC_PC_ALIGNMENT,
	};

	if (is_abort) {
		unsigned int fsc = ESR_FSC(esr);

		decoded.cause = fault_status(fsc, &decoded.level);
		// FnV has a meaning for the external abort only.
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
