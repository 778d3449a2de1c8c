// SPDX-License-Identifier: Apache-2.0

// Names the hypervisor for the user of the library.

#include <vmbase/hypervisor.h>

#include "hypervisor_calls.h"

enum vmbase_hypervisor vmbase_hypervisor(void)
{
	size_t granule_bytes;

	switch (vmb_hypervisor_family()) {
	case VMB_FAMILY_KVM:
		return vmbase_hypervisor_sharing_granule(&granule_bytes) != VMBASE_ERROR_UNSUPPORTED ||
				       vmbase_mmio_guard_granule(&granule_bytes) != VMBASE_ERROR_UNSUPPORTED
			       ? VMBASE_HYPERVISOR_PROTECTED_KVM
			       : VMBASE_HYPERVISOR_KVM;
	case VMB_FAMILY_GENIEZONE:
		return VMBASE_HYPERVISOR_GENIEZONE;
	case VMB_FAMILY_GUNYAH:
		return VMBASE_HYPERVISOR_GUNYAH;
	case VMB_FAMILY_OTHER:
		break;
	}
	return VMBASE_HYPERVISOR_UNKNOWN;
}

const char *vmbase_hypervisor_name(enum vmbase_hypervisor hypervisor)
{
	switch (hypervisor) {
	case VMBASE_HYPERVISOR_KVM:
		return "KVM";
	case VMBASE_HYPERVISOR_PROTECTED_KVM:
		return "protected KVM";
	case VMBASE_HYPERVISOR_GENIEZONE:
		return "GenieZone";
	case VMBASE_HYPERVISOR_GUNYAH:
		return "Gunyah";
	case VMBASE_HYPERVISOR_UNKNOWN:
		break;
	}
	return "unknown hypervisor";
}
