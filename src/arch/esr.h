// SPDX-License-Identifier: Apache-2.0

// Decodes ESR_EL1 into words (Arm DDI 0487, issue K.a, ESR_EL1). It also builds for the host.

#ifndef VMB_ESR_H
#define VMB_ESR_H

#include <stdbool.h>
#include <stdint.h>

// Exception classes that the library distinguishes.
#define ESR_EC(esr) ((unsigned int)((esr) >> 26) & 0x3f)
#define ESR_EC_INSTRUCTION_ABORT_LOWER 0x20
#define ESR_EC_INSTRUCTION_ABORT_CURRENT 0x21
#define ESR_EC_PC_ALIGNMENT 0x22
#define ESR_EC_DATA_ABORT_LOWER 0x24
#define ESR_EC_DATA_ABORT_CURRENT 0x25
#define ESR_EC_WATCHPOINT_LOWER 0x34
#define ESR_EC_WATCHPOINT_CURRENT 0x35
#define ESR_EC_BRK 0x3c

// Fields of the syndrome of an abort or a watchpoint. The status of some faults includes the level of the
// tables.
#define ESR_FSC(esr) ((unsigned int)(esr)&0x3f)
#define ESR_FSC_LEVEL_MASK 0x03u
#define ESR_FSC_TRANSLATION_FAULT 0x04
#define ESR_FSC_PERMISSION_FAULT 0x0c
#define ESR_WNR UINT64_C(0x40)  // a write, not a read
#define ESR_FNV UINT64_C(0x400) // FAR not valid

// The immediate of a BRK.
#define ESR_COMMENT(esr) ((unsigned int)(esr)&0xffff)

#define VMB_ESR_NO_LEVEL 4

struct vmb_esr {
	const char *class_name; // never NULL
	const char *cause;      // the fault status of an abort, or the reason for a BRK; else NULL
	int level;              // of the translation that faulted, -2 to 3, or VMB_ESR_NO_LEVEL
	bool is_access;         // a data abort or a watchpoint: is_write is valid
	bool is_write;
	bool far_valid; // FAR_EL1 holds the address
};

struct vmb_esr vmb_esr_decode(uint64_t esr);

#endif
