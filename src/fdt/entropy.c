// SPDX-License-Identifier: Apache-2.0

// Feeds the random bytes of /chosen to the generator of <vmbase/entropy.h>.

#include <vmbase/entropy.h>
#include <vmbase/hypervisor.h>

#include "tree.h"

// Returns whether the guest keeps secrets from the host. The host writes the tree.
static bool is_protected(void)
{
	const enum vmbase_hypervisor hypervisor = vmbase_hypervisor();

	return hypervisor != VMBASE_HYPERVISOR_UNKNOWN && hypervisor != VMBASE_HYPERVISOR_KVM;
}

enum vmbase_error vmbase_fdt_feed_entropy(const struct vmbase_fdt *fdt, void *blob)
{
	const void *seed;
	size_t size_bytes;
	enum vmbase_error error = vmbase_fdt_rng_seed(fdt, &seed, &size_bytes);

	if (error != VMBASE_OK) {
		return error;
	}
	error = is_protected() ? VMBASE_ERROR_DENIED : vmbase_entropy_seed(seed, size_bytes);
	// Cannot fail: the property has just been found.
	enum vmbase_error wiped = vmbase_fdt_wipe_rng_seed(fdt, blob);

	return error != VMBASE_OK ? error : wiped;
}
