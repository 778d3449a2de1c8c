// SPDX-License-Identifier: Apache-2.0

// Finds PSCI by a node's property `compatible`, anywhere in the tree (arm/psci.yaml).

#include "fdt_psci.h"
#include "tree.h"

// PSCI 0.2 and later use the function IDs of Arm DEN 0022. PSCI 0.1 gives its function IDs in properties, and
// has no functions that power off, reset, or return a version.
enum { FIXED_IDS, OWN_IDS };

static const struct vmb_fdt_match versions[] = {
	{ "arm,psci-1.0", FIXED_IDS },
	{ "arm,psci-0.2", FIXED_IDS },
	{ "arm,psci", OWN_IDS },
};

bool vmb_fdt_is_psci(const char *compatible, size_t size_bytes)
{
	unsigned int version;

	return vmb_fdt_match_list(compatible, size_bytes, versions, sizeof(versions) / sizeof(versions[0]),
				  &version);
}

enum vmbase_error vmb_fdt_psci(const struct vmbase_fdt *fdt, enum vmbase_smccc_conduit *conduit)
{
	struct vmbase_fdt_node node;
	unsigned int version;
	const char *method;

	if (!vmb_fdt_begin_search(fdt->psci, &node)) {
		return VMBASE_ERROR_NOT_FOUND;
	}
	while (!VMB_FDT_MATCH(fdt, &node, versions, &version) || !vmbase_fdt_is_enabled(fdt, &node)) {
		if (!vmbase_fdt_next_node(fdt, &node)) {
			return VMBASE_ERROR_NOT_FOUND;
		}
	}
	if (vmbase_fdt_string(fdt, &node, "method", &method) != VMBASE_OK) {
		return VMBASE_ERROR_CORRUPT;
	}
	if (strcmp(method, "hvc") == 0) {
		*conduit = VMBASE_SMCCC_HVC;
	} else if (strcmp(method, "smc") == 0) {
		*conduit = VMBASE_SMCCC_SMC;
	} else {
		return VMBASE_ERROR_CORRUPT;
	}
	return version == FIXED_IDS ? VMBASE_OK : VMBASE_ERROR_UNSUPPORTED;
}

enum vmbase_error vmbase_fdt_psci_conduit(const struct vmbase_fdt *fdt, enum vmbase_smccc_conduit *conduit)
{
	enum vmbase_smccc_conduit found;
	enum vmbase_error error = vmb_fdt_psci(fdt, &found);

	if (error == VMBASE_OK) {
		*conduit = found;
	}
	return error;
}
