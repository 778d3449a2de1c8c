// SPDX-License-Identifier: Apache-2.0

// Linker sets: sections whose names are C identifiers and are in no linker script.

#include "linker_sets.h"
#include "../support/tap.h"

#include <vmbase/layout.h>
#include <vmbase/main.h>

#include <string.h>

extern int linker_sets_more;

DEFINE_SETS(1);

#define DECLARE_SET(type, name)                                                                                \
	extern type __start_##name[];                                                                          \
	extern type __stop_##name[]

DECLARE_SET(const uint32_t, set_of_constants);
DECLARE_SET(const unsigned char, set_of_functions);
DECLARE_SET(const struct named, set_of_pointers);
DECLARE_SET(uint32_t, set_of_variables);
DECLARE_SET(uint32_t, set_of_zeros);
DECLARE_SET(uint32_t, set_without_bytes);
DECLARE_SET(uint8_t, set_that_is_aligned);

// An empty set.
extern uint32_t __start_empty_set[] __attribute__((weak));

// An ordinary variable, placed after the sets in the image.
static uint32_t ordinary = 4711;
static _Thread_local uint32_t thread_local_variable = 815;
static _Thread_local uint32_t thread_local_zero;

#define IS_IN(part, name)                                                                                      \
	((uintptr_t)__start_##name >= vmbase_layout_##part().begin &&                                          \
	 (uintptr_t)__stop_##name <= vmbase_layout_##part().end)

#define COUNT(name) ((size_t)(__stop_##name - __start_##name))

static void check_places(void)
{
	tap_ok(IS_IN(rodata, set_of_constants), "constants are in rodata");
	tap_ok(IS_IN(text, set_of_functions), "functions are in text");
	tap_ok(IS_IN(data, set_of_variables), "variables are in data");
	tap_ok(IS_IN(data, set_of_zeros) || IS_IN(bss, set_of_zeros),
	       "variables with the value 0 are in data or bss");
	tap_ok(IS_IN(bss, set_without_bytes), "a set without bytes in the image is in bss");
	tap_ok(IS_IN(data, set_that_is_aligned), "aligned variables are in data");
	// The compiler makes constants with addresses writable: it assumes that they are relocated at run
	// time.
	tap_ok(IS_IN(data, set_of_pointers) || IS_IN(rodata, set_of_pointers),
	       "constants with addresses are in data or rodata");
}

static void check_contents(void)
{
	uint32_t constants = 0;
	uint32_t variables = 0;
	uint32_t zeros = 0;
	int returned = 0;
	bool named = true;

	for (const uint32_t *entry = __start_set_of_constants; entry < __stop_set_of_constants; entry++) {
		constants += *entry;
	}
	tap_ok(COUNT(set_of_constants) == 2 && constants == 1001 + 1002,
	       "the set has the constants of both files");
	for (const struct named *entry = __start_set_of_pointers; entry < __stop_set_of_pointers; entry++) {
		returned += entry->function();
		named = named && strncmp(entry->name, "entry ", 6) == 0;
	}
	tap_ok(COUNT(set_of_pointers) == 2 && returned == 30 && named,
	       "the set has the functions of both files");
	for (uint32_t *entry = __start_set_of_variables; entry < __stop_set_of_variables; entry++) {
		variables += (*entry)++;
	}
	tap_ok(COUNT(set_of_variables) == 2 && variables == 2001 + 2002,
	       "the set has the variables of both files");
	tap_ok(variable_1 == 2002, "the variables can be written");
	for (uint32_t *entry = __start_set_of_zeros; entry < __stop_set_of_zeros; entry++) {
		zeros += (*entry)--;
	}
	tap_ok(COUNT(set_of_zeros) == 2 && zeros == 0 && zero_1 == UINT32_MAX,
	       "the set has the zeros of both files");
	tap_ok(COUNT(set_without_bytes) == 2 && __start_set_without_bytes[0]-- == 0 &&
		       __start_set_without_bytes[1]-- == 0,
	       "a set without bytes begins as 0");
	tap_ok(COUNT(set_that_is_aligned) == 512 && (uintptr_t)__start_set_that_is_aligned % 256 == 0 &&
		       __start_set_that_is_aligned[0] + __start_set_that_is_aligned[256] == 3,
	       "aligned variables keep their alignment");
	tap_ok(__start_empty_set == NULL, "the beginning of an empty set is NULL");
	tap_ok(ordinary++ == 4711 && thread_local_variable++ == 815 && thread_local_zero++ == 0,
	       "variables outside the sets have their values");
}

static void sets(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	linker_sets_more = 1;
	check_places();
	check_contents();
	tap_done();
}

VMBASE_MAIN(sets);
