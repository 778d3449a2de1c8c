// SPDX-License-Identifier: Apache-2.0

// Shares granules of memory with the host.

#include <vmbase/hypervisor.h>

#include "hypervisor_calls.h"

enum vmbase_error vmbase_hypervisor_sharing_granule(size_t *granule_bytes)
{
	return vmb_hypervisor_granule(VENDOR_HYP_MEMINFO, granule_bytes);
}

enum vmbase_error vmbase_hypervisor_share(uint64_t address)
{
	return vmb_hypervisor_status(VENDOR_HYP_MEM_SHARE, vmb_hypervisor_call(VENDOR_HYP_MEM_SHARE, address));
}

enum vmbase_error vmbase_hypervisor_unshare(uint64_t address)
{
	return vmb_hypervisor_status(VENDOR_HYP_MEM_UNSHARE,
				     vmb_hypervisor_call(VENDOR_HYP_MEM_UNSHARE, address));
}
