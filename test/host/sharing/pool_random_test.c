// SPDX-License-Identifier: Apache-2.0

// Random sequences on each kind of pool, compared with a list of the buffers in use.

#include "fake_hypervisor.h"
#include "pools.h"
#include "../support/random.h"
#include "source.h"

#include <string.h>

#define SLOTS 40
#define STEPS 3000

static struct buffer buffers[SLOTS];
static size_t outcomes[32]; // by -enum vmbase_error

// Returns whether a buffer overlaps no buffer in use.
static bool is_free(uintptr_t begin, size_t size_bytes)
{
	for (size_t i = 0; i < SLOTS; i++) {
		uintptr_t other = (uintptr_t)buffers[i].memory;

		if (other != 0 && begin < other + buffers[i].size_bytes && other < begin + size_bytes) {
			return false;
		}
	}
	return true;
}

// Returns whether the static region has room for a buffer. Tries each address.
static bool has_room(size_t size_bytes, size_t alignment)
{
	struct vmbase_range region = static_region();

	for (uintptr_t begin = region.begin; begin + size_bytes <= region.end; begin += 64) {
		if (begin % alignment == 0 && is_free(begin, size_bytes)) {
			return true;
		}
	}
	return false;
}

static size_t random_size(void)
{
	switch (random_below(8)) {
	case 0:
		return 1 + random_below(0x14000);
	case 1:
		return 4096 * (1 + random_below(4));
	default:
		return 1 + random_below(2000);
	}
}

static void alloc_at_random(const struct kind *kind, struct buffer *slot, bool is_refused)
{
	size_t size_bytes = random_size();
	size_t alignment = (size_t)1 << random_below(random_below(4) == 0 ? 18 : 8);
	bool may_fail = is_refused || (kind->is_static && !has_room(size_bytes, alignment));
	void *memory = NULL;
	enum vmbase_error error = vmbase_sharing_pool_allocate(&pool, size_bytes, alignment, &memory);

	outcomes[-error]++;
	if (error != VMBASE_OK) {
		assert_true(may_fail);
		assert_null(memory);
		return;
	}
	assert_true(!kind->is_static || !may_fail);
	assert_int_equal((uintptr_t)memory % alignment, 0);
	assert_true(is_free((uintptr_t)memory, size_bytes));
	*slot = (struct buffer){ memory, size_bytes };
	for (size_t i = 0; i < size_bytes; i++) {
		assert_int_equal(slot->memory[i], 0);
	}
	memset(memory, SECRET, size_bytes);
}

static void free_invalid_address(const struct buffer *slot)
{
	size_t offset = 1 + random_below(slot->size_bytes + 63);
	unsigned char *address = slot->memory + offset;

	// Another buffer may begin where this one ends.
	for (size_t i = 0; i < SLOTS; i++) {
		if (buffers[i].memory == address) {
			return;
		}
	}
	assert_int_equal(vmbase_sharing_pool_free(&pool, address), VMBASE_ERROR_NOT_FOUND);
}

static void free_all(void)
{
	for (size_t i = 0; i < SLOTS; i++) {
		if (buffers[i].memory != NULL) {
			must_free(buffers[i]);
			buffers[i].memory = NULL;
		}
	}
}

static void step_at_random(const struct kind *kind)
{
	struct buffer *slot = &buffers[random_below(SLOTS)];
	// Only sharing by call can be refused.
	bool is_refused = !kind->is_static && kind->granule_bytes != 0 && random_below(3) == 0;

	fake_hypervisor.calls_before_refusal = is_refused ? random_below(5) : 0;
	fake_hypervisor.refusals = is_refused ? 1 + random_below(3) : 0;
	if (random_below(10) == 0) {
		host_writes((int)random_below(256));
	}
	if (random_below(40) == 0) {
		// Makes the pool shrink, and then grow again.
		free_all();
	} else if (slot->memory == NULL) {
		alloc_at_random(kind, slot, is_refused);
	} else if (random_below(6) == 0) {
		free_invalid_address(slot);
	} else {
		unsigned char *memory = slot->memory;

		must_free(*slot);
		slot->memory = NULL;
		assert_int_equal(vmbase_sharing_pool_free(&pool, memory), VMBASE_ERROR_NOT_FOUND);
	}
	fake_hypervisor.refusals = 0;
	assert_pool_holds(buffers, SLOTS);
}

static void random_sequences_keep_pools_whole(void **state)
{
	(void)state;
	random_begin();
	for (size_t k = 0; k < KIND_COUNT; k++) {
		open_pool(&kinds[k], random_below(3) * 50000);
		for (int step = 0; step < STEPS; step++) {
			step_at_random(&kinds[k]);
		}
		free_all();
		close_pool();
	}
	// Each outcome must occur often enough to test something.
	assert_true(outcomes[-VMBASE_OK] > 1000);
	assert_true(outcomes[-VMBASE_ERROR_NO_MEMORY] > 0);
	assert_true(outcomes[-VMBASE_ERROR_INVALID_ARGUMENT] > 0);
	assert_true(outcomes[-VMBASE_ERROR_BUSY] > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_sequences_keep_pools_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
