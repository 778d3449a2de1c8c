// SPDX-License-Identifier: Apache-2.0

// Operations on a page table, read from the input, against a plain array of pages.
//
// The input: a header of four bytes - the table's size and state, the pages for tables, the page in use - and
// then six bytes an operation: which one and of what kind, first page and count (both little-endian), and where
// a map maps to.

#include "../host/page_table/page_table_model.h"

#include <stdlib.h>

#define HEADER_BYTES 4
#define STEP_BYTES 6
#define STEPS_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct model model;

static void require(bool good)
{
	if (!good) {
		abort();
	}
}

static struct model_step decode(const uint8_t *data)
{
	static const uint64_t offsets[] = { 0, 0x1000, 0x10000, 0x200000, 0x40000000 };
	struct model_step step = {
		.operation = (enum model_operation)(data[0] % MODEL_OPERATIONS),
		.kind = (enum vmbase_map_kind)(1 + data[0] / MODEL_OPERATIONS % VMBASE_MAP_DEVICE_LAZY),
		.first = (data[1] | (size_t)data[2] << 8) % model.count,
		.count = data[3] | (size_t)data[4] << 8,
		.offset = offsets[data[5] % (sizeof(offsets) / sizeof(offsets[0]))],
	};

	// The array knows what lies in it; ranges that no table can have are for unit tests.
	step.count = step.count > model.count - step.first ? model.count - step.first : step.count;
	return step;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t va_bits[] = { 25, 30, 31, 39, 48 };
	struct vmbase_page_table table;
	struct fake_pages pages;

	if (size < HEADER_BYTES) {
		return 0;
	}
	const unsigned int bits = va_bits[data[0] % sizeof(va_bits)];
	const uint64_t end = UINT64_C(1) << bits;

	fake_cpu_reset();
	fake_cpu.features.hardware_dirty = (data[1] & 1) != 0;
	fake_pages_init(&pages, 1 + data[2], 0);
	model = (struct model){ .count = 1280, .is_live = (data[1] & 2) != 0 };
	model.base =
		(data[1] & 4) != 0 ? end - model.count * VMBASE_PAGE_SIZE : end / 2 - 640 * VMBASE_PAGE_SIZE;
	require(vmbase_page_table_init(&table, &pages.pages, bits, 1) == VMBASE_OK);
	table.is_active = model.is_live;
	if (model.is_live) {
		fake_cpu.in_use[0] = (struct vmb_in_use){
			.range.begin = model.base + data[3] * VMBASE_PAGE_SIZE,
			.range.end = model.base + (data[3] + 1) * VMBASE_PAGE_SIZE,
			.use = (enum vmb_use)(data[1] >> 3 & 1),
		};
		fake_tlb_watch(&table, model.base, model.count);
	}
	data += HEADER_BYTES;
	size -= HEADER_BYTES;
	for (int i = 0; i < STEPS_MAX && size >= STEP_BYTES; i++) {
		const struct model_step step = decode(data);
		enum vmbase_error result;

		require(model_do(&model, &table, &step, &result) == NULL);
		require(fake_table_is_sound(&table, &pages));
		data += STEP_BYTES;
		size -= STEP_BYTES;
	}
	require(model_compare(&model, &table) == NULL);
	fake_tlb_settle();
	fake_tlb_stop();
	require(fake_tlb_faults == 0);
	table.is_active = false;
	require(vmbase_page_table_destroy(&table) == VMBASE_OK && pages.given == 0);
	return 0;
}
