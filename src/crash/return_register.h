// SPDX-License-Identifier: Apache-2.0

// Finds the register that has the return address of interrupted code, unless a frame record already has it.
// Pure logic: it builds on the host.

#ifndef VMB_RETURN_REGISTER_H
#define VMB_RETURN_REGISTER_H

#include <stddef.h>
#include <stdint.h>

#define RETURN_REGISTER_NONE (-1)

// Returns the number of the register that has the return address before the instruction code[index] is
// executed. Returns RETURN_REGISTER_NONE if a frame record has the return address, or if the register cannot be
// found. Reads nothing outside the code.
//
// Needs no tables: follows the code until an instruction uses the return address, which gives the same result
// on all paths. An instruction that saves the link register, sets the frame pointer or returns shows that the
// register still has the address. An instruction that loads the link register, or calls, shows that the record
// has the address.
int vmb_return_register(const uint32_t *code, size_t count, size_t index);

#endif
