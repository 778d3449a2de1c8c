// SPDX-License-Identifier: Apache-2.0

// The seed of a device tree (rng-seed) is used once and wiped.

#include "blobs.h"

#include <vmbase/entropy.h>
#include <vmbase/hypervisor.h>

#include <libfdt.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct blob blob;
static enum vmbase_hypervisor hypervisor;
static unsigned char fed[64];
static size_t fed_bytes;

enum vmbase_hypervisor vmbase_hypervisor(void)
{
	return hypervisor;
}

enum vmbase_error vmbase_entropy_seed(const void *seed, size_t size_bytes)
{
	if (size_bytes < VMBASE_ENTROPY_SEED_BYTES) {
		return VMBASE_ERROR_INVALID_ARGUMENT;
	}
	assert_true(size_bytes <= sizeof(fed));
	memcpy(fed, seed, size_bytes);
	fed_bytes = size_bytes;
	return VMBASE_OK;
}

// Feeds the seed of a machine's tree and asserts that the tree no longer has a seed.
static enum vmbase_error feed(const char *machine)
{
	struct vmbase_fdt fdt;
	unsigned char *place;
	const void *seed;
	size_t size;

	fed_bytes = 0;
	blob_read(&blob, machine);
	place = blob_place(&blob, blob.size);
	assert_int_equal(vmbase_fdt_open(&fdt, place, blob.size), VMBASE_OK);
	enum vmbase_error error = vmbase_fdt_feed_entropy(&fdt, place);

	assert_int_equal(vmbase_fdt_rng_seed(&fdt, &seed, &size), VMBASE_ERROR_NOT_FOUND);
	assert_int_equal(vmbase_fdt_open(&fdt, place, blob.size), VMBASE_OK);
	for (size_t i = 0; fed_bytes > 0 && i + fed_bytes <= blob.size; i++) {
		assert_memory_not_equal(place + i, fed, fed_bytes);
	}
	return error;
}

static void seed_is_used_completely_and_wiped(void **state)
{
	(void)state;
	for (hypervisor = VMBASE_HYPERVISOR_UNKNOWN; hypervisor <= VMBASE_HYPERVISOR_KVM; hypervisor++) {
		assert_int_equal(feed("crosvm"), VMBASE_OK);
		assert_int_equal(fed_bytes, 64);
		for (size_t i = 0; i < fed_bytes; i++) {
			assert_int_equal(fed[i], i);
		}
	}
}

static void seed_known_to_the_host_is_wiped_and_not_used(void **state)
{
	static const enum vmbase_hypervisor protected[] = {
		VMBASE_HYPERVISOR_PROTECTED_KVM,
		VMBASE_HYPERVISOR_GENIEZONE,
		VMBASE_HYPERVISOR_GUNYAH,
		(enum vmbase_hypervisor)77,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(protected) / sizeof(protected[0]); i++) {
		hypervisor = protected[i];
		assert_int_equal(feed("crosvm"), VMBASE_ERROR_DENIED);
		assert_int_equal(fed_bytes, 0);
	}
}

static void short_seed_is_wiped_and_not_used(void **state)
{
	(void)state;
	hypervisor = VMBASE_HYPERVISOR_KVM;
	assert_int_equal(feed("board"), VMBASE_ERROR_INVALID_ARGUMENT);
	assert_int_equal(fed_bytes, 0);
}

static void a_tree_may_lack_the_property(void **state)
{
	(void)state;
	assert_int_equal(feed("kvmtool"), VMBASE_ERROR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seed_is_used_completely_and_wiped),
		cmocka_unit_test(seed_known_to_the_host_is_wiped_and_not_used),
		cmocka_unit_test(short_seed_is_wiped_and_not_used),
		cmocka_unit_test(a_tree_may_lack_the_property),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
