// SPDX-License-Identifier: Apache-2.0

// Compares the loops of src/page_table/descriptors.S, which host tests do not run, with plain C.

#include "../../../src/page_table/descriptors.h"
#include "../support/tap.h"

#include <vmbase/main.h>

#include <stdalign.h>
#include <string.h>

#define ENTRIES 512
#define COUNT_MAX 100
#define OFFSET_MAX 3
#define FIRST UINT64_C(0x0060000040000f07)
#define STEP UINT64_C(0x1000)
#define KEEP UINT64_C(0x0010fffffffff000)
#define SET UINT64_C(0x0040000000000f83)

// The entries before and after the range show that nothing else is written.
static alignas(4096) uint64_t entries[3 * ENTRIES];
static uint64_t expected[3 * ENTRIES];

static void scramble(uint64_t *values)
{
	uint64_t value = UINT64_C(0x9e3779b97f4a7c15);

	for (size_t i = 0; i < 3 * ENTRIES; i++) {
		value ^= value << 13;
		value ^= value >> 7;
		value ^= value << 17;
		values[i] = value;
	}
}

static bool fills(size_t offset, size_t count)
{
	scramble(entries);
	scramble(expected);
	vmb_fill_descriptors(&entries[offset], FIRST, STEP, count);
	for (size_t i = 0; i < count; i++) {
		expected[offset + i] = FIRST + i * STEP;
	}
	return memcmp(entries, expected, sizeof(entries)) == 0;
}

static bool changes(size_t offset, size_t count)
{
	scramble(entries);
	scramble(expected);
	vmb_change_descriptors(&entries[offset], KEEP, SET, count);
	for (size_t i = 0; i < count; i++) {
		expected[offset + i] = (expected[offset + i] & KEEP) | SET;
	}
	return memcmp(entries, expected, sizeof(entries)) == 0;
}

// Each entry in turn is the only one that lacks a bit and has another bit.
static bool summarises(size_t offset, size_t count)
{
	bool good = true;

	scramble(entries);
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < count; j++) {
			entries[offset + j] = i == j ? 0x25 : 0x0f;
		}
		const struct vmb_summary summary = vmb_summarise_descriptors(&entries[offset], count);

		good = good && summary.all == (count == 1 ? 0x25 : 0x05) &&
		       summary.any == (count == 1 ? 0x25 : 0x2f);
	}
	return good;
}

static bool is_good_for_all(bool (*test)(size_t offset, size_t count))
{
	for (size_t offset = 0; offset <= OFFSET_MAX; offset++) {
		for (size_t count = 0; count <= COUNT_MAX; count++) {
			if (!test(offset, count)) {
				vmbase_println("# offset %zu, count %zu", offset, count);
				return false;
			}
		}
	}
	return test(0, ENTRIES);
}

static bool clears(void)
{
	scramble(entries);
	scramble(expected);
	vmb_clear_table(&entries[ENTRIES]);
	memset(&expected[ENTRIES], 0, ENTRIES * sizeof(*expected));
	return memcmp(entries, expected, sizeof(entries)) == 0;
}

static void descriptors(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	tap_ok(is_good_for_all(fills), "entries are filled");
	tap_ok(is_good_for_all(changes), "entries are changed");
	tap_ok(is_good_for_all(summarises), "entries are summarised");
	tap_ok(clears(), "a table is cleared");
	tap_done();
}

VMBASE_MAIN(descriptors);
