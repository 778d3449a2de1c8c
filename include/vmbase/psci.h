// SPDX-License-Identifier: Apache-2.0

// The Power State Coordination Interface (Arm DEN 0022, issue F), by the conduit of <vmbase/smccc.h>.
//
// To end the VM a guest calls vmbase_shutdown() or vmbase_reboot() of <vmbase/power.h>. What is here is for a
// guest that wants to know what its hypervisor can do, that has more than one CPU, or that wants an error where
// it cannot be.
//
// The functions may be called from anywhere, on any CPU. Each gives the error of the status that came back:
//
// VMBASE_OK                        SUCCESS
// VMBASE_ERROR_UNSUPPORTED         NOT_SUPPORTED
// VMBASE_ERROR_INVALID_ARGUMENT    INVALID_PARAMETERS
// VMBASE_ERROR_DENIED              DENIED
// VMBASE_ERROR_ALREADY_ON          ALREADY_ON
// VMBASE_ERROR_ON_PENDING          ON_PENDING
// VMBASE_ERROR_INTERNAL_FAILURE    INTERNAL_FAILURE
// VMBASE_ERROR_NOT_PRESENT         NOT_PRESENT
// VMBASE_ERROR_DISABLED            DISABLED
// VMBASE_ERROR_INVALID_ADDRESS     INVALID_ADDRESS
// VMBASE_ERROR_UNKNOWN_STATUS      none of these (DEN 0022, Return error codes)

#ifndef VMBASE_PSCI_H
#define VMBASE_PSCI_H

#include <vmbase/error.h>

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Function IDs (DEN 0022, Function prototypes), for vmbase_psci_features().
#define VMBASE_PSCI_VERSION UINT32_C(0x84000000)
#define VMBASE_PSCI_CPU_SUSPEND UINT32_C(0xc4000001)
#define VMBASE_PSCI_CPU_OFF UINT32_C(0x84000002)
#define VMBASE_PSCI_CPU_ON UINT32_C(0xc4000003)
#define VMBASE_PSCI_AFFINITY_INFO UINT32_C(0xc4000004)
#define VMBASE_PSCI_SYSTEM_OFF UINT32_C(0x84000008)
#define VMBASE_PSCI_SYSTEM_RESET UINT32_C(0x84000009)
#define VMBASE_PSCI_FEATURES UINT32_C(0x8400000a)
#define VMBASE_PSCI_SYSTEM_RESET2 UINT32_C(0xc4000012)

// The error of a status, as above. Any positive number is VMBASE_ERROR_UNKNOWN_STATUS: functions whose result
// may be a value are looked at by themselves.
enum vmbase_error vmbase_psci_error(int32_t status);

// The version, as VMBASE_VERSION() of <vmbase/smccc.h>.
enum vmbase_error vmbase_psci_version(uint32_t *version);

// Whether a function is there: VMBASE_ERROR_UNSUPPORTED where it is not. *flags are what the function's own
// chapter says of its feature flags.
enum vmbase_error vmbase_psci_features(uint32_t function_id, uint32_t *flags);

// End the VM, or reset it. They return only with an error.
enum vmbase_error vmbase_psci_system_off(void);
enum vmbase_error vmbase_psci_system_reset(void);

// Resets the VM in a way of its own: reset_type 0 is a warm reset of the architecture, bit 31 marks a vendor's,
// for which the cookie is. Returns only with an error.
#define VMBASE_PSCI_SYSTEM_WARM_RESET UINT32_C(0)
enum vmbase_error vmbase_psci_system_reset2(uint32_t reset_type, uint64_t cookie);

// Turns on the CPU whose MPIDR_EL1 has these affinity fields; all other bits are zero. It begins at the
// physical address entry_point, at the caller's exception level, with the MMU and the caches off, interrupts
// masked, and context_id in x0.
enum vmbase_error vmbase_psci_cpu_on(uint64_t target_mpidr, uint64_t entry_point, uint64_t context_id);

// Turns off the CPU that calls. Returns only with an error.
enum vmbase_error vmbase_psci_cpu_off(void);

// What a CPU, or all CPUs of an affinity instance, are doing.
enum vmbase_psci_state {
	VMBASE_PSCI_STATE_ON = 0,
	VMBASE_PSCI_STATE_OFF = 1,
	VMBASE_PSCI_STATE_ON_PENDING = 2,
};

// lowest_level is the lowest affinity level that target_mpidr is meant to the last bit of: 0 for one CPU.
enum vmbase_error vmbase_psci_affinity_info(uint64_t target_mpidr, uint32_t lowest_level,
					    enum vmbase_psci_state *state);

// Lets the CPU that calls sleep until an interrupt is pending for it. From a standby state (power_state,
// StateType) it goes on here, with VMBASE_OK; from a powerdown state it begins at the physical address
// entry_point as after vmbase_psci_cpu_on(). KVM takes every state for standby.
enum vmbase_error vmbase_psci_cpu_suspend(uint32_t power_state, uint64_t entry_point, uint64_t context_id);

#ifdef __cplusplus
}
#endif

#endif
