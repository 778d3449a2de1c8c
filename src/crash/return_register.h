// SPDX-License-Identifier: Apache-2.0

// Where interrupted code has the address that it returns to: in a register, or in a frame record already. Pure
// logic: it builds on the host.

#ifndef VMB_RETURN_REGISTER_H
#define VMB_RETURN_REGISTER_H

#include <stddef.h>
#include <stdint.h>

#define RETURN_REGISTER_NONE (-1)

// Returns the number of the register that has the return address before the instruction code[index] is
// executed, or RETURN_REGISTER_NONE if a frame record has it, or if it cannot be known. Reads nothing outside
// of the code.
//
// It needs no tables: it follows the code until the address is used, which is the same on all paths. An
// instruction that saves the link register, makes the frame pointer or returns means that the register still
// has the address; one that loads the link register, or calls, means that the record has it.
int vmb_return_register(const uint32_t *code, size_t count, size_t index);

#endif
