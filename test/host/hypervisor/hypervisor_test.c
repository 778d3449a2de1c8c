// SPDX-License-Identifier: Apache-2.0

// Recognition of hypervisors, and their features.

#include <vmbase/hypervisor.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../../../src/hypervisor/hypervisor_calls.h"
#include "../support/fake_smccc.h"

#define UART UINT64_C(0x12345678)
#define NOT_SUPPORTED UINT64_MAX
#define NOT_REQUIRED ((uint64_t)-2)
#define INVALID_PARAMETER ((uint64_t)-3)

#define UID_KVM                                                                                                \
	{                                                                                                      \
		VENDOR_HYP_CALL_UID, 0,                                                                        \
		{                                                                                              \
			0xb66fb428, 0xe911c52e, 0x564bcaa9, 0x743a004d                                         \
		}                                                                                              \
	}
#define UID_GENIEZONE                                                                                          \
	{                                                                                                      \
		VENDOR_HYP_CALL_UID, 0,                                                                        \
		{                                                                                              \
			0xd04e137e, 0x8d48823b, 0xc169ee8c, 0xe7db1192                                         \
		}                                                                                              \
	}
#define UID_GUNYAH                                                                                             \
	{                                                                                                      \
		VENDOR_HYP_CALL_UID, 0,                                                                        \
		{                                                                                              \
			0xcd8fd5c1, 0xdb5f53a4, 0x36ce6592, 0x145f3d67                                         \
		}                                                                                              \
	}
#define INFO(x0)                                                                                               \
	{                                                                                                      \
		VENDOR_HYP_MMIO_GUARD_INFO, 0,                                                                 \
		{                                                                                              \
			x0                                                                                     \
		}                                                                                              \
	}
#define ENROLL(x0)                                                                                             \
	{                                                                                                      \
		VENDOR_HYP_MMIO_GUARD_ENROLL, 0,                                                               \
		{                                                                                              \
			x0                                                                                     \
		}                                                                                              \
	}
#define FEATURES(x0)                                                                                           \
	{                                                                                                      \
		VENDOR_HYP_KVM_FEATURES, 0,                                                                    \
		{                                                                                              \
			x0                                                                                     \
		}                                                                                              \
	}
#define MAP(address, x0)                                                                                       \
	{                                                                                                      \
		VENDOR_HYP_MMIO_GUARD_MAP, address,                                                            \
		{                                                                                              \
			x0                                                                                     \
		}                                                                                              \
	}
#define UNMAP(address, x0)                                                                                     \
	{                                                                                                      \
		VENDOR_HYP_MMIO_GUARD_UNMAP, address,                                                          \
		{                                                                                              \
			x0                                                                                     \
		}                                                                                              \
	}
#define MEMINFO(x0)                                                                                            \
	{                                                                                                      \
		VENDOR_HYP_MEMINFO, 0,                                                                         \
		{                                                                                              \
			x0                                                                                     \
		}                                                                                              \
	}

// Makes the calls of start.c before the first access to the console.
static enum vmbase_error boot(void)
{
	vmb_hypervisor_init();
	return vmb_mmio_guard_init(UART);
}

static void ordinary_kvm_has_no_guard_and_no_sharing(void **state)
{
	size_t granule = 77;

	(void)state;
	fake_smccc_expect(UID_KVM, INFO(NOT_SUPPORTED), FEATURES(1), MEMINFO(NOT_SUPPORTED),
			  MEMINFO(NOT_SUPPORTED));
	assert_int_equal(boot(), VMBASE_OK);
	assert_int_equal(vmbase_hypervisor(), VMBASE_HYPERVISOR_KVM);
	assert_int_equal(vmbase_mmio_guard_granule(&granule), VMBASE_ERROR_UNSUPPORTED);
	assert_int_equal(vmbase_mmio_guard_map(vmbase_phys_at(UART)), VMBASE_ERROR_UNSUPPORTED);
	assert_int_equal(vmbase_mmio_guard_unmap(vmbase_phys_at(UART)), VMBASE_ERROR_UNSUPPORTED);
	assert_int_equal(vmbase_hypervisor_sharing_granule(&granule), VMBASE_ERROR_UNSUPPORTED);
	assert_int_equal(granule, 77);
	fake_smccc_check();
}

