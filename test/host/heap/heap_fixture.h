// SPDX-License-Identifier: Apache-2.0

// What tests of the heap share: a heap that begins anew, the faults that it reported, and the promises that
// hold after any call.

#ifndef HEAP_FIXTURE_H
#define HEAP_FIXTURE_H

#include "../../../src/heap/bins.h"

#include <stdbool.h>
#include <stddef.h>

// The last fault that was reported in this thread, and how many were.
extern _Thread_local struct vmbase_heap_fault heap_fault;
extern _Thread_local int heap_faults;

// What vmb_in_handler() answers, which is asked before a call waits; and what it calls, unless that is NULL.
extern bool heap_in_handler;
extern void (*heap_before_wait)(void);

// Forgets the heap and the faults.
void heap_forget(void);

// Begins a heap that has the range of size_bytes bytes at `memory`.
void heap_begin(void *memory, size_t size_bytes);

// A pointer of which the compiler does not know where it comes from.
void *heap_opaque(void *pointer);

// Why the heap is not as it should be, or NULL: each block is intact, free blocks are not neighbours, each is
// in the one bin that it belongs to, and the maps say which bins have blocks.
const char *heap_unsoundness(void);

#endif
