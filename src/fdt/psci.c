// SPDX-License-Identifier: Apache-2.0

#include "tree.h"

#include <string.h>

static const struct vmb_fdt_match versions[] = {
	{ "arm,psci-1.0", 0 },
	{ "arm,psci-0.2", 0 },
	{ "arm,psci", 0 },
};

enum vmbase_error vmbase_fdt_psci_conduit(const struct vmbase_fdt *fdt, enum vmbase_smccc_conduit *conduit)
{
	struct vmbase_fdt_node node;
	unsigned int version;
	const char *method;

	// The binding gives the node this name (arm/psci.yaml).
	if (vmbase_fdt_find(fdt, "/psci", &node) != VMBASE_OK ||
	    !VMB_FDT_MATCH(fdt, &node, versions, &version)) {
		return VMBASE_ERROR_NOT_FOUND;
	}
	if (vmbase_fdt_string(fdt, &node, "method", &method) != VMBASE_OK) {
		return VMBASE_ERROR_CORRUPT;
	}
	if (strcmp(method, "hvc") == 0) {
		*conduit = VMBASE_SMCCC_HVC;
		return VMBASE_OK;
	}
	if (strcmp(method, "smc") == 0) {
		*conduit = VMBASE_SMCCC_SMC;
		return VMBASE_OK;
	}
	return VMBASE_ERROR_CORRUPT;
}