static void upstream_protected_kvm_shares_without_a_guard(void **state)
{
	size_t granule = 77;

	(void)state;
	fake_smccc_expect(UID_KVM, INFO(NOT_SUPPORTED), FEATURES(0x1d), MEMINFO(4096), MEMINFO(4096),
			  { VENDOR_HYP_MEM_SHARE, 0x80000000, { 0 } },
			  { VENDOR_HYP_MEM_SHARE, 0x80000000, { INVALID_PARAMETER } },
			  { VENDOR_HYP_MEM_UNSHARE, 0x80000000, { 0 } });
	assert_int_equal(boot(), VMBASE_OK);
	assert_int_equal(vmbase_hypervisor(), VMBASE_HYPERVISOR_PROTECTED_KVM);
	assert_int_equal(vmbase_mmio_guard_granule(&granule), VMBASE_ERROR_UNSUPPORTED);
	assert_int_equal(vmbase_hypervisor_sharing_granule(&granule), VMBASE_OK);
	assert_int_equal(granule, 4096);
	assert_int_equal(vmbase_hypervisor_share(vmbase_phys_at(0x80000000)), VMBASE_OK);
	assert_int_equal(vmbase_hypervisor_share(vmbase_phys_at(0x80000000)), VMBASE_ERROR_INVALID_ARGUMENT);
	assert_int_equal(vmbase_hypervisor_unshare(vmbase_phys_at(0x80000000)), VMBASE_OK);
	fake_smccc_check();
}

static void kvm_with_only_a_guard_is_protected(void **state)
{
	(void)state;
	fake_smccc_expect(UID_KVM, INFO(4096), ENROLL(0), MAP(0x12345000, 0), MEMINFO(NOT_SUPPORTED));
	assert_int_equal(boot(), VMBASE_OK);
	assert_int_equal(vmbase_hypervisor(), VMBASE_HYPERVISOR_PROTECTED_KVM);
	fake_smccc_check();
}

// Linux guests read the bitmap of features, and the granule of memory sharing.
static void guard_may_have_no_unmap_call(void **state)
{
	size_t granule = 77;

	(void)state;
	// Bits above 31 do not belong to the bitmap.
	fake_smccc_expect(UID_KVM, INFO(NOT_SUPPORTED), FEATURES(0xffffffff0000009d), MEMINFO(16384),
			  MAP(0x12344000, 0), MAP(0x4000, 0), MAP(0x4000, INVALID_PARAMETER), MEMINFO(16384));
	assert_int_equal(boot(), VMBASE_OK);
	assert_int_equal(vmbase_mmio_guard_granule(&granule), VMBASE_OK);
	assert_int_equal(granule, 16384);
	assert_int_equal(vmbase_mmio_guard_enroll(), VMBASE_OK);
	assert_int_equal(vmbase_mmio_guard_map(vmbase_phys_at(0x4567)), VMBASE_OK);
	assert_int_equal(vmbase_mmio_guard_map(vmbase_phys_at(0x4567)), VMBASE_ERROR_INVALID_ARGUMENT);
	assert_int_equal(vmbase_mmio_guard_unmap(vmbase_phys_at(0x4567)), VMBASE_ERROR_UNSUPPORTED);
	assert_int_equal(vmbase_hypervisor(), VMBASE_HYPERVISOR_PROTECTED_KVM);
	fake_smccc_check();
	// The next boot, on another host, does not remember the answer.
	fake_smccc_expect(UID_KVM, INFO(4096), ENROLL(0), MAP(0x12345000, 0), ENROLL(0), UNMAP(0x4000, 0));
	assert_int_equal(boot(), VMBASE_OK);
	assert_int_equal(vmbase_mmio_guard_enroll(), VMBASE_OK);
	assert_int_equal(vmbase_mmio_guard_unmap(vmbase_phys_at(0x4567)), VMBASE_OK);
	fake_smccc_check();
}

