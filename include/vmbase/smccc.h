// SPDX-License-Identifier: Apache-2.0

// Calls to the hypervisor or to firmware, by the SMC Calling Convention (Arm DEN 0028, issue E), versions 1.0
// and later.
//
// They may be made from anywhere: main, a handler, any CPU. To the compiler each is an external function, so
// all memory may have changed when it returns. What comes back is the word of somebody else: check it.

#ifndef VMBASE_SMCCC_H
#define VMBASE_SMCCC_H

#include <vmbase/error.h>

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The instruction that makes a call. Without a hypervisor and firmware that take it the instruction is
// undefined, and so an exception.
enum vmbase_smccc_conduit {
	VMBASE_SMCCC_HVC,
	VMBASE_SMCCC_SMC,
};

// The conduit of vmbase_smccc_call(), of PSCI, and of all that the library calls: HVC, which is what a VM at
// EL1 has. A guest for the platform `custom` whose machine wants SMC defines this variable with that value,
// which is then in force from the first instruction of C on; any guest may change it while no other CPU makes a
// call.
extern enum vmbase_smccc_conduit vmbase_smccc_conduit;

// What a call leaves in x0 to x3.
struct vmbase_smccc_result {
	uint64_t x[4];
};

// Makes a call by vmbase_smccc_conduit: function_id goes in x0, the arguments in x1 to x3.
struct vmbase_smccc_result vmbase_smccc_call(uint32_t function_id, uint64_t arg1, uint64_t arg2, uint64_t arg3);

// All registers that a call may pass either way since version 1.2: x0 to x17. x[0] is the function ID.
struct vmbase_smccc_registers {
	uint64_t x[18];
};

// Makes a call by HVC, or by SMC, with all of these registers, and puts there what it leaves in them. Before
// version 1.2 only x[0] to x[3] are results.
void vmbase_smccc_hvc(struct vmbase_smccc_registers *registers);
void vmbase_smccc_smc(struct vmbase_smccc_registers *registers);

// What a function's x0 says by the convention's own return codes (DEN 0028, Return codes). It is read as 32
// bits or as 64, as function_id's bit 30 says.
//
// VMBASE_OK                       zero or more: a success, or a value
// VMBASE_ERROR_UNSUPPORTED        NOT_SUPPORTED or NOT_REQUIRED
// VMBASE_ERROR_INVALID_ARGUMENT   INVALID_PARAMETER
// VMBASE_ERROR_UNKNOWN_STATUS     any other negative value
enum vmbase_error vmbase_smccc_error(uint32_t function_id, uint64_t x0);

// A version, of this convention or of PSCI: major in bits 30 to 16, minor in bits 15 to 0.
#define VMBASE_VERSION(major, minor) ((uint32_t)(major) << 16 | (minor))

// The convention's version (DEN 0028, SMCCC_VERSION).
//
// VMBASE_ERROR_UNSUPPORTED        it is 1.0, or there is nobody who would take a call
// VMBASE_ERROR_UNKNOWN_STATUS     as vmbase_smccc_error()
enum vmbase_error vmbase_smccc_version(uint32_t *version);

// Whether one of the Arm Architecture Calls is there, and what it says of itself in *value (DEN 0028,
// SMCCC_ARCH_FEATURES).
//
// The errors of vmbase_smccc_error(): VMBASE_ERROR_UNSUPPORTED where it is not.
enum vmbase_error vmbase_smccc_arch_features(uint32_t function_id, uint32_t *value);

#ifdef __cplusplus
}
#endif

#endif
