// SPDX-License-Identifier: Apache-2.0

// The heap under any sequence of calls, and under damage anywhere in its memory. Until there is damage every
// block keeps its bytes and the heap finds no fault; from then on it may find any, but neither crashes nor
// hangs.

#include "../host/heap/heap_fixture.h"

#include <stdlib.h>

#define HEAP_SIZE 16384
#define SLOTS 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct slot {
	unsigned char *bytes;
	size_t size;
};

struct input {
	const uint8_t *data;
	size_t size;
};

static _Alignas(64) unsigned char memory[HEAP_SIZE];
static struct slot slots[SLOTS];
static bool is_damaged;

static unsigned int next_byte(struct input *input)
{
	if (input->size == 0) {
		return 0;
	}
	input->size--;
	return *input->data++;
}

static unsigned int next_half(struct input *input)
{
	const unsigned int high = next_byte(input);

	return high << 8 | next_byte(input);
}

static void require(bool condition)
{
	if (!condition && !is_damaged) {
		__builtin_trap();
	}
}

static bool is_intact(const struct slot *slot)
{
	for (size_t i = 0; i < slot->size; i++) {
		if (slot->bytes[i] != (unsigned char)(slot - slots)) {
			return false;
		}
	}
	return true;
}

static void set(struct slot *slot, unsigned char *bytes, size_t size)
{
	if (bytes == NULL) {
		return;
	}
	require((uintptr_t)bytes % 16 == 0 && bytes >= memory && bytes + size < memory + sizeof(memory));
	*slot = (struct slot){ .bytes = bytes, .size = size };
	// A damaged heap may return any address within its memory, and no other.
	if (bytes < memory || size > (size_t)(memory + sizeof(memory) - bytes)) {
		__builtin_trap();
	}
	memset(bytes, (int)(slot - slots), size);
}

static void resize(struct slot *slot, size_t size)
{
	unsigned char *bytes = realloc(slot->bytes, size);
	const size_t kept = size < slot->size ? size : slot->size;

	if (bytes == NULL) {
		return;
	}
	for (size_t i = 0; i < kept; i++) {
		require(bytes[i] == (unsigned char)(slot - slots));
	}
	set(slot, bytes, size);
}

static void run_call(struct input *input)
{
	const unsigned int call = next_byte(input);
	struct slot *slot = &slots[next_byte(input) % SLOTS];

	switch (call % 8) {
	case 0:
	case 1:
		if (slot->bytes == NULL) {
			const size_t size = call % 16 < 8 ? next_byte(input) : next_half(input);

			set(slot, malloc(size), size);
		}
		break;
	case 2:
		if (slot->bytes == NULL) {
			const size_t size = next_byte(input);

			set(slot, calloc(size, 3), size * 3);
		}
		break;
	case 3:
		if (slot->bytes == NULL) {
			const size_t alignment = (size_t)1 << next_byte(input) % 16;
			const size_t size = next_byte(input);
			unsigned char *bytes = aligned_alloc(alignment, size);

			require((uintptr_t)bytes % alignment == 0);
			set(slot, bytes, size);
		}
		break;
	case 4:
		resize(slot, next_half(input) % 2048);
		break;
	case 5:
		// Damage, or an invalid pointer. Both are rare, so that other faults are found too.
		if (next_byte(input) == 0xff) {
			const unsigned int offset = next_half(input) % HEAP_SIZE;

			is_damaged = true;
			memory[offset] ^= (unsigned char)next_byte(input);
			free(memory + next_half(input) % HEAP_SIZE);
		}
		break;
	default:
		require(slot->bytes == NULL || is_intact(slot));
		free(slot->bytes);
		slot->bytes = NULL;
		slot->size = 0;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { .data = data, .size = size };

	memset(slots, 0, sizeof(slots));
	is_damaged = false;
	heap_begin(memory, sizeof(memory));
	while (input.size > 0) {
		run_call(&input);
		require(heap_faults == 0);
	}
	require(heap_unsoundness() == NULL);
	for (size_t i = 0; i < SLOTS; i++) {
		require(slots[i].bytes == NULL || is_intact(&slots[i]));
		free(slots[i].bytes);
	}
	require(heap_unsoundness() == NULL && vmb_heap.peak == vmb_heap.headroom);
	return 0;
}