static void errors_of_a_guard_without_unmap_are_returned(void **state)
{
	(void)state;
	fake_smccc_expect(UID_KVM, INFO(NOT_SUPPORTED), FEATURES(0x9d), MEMINFO(4096),
			  MAP(0x12345000, INVALID_PARAMETER));
	assert_int_equal(boot(), VMBASE_ERROR_INVALID_ARGUMENT);
	fake_smccc_check();
	fake_smccc_expect(UID_KVM, INFO(NOT_SUPPORTED), FEATURES(0x9d), MEMINFO(3));
	assert_int_equal(boot(), VMBASE_ERROR_UNKNOWN_STATUS);
	fake_smccc_check();
}

static void other_features_do_not_mean_a_guard(void **state)
{
	// No bitmap, as a 64-bit or a 32-bit value; all bits except the guard's; a guard without a known
	// granule, which Linux guests do not use either.
	static const uint64_t features[] = { NOT_SUPPORTED, 0xffffffff, 0x7fffff7f, 0, 0x80 };
	size_t granule = 77;

	(void)state;
	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
		if (features[i] == 0x80) {
			fake_smccc_expect(UID_KVM, INFO(NOT_SUPPORTED), FEATURES(features[i]),
					  MEMINFO(NOT_SUPPORTED));
		} else {
			fake_smccc_expect(UID_KVM, INFO(NOT_SUPPORTED), FEATURES(features[i]));
		}
		assert_int_equal(boot(), VMBASE_OK);
		assert_int_equal(vmbase_mmio_guard_granule(&granule), VMBASE_ERROR_UNSUPPORTED);
		assert_int_equal(vmbase_mmio_guard_map(vmbase_phys_at(UART)), VMBASE_ERROR_UNSUPPORTED);
		assert_int_equal(vmbase_mmio_guard_unmap(vmbase_phys_at(UART)), VMBASE_ERROR_UNSUPPORTED);
		fake_smccc_check();
	}
	// Not KVM: the meaning of the bitmap is unknown.
	fake_smccc_expect(UID_GENIEZONE, INFO(NOT_SUPPORTED));
	assert_int_equal(boot(), VMBASE_OK);
	fake_smccc_check();
}

static void console_is_mapped_with_its_whole_granule(void **state)
{
	size_t granule;

	(void)state;
	fake_smccc_expect(UID_KVM, INFO(16384), ENROLL(0), MAP(0x12344000, 0));
	assert_int_equal(boot(), VMBASE_OK);
	assert_int_equal(vmbase_mmio_guard_granule(&granule), VMBASE_OK);
	assert_int_equal(granule, 16384);
	fake_smccc_check();
	fake_smccc_expect(UID_KVM, INFO(65536), ENROLL(0), MAP(0x12340000, 0));
	assert_int_equal(boot(), VMBASE_OK);
	fake_smccc_check();
}

static void an_invalid_granule_is_refused(void **state)
{
	static const uint64_t granules[] = { 0, 1, 2048, 4095, 8192, 131072, UINT64_C(1) << 40, INT64_MAX };
	size_t granule = 77;

	(void)state;
	for (size_t i = 0; i < sizeof(granules) / sizeof(granules[0]); i++) {
		fake_smccc_expect(UID_KVM, INFO(granules[i]), MEMINFO(granules[i]));
		assert_int_equal(boot(), VMBASE_ERROR_UNKNOWN_STATUS);
		assert_int_equal(vmbase_hypervisor_sharing_granule(&granule), VMBASE_ERROR_UNKNOWN_STATUS);
		assert_int_equal(granule, 77);
		fake_smccc_check();
	}
}

