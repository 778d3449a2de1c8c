// SPDX-License-Identifier: Apache-2.0

// Compares memcpy, memmove, memset and memcmp with byte loops. Built with -fno-builtin: the compiler must not
// replace calls or loops.

#include "mem.h"
#include "../support/probe.h"
#include "../support/tap.h"

#include <vmbase/main.h>

#include <stdint.h>
#include <string.h>

#define LONGEST 512
#define ALIGNMENTS 16
#define LINE 64
#define MARGIN 96 // on both sides of a range, for offsets and distances, and for bytes that must not change

#define ARENA (MARGIN + LONGEST + MARGIN)

#define LARGE 8192
#define LARGE_MARGIN 4200

VMBASE_CONSOLE_PL011(0x09000000);

static _Alignas(LINE) unsigned char source[ARENA];
static _Alignas(LINE) unsigned char background[ARENA];
static _Alignas(LINE) unsigned char destination[ARENA];
static _Alignas(LINE) unsigned char expected[ARENA];

static _Alignas(LINE) unsigned char large[LARGE_MARGIN + LARGE + LARGE_MARGIN];
static _Alignas(LINE) unsigned char large_background[sizeof(large)];
static _Alignas(LINE) unsigned char large_expected[sizeof(large)];

static void copy_bytes(unsigned char *restrict to, const unsigned char *restrict from, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		to[i] = from[i];
	}
}

static void set_bytes(unsigned char *to, unsigned char value, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		to[i] = value;
	}
}

static bool same_bytes(const unsigned char *a, const unsigned char *b, size_t size)
{
	unsigned char difference = 0;

	for (size_t i = 0; i < size; i++) {
		difference |= a[i] ^ b[i];
	}
	return difference == 0;
}

// Bytes that do not repeat at any distance.
static void fill(unsigned char *bytes, size_t size)
{
	static uint32_t state = UINT32_C(0x9e3779b9);

	for (size_t i = 0; i < size; i++) {
		state ^= state << 13;
		state ^= state >> 17;
		state ^= state << 5;
		bytes[i] = (unsigned char)(state >> 24);
	}
}

static bool failed(const char *what, long a, long b, long c)
{
	vmbase_println("# %s %ld, %ld, %ld", what, a, b, c);
	return false;
}

static bool copies(size_t to, size_t from, size_t size)
{
	copy_bytes(destination, background, ARENA);
	copy_bytes(expected, background, ARENA);
	copy_bytes(expected + to, source + from, size);
	return memcpy(destination + to, source + from, size) == destination + to &&
	       same_bytes(destination, expected, ARENA);
}

static bool memcpy_copies_at_any_alignment(void)
{
	for (size_t to = 0; to < ALIGNMENTS; to++) {
		for (size_t from = 0; from < ALIGNMENTS; from++) {
			for (size_t size = 0; size <= LONGEST; size++) {
				if (!copies(MARGIN + to, MARGIN + from, size)) {
					return failed("to, from, size", (long)to, (long)from, (long)size);
				}
			}
		}
	}
	return true;
}

static bool memcpy_copies_to_any_place_in_a_line(void)
{
	for (size_t to = 0; to < LINE; to++) {
		for (size_t size = 0; size <= LONGEST; size++) {
			if (!copies(LINE + to, MARGIN, size)) {
				return failed("to, from, size", (long)to, 0, (long)size);
			}
		}
	}
	return true;
}

static bool moves(size_t to, size_t from, size_t size)
{
	copy_bytes(destination, background, ARENA);
	copy_bytes(expected, background, ARENA);
	copy_bytes(expected + to, background + from, size);
	return memmove(destination + to, destination + from, size) == destination + to &&
	       same_bytes(destination, expected, ARENA);
}

static bool memmove_moves_by_any_distance(void)
{
	for (long distance = -LINE; distance <= LINE; distance++) {
		for (long from = MARGIN; from < MARGIN + ALIGNMENTS; from++) {
			for (long size = 0; size <= LONGEST; size++) {
				if (!moves((size_t)(from + distance), (size_t)from, (size_t)size)) {
					return failed("distance, from, size", distance, from, size);
				}
			}
		}
	}
	return true;
}

