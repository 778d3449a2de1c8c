// SPDX-License-Identifier: Apache-2.0

// The entries that each of the two files of the guest linker_sets puts into each set.

#ifndef LINKER_SETS_H
#define LINKER_SETS_H

#include <stdint.h>

// The linker must not remove entries as unused.
#define IN_SET(name) __attribute__((used, section(#name)))

struct named {
	const char *name;
	int (*function)(void);
};

// Each file defines the same entries, with its number in names and values.
#define DEFINE_SETS(file)                                                                                      \
	IN_SET(set_of_constants) static const uint32_t constant_##file = 1000 + (file);                        \
	IN_SET(set_of_functions) static int function_##file(void)                                              \
	{                                                                                                      \
		return 10 * (file);                                                                            \
	}                                                                                                      \
	IN_SET(set_of_pointers)                                                                                \
	static const struct named pointer_##file = { "entry " #file, function_##file };                        \
	IN_SET(set_of_variables) static uint32_t variable_##file = 2000 + (file);                              \
	IN_SET(set_of_zeros) static uint32_t zero_##file;                                                      \
	/* Compilers put zeros into a set as bytes of the image. This one has none. */                         \
	__asm__(".pushsection set_without_bytes, \"aw\", %nobits\n"                                            \
		".balign 4\n"                                                                                  \
		".zero 4\n"                                                                                    \
		".popsection");                                                                                \
	IN_SET(set_that_is_aligned)                                                                            \
	static _Alignas(256) uint8_t aligned_##file[256] = { (file) }

#endif