static void an_unavailable_guard_is_an_error(void **state)
{
	(void)state;
	fake_smccc_expect(UID_KVM, INFO(4096), ENROLL(INVALID_PARAMETER));
	assert_int_equal(boot(), VMBASE_ERROR_INVALID_ARGUMENT);
	fake_smccc_check();
	// The hypervisor has just reported a guard.
	fake_smccc_expect(UID_KVM, INFO(4096), ENROLL(NOT_SUPPORTED));
	assert_int_equal(boot(), VMBASE_ERROR_DENIED);
	fake_smccc_check();
	fake_smccc_expect(UID_KVM, INFO(4096), ENROLL(1));
	assert_int_equal(boot(), VMBASE_ERROR_UNKNOWN_STATUS);
	fake_smccc_check();
	fake_smccc_expect(UID_KVM, INFO(4096), ENROLL(0), MAP(0x12345000, INVALID_PARAMETER));
	assert_int_equal(boot(), VMBASE_ERROR_INVALID_ARGUMENT);
	fake_smccc_check();
}

static void geniezone_may_need_no_guard(void **state)
{
	size_t granule = 77;

	(void)state;
	fake_smccc_expect(UID_GENIEZONE, INFO(NOT_REQUIRED));
	assert_int_equal(boot(), VMBASE_OK);
	assert_int_equal(vmbase_mmio_guard_granule(&granule), VMBASE_ERROR_UNSUPPORTED);
	fake_smccc_check();
	fake_smccc_expect(UID_GENIEZONE, INFO(4096), ENROLL(NOT_REQUIRED));
	assert_int_equal(boot(), VMBASE_OK);
	assert_int_equal(vmbase_mmio_guard_granule(&granule), VMBASE_ERROR_UNSUPPORTED);
	fake_smccc_check();
	fake_smccc_expect(UID_GENIEZONE, INFO(4096), ENROLL(INVALID_PARAMETER));
	assert_int_equal(boot(), VMBASE_ERROR_INVALID_ARGUMENT);
	fake_smccc_check();
}

static void geniezone_has_guard_and_sharing(void **state)
{
	size_t granule;

	(void)state;
	fake_smccc_expect(UID_GENIEZONE, INFO(4096), ENROLL(0), MAP(0x12345000, 0), MEMINFO(16384));
	assert_int_equal(boot(), VMBASE_OK);
	assert_int_equal(vmbase_hypervisor(), VMBASE_HYPERVISOR_GENIEZONE);
	assert_int_equal(vmbase_hypervisor_sharing_granule(&granule), VMBASE_OK);
	assert_int_equal(granule, 16384);
	fake_smccc_check();
}

// Another hypervisor may give KVM's function IDs a different meaning.
static void other_hypervisors_are_asked_for_their_uid_only(void **state)
{
	size_t granule = 77;

	(void)state;
	fake_smccc_expect(UID_GUNYAH);
	assert_int_equal(boot(), VMBASE_OK);
	assert_int_equal(vmbase_hypervisor(), VMBASE_HYPERVISOR_GUNYAH);
	assert_int_equal(vmbase_hypervisor_sharing_granule(&granule), VMBASE_ERROR_UNSUPPORTED);
	assert_int_equal(vmbase_hypervisor_share(vmbase_phys_at(0x80000000)), VMBASE_ERROR_UNSUPPORTED);
	fake_smccc_check();
	// QEMU without KVM: NOT_SUPPORTED in w0 only.
	fake_smccc_expect({ VENDOR_HYP_CALL_UID, 0, { NOT_SUPPORTED } });
	assert_int_equal(boot(), VMBASE_OK);
	assert_int_equal(vmbase_hypervisor(), VMBASE_HYPERVISOR_UNKNOWN);
	fake_smccc_check();
	// Differs from KVM's UID in one bit.
	fake_smccc_expect({ VENDOR_HYP_CALL_UID, 0, { 0xb66fb428, 0xe911c52e, 0x564bcaa9, 0x743a004c } });
	assert_int_equal(boot(), VMBASE_OK);
	assert_int_equal(vmbase_hypervisor(), VMBASE_HYPERVISOR_UNKNOWN);
	assert_int_equal(vmbase_mmio_guard_enroll(), VMBASE_ERROR_UNSUPPORTED);
	fake_smccc_check();
}