// Distances at which the overlap of the ranges or the method of copying changes.
static bool memmove_moves_long_ranges(void)
{
	static const long distances[] = {
		0, 1, 63, 64, 65, 127, 128, 129, 191, 255, 256, 257, 1000, 4095, 4096
	};
	static const long sizes[] = { 257, 383, 384, 385, 513, 1000, 4095, 4096, 4097, LARGE };

	fill(large_background, sizeof(large));
	for (size_t i = 0; i < 2 * sizeof(distances) / sizeof(distances[0]); i++) {
		long distance = i % 2 == 0 ? distances[i / 2] : -distances[i / 2];

		for (size_t j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++) {
			unsigned char *to = large + LARGE_MARGIN + distance;

			copy_bytes(large, large_background, sizeof(large));
			copy_bytes(large_expected, large_background, sizeof(large));
			copy_bytes(large_expected + LARGE_MARGIN + distance, large_background + LARGE_MARGIN,
				   (size_t)sizes[j]);
			if (memmove(to, large + LARGE_MARGIN, (size_t)sizes[j]) != to ||
			    !same_bytes(large, large_expected, sizeof(large))) {
				return failed("distance, from, size", distance, 0, sizes[j]);
			}
		}
	}
	return true;
}

static bool memset_sets_the_low_byte(void)
{
	static const int values[] = { 0, 0xff, 0x5a, 0x1a5, -2 };

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		for (size_t to = LINE; to < 2 * LINE; to++) {
			for (size_t size = 0; size <= LONGEST; size++) {
				copy_bytes(destination, background, ARENA);
				copy_bytes(expected, background, ARENA);
				set_bytes(expected + to, (unsigned char)values[i], size);
				if (memset(destination + to, values[i], size) != destination + to ||
				    !same_bytes(destination, expected, ARENA)) {
					return failed("value, to, size", values[i], (long)to, (long)size);
				}
			}
		}
	}
	return true;
}

// Compares equal ranges in different surroundings. Then changes the byte at `position`, with the sign bit set
// in one range: first only this byte, then also a later byte with the opposite order.
static bool compares(unsigned char *a, unsigned char *b, size_t size, size_t position)
{
	unsigned char byte = a[position];
	bool right = memcmp(a, b, size) == 0;

	a[position] = 0x80 | byte;
	b[position] = 0x7f & byte;
	right = right && memcmp(a, b, size) > 0 && memcmp(b, a, size) < 0;
	if (position + 1 < size) {
		unsigned char next = a[position + 1];

		a[position + 1] = 0;
		b[position + 1] = 1;
		right = right && memcmp(a, b, size) > 0 && memcmp(b, a, size) < 0;
		a[position + 1] = next;
		b[position + 1] = next;
	}
	a[position] = byte;
	b[position] = byte;
	return right;
}

// Makes two equal ranges in different surroundings.
static void prepare_comparison(unsigned char *a, unsigned char *b, size_t size)
{
	copy_bytes(destination, background, ARENA);
	copy_bytes(expected, source, ARENA);
	copy_bytes(b, a, size);
}

static bool memcmp_compares_at_any_alignment(void)
{
	for (size_t first = 0; first < ALIGNMENTS; first++) {
		for (size_t second = 0; second < ALIGNMENTS; second++) {
			for (size_t size = 1; size <= 2 * ALIGNMENTS; size++) {
				unsigned char *a = destination + MARGIN + first;
				unsigned char *b = expected + MARGIN + second;

				prepare_comparison(a, b, size);
				for (size_t position = 0; position < size; position++) {
					if (!compares(a, b, size, position)) {
						return failed("second, size, position", (long)second,
							      (long)size, (long)position);
					}
				}
			}
		}
	}
	return true;
}

static bool memcmp_compares_any_size(bool zeros)
{
	for (size_t size = 1; size <= LONGEST; size++) {
		size_t first = size % ALIGNMENTS;
		unsigned char *a = destination + MARGIN + first;
		unsigned char *b = expected + MARGIN;

		prepare_comparison(a, b, size);
		if (zeros) {
			set_bytes(a, 0, size);
			set_bytes(b, 0, size);
		}
		for (size_t position = 0; position < size; position++) {
			if (!compares(a, b, size, position)) {
				return failed("first, size, position", (long)first, (long)size, (long)position);
			}
		}
	}
	return true;
}

static unsigned char *lone_page(size_t number)
{
	return (unsigned char *)(number == 0 ? (uintptr_t)LONE_PAGE_1 : (uintptr_t)LONE_PAGE_2);
}

static bool is_unmapped(uintptr_t address)
{
	uint64_t esr = probe_read(address);

	return ESR_EC(esr) == EC_DATA_ABORT && ESR_IS_TRANSLATION_FAULT(esr);
}

