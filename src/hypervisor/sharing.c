// SPDX-License-Identifier: Apache-2.0

// Shares granules of memory with the host.

#include <vmbase/hypervisor.h>

#include "hypervisor_calls.h"

enum vmbase_error vmbase_hypervisor_sharing_granule(size_t *granule_bytes)
{
	return vmb_hypervisor_granule(VENDOR_HYP_MEMINFO, granule_bytes);
}

enum vmbase_error vmbase_hypervisor_share(struct vmbase_phys phys)
{
	return vmb_hypervisor_status(VENDOR_HYP_MEM_SHARE,
				     vmb_hypervisor_call(VENDOR_HYP_MEM_SHARE, phys.address));
}

enum vmbase_error vmbase_hypervisor_unshare(struct vmbase_phys phys)
{
	return vmb_hypervisor_status(VENDOR_HYP_MEM_UNSHARE,
				     vmb_hypervisor_call(VENDOR_HYP_MEM_UNSHARE, phys.address));
}