// Bits above 31 of the registers do not belong to the UID.
static void uid_is_the_low_32_bits_of_four_registers(void **state)
{
	(void)state;
	fake_smccc_expect(
		{ VENDOR_HYP_CALL_UID,
		  0,
		  { 0xffffffffb66fb428, 0xffffffffe911c52e, 0xffffffff564bcaa9, 0xffffffff743a004d } },
		INFO(NOT_SUPPORTED), FEATURES(1), MEMINFO(NOT_SUPPORTED));
	assert_int_equal(boot(), VMBASE_OK);
	assert_int_equal(vmbase_hypervisor(), VMBASE_HYPERVISOR_KVM);
	fake_smccc_check();
}

static void android_13_is_understood(void **state)
{
	(void)state;
	fake_smccc_expect(UID_KVM, INFO(4096), ENROLL(0), MAP(0x12345000, 0), MAP(0x1000, 0xfffffffd),
			  MAP(0x1000, 0xffffffff), UNMAP(0x1000, NOT_SUPPORTED),
			  UNMAP(0x1000, INVALID_PARAMETER));
	assert_int_equal(boot(), VMBASE_OK);
	assert_int_equal(vmbase_mmio_guard_map(vmbase_phys_at(0x1fff)), VMBASE_ERROR_INVALID_ARGUMENT);
	assert_int_equal(vmbase_mmio_guard_map(vmbase_phys_at(0x1fff)), VMBASE_ERROR_UNSUPPORTED);
	assert_int_equal(vmbase_mmio_guard_unmap(vmbase_phys_at(0x1fff)), VMBASE_OK);
	assert_int_equal(vmbase_mmio_guard_unmap(vmbase_phys_at(0x1fff)), VMBASE_ERROR_INVALID_ARGUMENT);
	fake_smccc_check();
	// Only KVM has this quirk.
	fake_smccc_expect(UID_GENIEZONE, INFO(4096), ENROLL(0), MAP(0x12345000, 0),
			  UNMAP(0x1000, NOT_SUPPORTED));
	assert_int_equal(boot(), VMBASE_OK);
	assert_int_equal(vmbase_mmio_guard_unmap(vmbase_phys_at(0x1000)), VMBASE_ERROR_UNSUPPORTED);
	fake_smccc_check();
}

static void each_hypervisor_has_a_name(void **state)
{
	(void)state;
	assert_string_equal(vmbase_hypervisor_name(VMBASE_HYPERVISOR_KVM), "KVM");
	assert_string_equal(vmbase_hypervisor_name(VMBASE_HYPERVISOR_PROTECTED_KVM), "protected KVM");
	assert_string_equal(vmbase_hypervisor_name(VMBASE_HYPERVISOR_GENIEZONE), "GenieZone");
	assert_string_equal(vmbase_hypervisor_name(VMBASE_HYPERVISOR_GUNYAH), "Gunyah");
	assert_string_equal(vmbase_hypervisor_name(VMBASE_HYPERVISOR_UNKNOWN), "unknown hypervisor");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ordinary_kvm_has_no_guard_and_no_sharing),
		cmocka_unit_test(upstream_protected_kvm_shares_without_a_guard),
		cmocka_unit_test(kvm_with_only_a_guard_is_protected),
		cmocka_unit_test(guard_may_have_no_unmap_call),
		cmocka_unit_test(errors_of_a_guard_without_unmap_are_returned),
		cmocka_unit_test(other_features_do_not_mean_a_guard),
		cmocka_unit_test(console_is_mapped_with_its_whole_granule),
		cmocka_unit_test(an_invalid_granule_is_refused),
		cmocka_unit_test(an_unavailable_guard_is_an_error),
		cmocka_unit_test(geniezone_may_need_no_guard),
		cmocka_unit_test(geniezone_has_guard_and_sharing),
		cmocka_unit_test(other_hypervisors_are_asked_for_their_uid_only),
		cmocka_unit_test(uid_is_the_low_32_bits_of_four_registers),
		cmocka_unit_test(android_13_is_understood),
		cmocka_unit_test(each_hypervisor_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