static bool has_unmapped_neighbours(uintptr_t page)
{
	return is_unmapped(page - 1) && probe_write(page) == 0 && probe_write(page + PAGE_SIZE - 1) == 0 &&
	       is_unmapped(page + PAGE_SIZE);
}

// Returns the beginning of a range that touches one edge of a lone page.
static unsigned char *at_edge(size_t page, bool at_end, size_t size)
{
	return lone_page(page) + (at_end ? PAGE_SIZE - size : 0);
}

// These functions call a mem function with ranges that touch edges of the lone pages. An access outside ends
// the guest.
static bool copies_at_edges(bool to_end, bool from_end, size_t size)
{
	unsigned char *to = at_edge(0, to_end, size);
	unsigned char *from = at_edge(1, from_end, size);

	fill(from, size);
	return memcpy(to, from, size) == to && same_bytes(to, from, size);
}

static bool moves_at_edges(bool to_end, bool from_end, size_t size)
{
	unsigned char *to = at_edge(0, to_end, size);
	unsigned char *from = at_edge(0, from_end, size);

	fill(large_expected, size);
	copy_bytes(from, large_expected, size);
	return memmove(to, from, size) == to && same_bytes(to, large_expected, size);
}

static bool sets_at_edges(bool to_end, bool to_zero, size_t size)
{
	unsigned char *to = at_edge(0, to_end, size);
	const unsigned char value = to_zero ? 0 : 0x5a;

	set_bytes(large_expected, value, size);
	return memset(to, value, size) == to && same_bytes(to, large_expected, size);
}

static bool compares_at_edges(bool first_end, bool second_end, size_t size)
{
	unsigned char *first = at_edge(0, first_end, size);
	unsigned char *second = at_edge(1, second_end, size);

	fill(first, size);
	copy_bytes(second, first, size);
	return size == 0 ? memcmp(first, second, size) == 0
			 : compares(first, second, size, 0) && compares(first, second, size, size - 1);
}

static bool stays_inside(bool (*call)(bool, bool, size_t))
{
	for (size_t size = 0; size <= PAGE_SIZE; size += size < LONGEST ? 1 : LONGEST) {
		for (int edges = 0; edges < 4; edges++) {
			if (!call(edges / 2 != 0, edges % 2 != 0, size)) {
				return failed("size, edges", (long)size, edges, 0);
			}
		}
	}
	return true;
}

static bool size_0_accesses_nothing(void)
{
	unsigned char *unmapped = lone_page(0) + PAGE_SIZE;

	return memcpy(unmapped, unmapped, 0) == unmapped && memmove(unmapped, unmapped, 0) == unmapped &&
	       memset(unmapped, 0, 0) == unmapped && memcmp(unmapped, unmapped, 0) == 0;
}

static void mem(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	fill(source, sizeof(source));
	fill(background, sizeof(background));

	tap_ok(memcpy_copies_at_any_alignment(), "memcpy copies at any alignment, up to 512 bytes");
	tap_ok(memcpy_copies_to_any_place_in_a_line(), "memcpy copies to any place in a line");
	tap_ok(memmove_moves_by_any_distance(), "memmove moves by any distance up to 64");
	tap_ok(memmove_moves_long_ranges(), "memmove moves long ranges");
	tap_ok(memset_sets_the_low_byte(), "memset sets at any place in a line, up to 512 bytes");
	tap_ok(memcmp_compares_at_any_alignment(), "memcmp compares at any alignment");
	tap_ok(memcmp_compares_any_size(false), "memcmp finds a difference anywhere, up to 512 bytes");
	tap_ok(memcmp_compares_any_size(true), "memcmp finds a difference among zeros");
	tap_ok(has_unmapped_neighbours(LONE_PAGE_1) && has_unmapped_neighbours(LONE_PAGE_2),
	       "the neighbours of two pages are not mapped");
	tap_ok(stays_inside(copies_at_edges), "memcpy accesses nothing outside its ranges");
	tap_ok(stays_inside(moves_at_edges), "memmove accesses nothing outside its ranges");
	tap_ok(stays_inside(sets_at_edges), "memset accesses nothing outside its range");
	tap_ok(stays_inside(compares_at_edges), "memcmp accesses nothing outside its ranges");
	tap_ok(size_0_accesses_nothing(), "a size of 0 touches no byte");
	tap_done();
}

VMBASE_MAIN(mem);
