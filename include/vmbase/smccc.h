// SPDX-License-Identifier: Apache-2.0

// Calls to the hypervisor or to firmware, by the SMC Calling Convention (Arm DEN 0028, issue E), versions 1.0
// and later.
//
// All functions may be called on any CPU. For the compiler a call is an external function: all memory may have
// changed when it returns. The results come from outside of the guest: check them.

#ifndef VMBASE_SMCCC_H
#define VMBASE_SMCCC_H

#include <vmbase/error.h>

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The instruction that makes a call. If neither the hypervisor nor firmware handles the instruction, it is
// undefined and causes an exception.
enum vmbase_smccc_conduit {
	VMBASE_SMCCC_HVC,
	VMBASE_SMCCC_SMC,
};

// The conduit of vmbase_smccc_call(), of PSCI, and of all other calls of the library. The default is HVC, the
// conduit of a VM at EL1. A guest for the platform `custom` whose machine needs SMC defines this variable with
// that value, which is then in force from the first instruction of C on. Any guest may change the variable
// while no other CPU makes a call.
extern enum vmbase_smccc_conduit vmbase_smccc_conduit;

// The values that a call leaves in x0 to x3.
struct vmbase_smccc_result {
	uint64_t x[4];
};

// Makes a call by vmbase_smccc_conduit, with function_id in x0 and the arguments in x1 to x3.
//
// Context: any
struct vmbase_smccc_result vmbase_smccc_call(uint32_t function_id, uint64_t arg1, uint64_t arg2, uint64_t arg3);

// The registers that a call passes in both directions since version 1.2: x0 to x17. x[0] is the function ID.
struct vmbase_smccc_registers {
	uint64_t x[18];
};

// Make a call by HVC or by SMC with all of these registers, and store the results in them. Before version 1.2
// only x[0] to x[3] are results.
//
// Context: any
void vmbase_smccc_hvc(struct vmbase_smccc_registers *registers);
void vmbase_smccc_smc(struct vmbase_smccc_registers *registers);

// Translates the value that a call left in x0, by the convention's own return codes (DEN 0028, Return codes).
// Bit 30 of function_id says whether the value has 32 or 64 bits. Zero and positive values, which may be
// results, give VMBASE_OK.
//
// Context: any
// Errors:
//   VMBASE_ERROR_UNSUPPORTED       if x0 is NOT_SUPPORTED or NOT_REQUIRED
//   VMBASE_ERROR_INVALID_ARGUMENT  if x0 is INVALID_PARAMETER
//   VMBASE_ERROR_UNKNOWN_STATUS    if x0 is any other negative value
enum vmbase_error vmbase_smccc_error(uint32_t function_id, uint64_t x0);

// A version of this convention or of PSCI: major in bits 30 to 16, minor in bits 15 to 0.
#define VMBASE_VERSION(major, minor) ((uint32_t)(major) << 16 | (minor))

// Stores the version of the convention, as VMBASE_VERSION() (DEN 0028, SMCCC_VERSION).
//
// Context: any
// Errors:
//   VMBASE_ERROR_UNSUPPORTED     if the answer is NOT_SUPPORTED: the version is 1.0, or only PSCI is handled
//   VMBASE_ERROR_UNKNOWN_STATUS  as vmbase_smccc_error()
enum vmbase_error vmbase_smccc_version(uint32_t *version);

// Asks whether one of the Arm Architecture Calls exists, and stores its feature flags in *value (DEN 0028,
// SMCCC_ARCH_FEATURES).
//
// Context: any
// Errors:
//   VMBASE_ERROR_UNSUPPORTED  if the call does not exist
//   the other errors of vmbase_smccc_error()
enum vmbase_error vmbase_smccc_arch_features(uint32_t function_id, uint32_t *value);

#ifdef __cplusplus
}
#endif

#endif
