// SPDX-License-Identifier: Apache-2.0

// Identifies the hypervisor and makes its vendor-specific calls.

#include "../base/after_boot.h"
#include "hypervisor_calls.h"

struct known_uid {
	uint64_t low; // w0 in the lower half, w1 in the upper half
	uint64_t high;
	enum vmb_hypervisor_family family;
};

static const struct known_uid known_uids[] = {
	// 28b46fb6-2ec5-11e9-a9ca-4b564d003a74
	{ 0xe911c52eb66fb428, 0x743a004d564bcaa9, VMB_FAMILY_KVM },
	// 7e134ed0-3b82-488d-8cee-69c19211dbe7
	{ 0x8d48823bd04e137e, 0xe7db1192c169ee8c, VMB_FAMILY_GENIEZONE },
	// c1d58fcd-a453-5fdb-9265-ce36673d5f14
	{ 0xdb5f53a4cd8fd5c1, 0x145f3d6736ce6592, VMB_FAMILY_GUNYAH },
};

static enum vmb_hypervisor_family family;

void vmb_hypervisor_init(void)
{
	struct vmbase_smccc_result result = vmbase_smccc_call(VENDOR_HYP_CALL_UID, 0, 0, 0);
	uint64_t low = (uint32_t)result.x[0] | result.x[1] << 32;
	uint64_t high = (uint32_t)result.x[2] | result.x[3] << 32;

	family = VMB_FAMILY_OTHER;
	for (size_t i = 0; i < sizeof(known_uids) / sizeof(known_uids[0]); i++) {
		if (low == known_uids[i].low && high == known_uids[i].high) {
			family = known_uids[i].family;
		}
	}
}

enum vmb_hypervisor_family vmb_hypervisor_family(void)
{
	VMB_AFTER_BOOT();
	return family;
}

uint64_t vmb_hypervisor_call(uint32_t function_id, uint64_t address)
{
	VMB_AFTER_BOOT();
	if (family != VMB_FAMILY_KVM && family != VMB_FAMILY_GENIEZONE) {
		return VMB_NOT_SUPPORTED;
	}
	return vmbase_smccc_call(function_id, address, 0, 0).x[0];
}

enum vmbase_error vmb_hypervisor_status(uint32_t function_id, uint64_t x0)
{
	enum vmbase_error error = vmbase_smccc_error(function_id, x0);

	return error == VMBASE_OK && x0 != 0 ? VMBASE_ERROR_UNKNOWN_STATUS : error;
}

enum vmbase_error vmb_hypervisor_granule(uint32_t function_id, size_t *granule_bytes)
{
	uint64_t x0 = vmb_hypervisor_call(function_id, 0);
	enum vmbase_error error = vmbase_smccc_error(function_id, x0);

	if (error != VMBASE_OK) {
		return error;
	}
	if (x0 != 4096 && x0 != 16384 && x0 != 65536) {
		return VMBASE_ERROR_UNKNOWN_STATUS;
	}
	*granule_bytes = x0;
	return VMBASE_OK;
}
