// SPDX-License-Identifier: Apache-2.0

// ESR_EL1 in words (Arm DDI 0487, issue K.a, ESR_EL1). Pure logic: it builds on the host.

#ifndef VMB_ESR_H
#define VMB_ESR_H

#include <stdbool.h>
#include <stdint.h>

// Exception classes that the library tells apart.
#define ESR_EC_INSTRUCTION_ABORT_LOWER 0x20
#define ESR_EC_INSTRUCTION_ABORT_CURRENT 0x21
#define ESR_EC_PC_ALIGNMENT 0x22
#define ESR_EC_DATA_ABORT_LOWER 0x24
#define ESR_EC_DATA_ABORT_CURRENT 0x25
#define ESR_EC_BRK 0x3c

struct vmb_esr {
	const char *class_name; // never NULL
	const char *cause;      // the fault status of an abort, what a BRK stands for; else NULL
	int level;              // of the translation that faulted, 0 to 3; -1 where there is none
	bool is_data_abort;     // is_write is known
	bool is_write;
	bool far_valid; // FAR_EL1 holds the address
};

struct vmb_esr vmb_esr_decode(uint64_t esr);

#endif
