// SPDX-License-Identifier: Apache-2.0

// Shared by the tests of the heap: a new heap for each test, the reported faults, and the invariants that
// hold after any call.

#ifndef HEAP_FIXTURE_H
#define HEAP_FIXTURE_H

#include "../../../src/heap/bins.h"

#include <stdbool.h>
#include <stddef.h>

// The last fault that was reported in this thread, and the number of faults.
extern _Thread_local struct vmbase_heap_fault heap_fault;
extern _Thread_local int heap_faults;

// vmb_in_handler() returns heap_in_handler, and first calls heap_before_wait unless it is NULL. The heap
// calls vmb_in_handler() before it waits.
extern bool heap_in_handler;
extern void (*heap_before_wait)(void);

// Forgets the heap and the faults.
void heap_forget(void);

// Starts a new heap with the size_bytes bytes at `memory`.
void heap_begin(void *memory, size_t size_bytes);

// Returns the pointer. The compiler cannot track where it comes from.
void *heap_opaque(void *pointer);

// Checks that each block is intact, that no two free blocks are neighbours, that each free block is in its
// bin and in no other, and that the maps have the bins with blocks. Returns NULL, or a sentence that says
// what is wrong.
const char *heap_unsoundness(void);

#endif
