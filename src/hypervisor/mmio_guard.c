// SPDX-License-Identifier: Apache-2.0

// Announces device pages to the MMIO guard.

#include <vmbase/hypervisor.h>

#include "../base/address.h"
#include "../base/after_boot.h"
#include "../base/align.h"
#include "hypervisor_calls.h"

// The bit for the call MAP in KVM's bitmap of features.
#define FEATURE_MMIO_GUARD_MAP (UINT32_C(1) << (VENDOR_HYP_MMIO_GUARD_MAP & 0x1f))

// The granule in bytes, or 0 without a guard. Set at boot.
static size_t granule;
// The guard has only the call MAP: the guest need not enroll, and cannot unmap.
static bool has_only_map;

enum vmbase_error vmbase_mmio_guard_granule(size_t *granule_bytes)
{
	VMB_AFTER_BOOT();
	if (granule == 0) {
		return VMBASE_ERROR_UNSUPPORTED;
	}
	*granule_bytes = granule;
	return VMBASE_OK;
}

enum vmbase_error vmbase_mmio_guard_enroll(void)
{
	VMB_AFTER_BOOT();
	if (has_only_map) {
		return VMBASE_OK;
	}
	return vmb_hypervisor_status(VENDOR_HYP_MMIO_GUARD_ENROLL,
				     vmb_hypervisor_call(VENDOR_HYP_MMIO_GUARD_ENROLL, 0));
}

// Makes a call for the granule that contains `address`. *status is the answer, sign-extended from 32 bits:
// Android 13's protected KVM returns only 32 bits, so an error looks like a large positive number.
static enum vmbase_error call(uint32_t function_id, uint64_t address, int64_t *status)
{
	VMB_AFTER_BOOT();
	if (granule == 0) {
		return VMBASE_ERROR_UNSUPPORTED;
	}
	*status = (int32_t)vmb_hypervisor_call(function_id, vmb_align_down(address, granule));
	return VMBASE_OK;
}

enum vmbase_error vmbase_mmio_guard_map(struct vmbase_phys phys)
{
	int64_t status;
	enum vmbase_error error = call(VENDOR_HYP_MMIO_GUARD_MAP, phys.address, &status);

	return error == VMBASE_OK ? vmb_hypervisor_status(VENDOR_HYP_MMIO_GUARD_MAP, (uint64_t)status) : error;
}

enum vmbase_error vmbase_mmio_guard_unmap(struct vmbase_phys phys)
{
	int64_t status;

	VMB_AFTER_BOOT();
	if (has_only_map) {
		return VMBASE_ERROR_UNSUPPORTED;
	}
	enum vmbase_error error = call(VENDOR_HYP_MMIO_GUARD_UNMAP, phys.address, &status);

	if (error != VMBASE_OK) {
		return error;
	}
	error = vmb_hypervisor_status(VENDOR_HYP_MMIO_GUARD_UNMAP, (uint64_t)status);
	// Android 13's protected KVM answers NOT_SUPPORTED after a successful UNMAP. The call exists, so this
	// answer means success.
	if (error == VMBASE_ERROR_UNSUPPORTED && vmb_hypervisor_family() == VMB_FAMILY_KVM) {
		return VMBASE_OK;
	}
	return error;
}

// Looks for a guard with only the call MAP, as Linux's guests do (drivers/virt/coco/pkvm-guest). They use
// neither INFO nor ENROLL. If KVM's features include MAP, they call MAP for each page of the size that
// HYP_MEMINFO gives; without HYP_MEMINFO they make no call.
static enum vmbase_error find_guard_with_only_map(void)
{
	const uint32_t features = (uint32_t)vmb_hypervisor_call(VENDOR_HYP_KVM_FEATURES, 0);

	if (vmbase_smccc_error(VENDOR_HYP_KVM_FEATURES, features) != VMBASE_OK ||
	    (features & FEATURE_MMIO_GUARD_MAP) == 0) {
		return VMBASE_ERROR_UNSUPPORTED;
	}
	has_only_map = true;
	return vmb_hypervisor_granule(VENDOR_HYP_MEMINFO, &granule);
}

enum vmbase_error vmb_mmio_guard_init(uint64_t console)
{
	enum vmbase_error error = vmb_hypervisor_granule(VENDOR_HYP_MMIO_GUARD_INFO, &granule);

	has_only_map = false;
	if (error == VMBASE_OK) {
		error = vmbase_mmio_guard_enroll();
		// An ordinary VM needs no guard: GenieZone answers INFO there nevertheless, and then answers
		// UNSUPPORTED to ENROLL. From KVM, which announces a guard by INFO, this answer is a refusal.
		if (error == VMBASE_ERROR_UNSUPPORTED && vmb_hypervisor_family() == VMB_FAMILY_KVM) {
			return VMBASE_ERROR_DENIED;
		}
	} else if (error == VMBASE_ERROR_UNSUPPORTED && vmb_hypervisor_family() == VMB_FAMILY_KVM) {
		error = find_guard_with_only_map();
	}
	if (error == VMBASE_ERROR_UNSUPPORTED) {
		granule = 0;
		has_only_map = false;
		return VMBASE_OK;
	}
	return error == VMBASE_OK && console != VMB_NO_ADDRESS ? vmbase_mmio_guard_map(vmbase_phys_at(console))
							       : error;
}
