// SPDX-License-Identifier: Apache-2.0

#ifndef VMB_FDT_PSCI_H
#define VMB_FDT_PSCI_H

#include <vmbase/fdt.h>

// vmbase_fdt_psci_conduit(), but with VMBASE_ERROR_UNSUPPORTED *conduit is set too: an old PSCI is called the
// same way.
enum vmbase_error vmb_fdt_psci(const struct vmbase_fdt *fdt, enum vmbase_smccc_conduit *conduit);

#endif
