// SPDX-License-Identifier: Apache-2.0

// Finds the conduit of PSCI, also of an old PSCI.

#ifndef VMB_FDT_PSCI_H
#define VMB_FDT_PSCI_H

#include <vmbase/fdt.h>

// Like vmbase_fdt_psci_conduit(), but sets *conduit with VMBASE_ERROR_UNSUPPORTED too: PSCI 0.1 uses the same
// conduit.
enum vmbase_error vmb_fdt_psci(const struct vmbase_fdt *fdt, enum vmbase_smccc_conduit *conduit);

#endif
