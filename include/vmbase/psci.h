// SPDX-License-Identifier: Apache-2.0

// The Power State Coordination Interface (Arm DEN 0022, issue F), by the conduit of <vmbase/smccc.h>.
//
// To end the VM a guest calls vmbase_shutdown() or vmbase_reboot() of <vmbase/power.h>. The functions here are
// for a guest that asks which functions its hypervisor has, that has more than one CPU, or that handles a
// refused call.
//
// All functions may be called on any CPU. vmbase_psci_error() has the list of errors.

#ifndef VMBASE_PSCI_H
#define VMBASE_PSCI_H

#include <vmbase/error.h>
#include <vmbase/range.h>

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

// Translates the status that a call returned (DEN 0022, Return error codes). SUCCESS gives VMBASE_OK. The other
// functions of this header return these errors for the status of their call.
//
// Context: any
// Errors:
//   VMBASE_ERROR_UNSUPPORTED       if the status is NOT_SUPPORTED
//   VMBASE_ERROR_INVALID_ARGUMENT  if the status is INVALID_PARAMETERS
//   VMBASE_ERROR_DENIED            if the status is DENIED
//   VMBASE_ERROR_ALREADY_ON        if the status is ALREADY_ON
//   VMBASE_ERROR_ON_PENDING        if the status is ON_PENDING
//   VMBASE_ERROR_INTERNAL_FAILURE  if the status is INTERNAL_FAILURE
//   VMBASE_ERROR_NOT_PRESENT       if the status is NOT_PRESENT
//   VMBASE_ERROR_DISABLED          if the status is DISABLED
//   VMBASE_ERROR_INVALID_ADDRESS   if the status is INVALID_ADDRESS
//   VMBASE_ERROR_UNKNOWN_STATUS    if the status has any other value, positive values included
enum vmbase_error vmbase_psci_error(int32_t status);

// Stores the version, as VMBASE_VERSION() of <vmbase/smccc.h> (DEN 0022, PSCI_VERSION).
//
// Context: any
// Errors:
//   the errors of vmbase_psci_error()
enum vmbase_error vmbase_psci_version(uint32_t *version);

// Asks whether a function exists, and stores its feature flags in *flags; the function's chapter describes them
// (DEN 0022, PSCI_FEATURES).
//
// Context: any
// Errors:
//   VMBASE_ERROR_UNSUPPORTED  if the function does not exist
//   the other errors of vmbase_psci_error()
enum vmbase_error vmbase_psci_features(uint32_t function_id, uint32_t *flags);

// Power the VM off, or reset it (DEN 0022, SYSTEM_OFF and SYSTEM_RESET). They return only with an error.
//
// Context: any
// Errors:
//   VMBASE_ERROR_INTERNAL_FAILURE  if the call returned, with SUCCESS
//   the errors of vmbase_psci_error()
enum vmbase_error vmbase_psci_system_off(void);
enum vmbase_error vmbase_psci_system_reset(void);

// The architecture's warm reset, for vmbase_psci_system_reset2().
#define VMBASE_PSCI_SYSTEM_WARM_RESET UINT32_C(0)

// Resets the VM in a chosen way (DEN 0022, SYSTEM_RESET2). A reset_type with bit 31 set belongs to the vendor,
// who defines the meaning of `cookie`. Returns only with an error.
//
// Context: any
// Errors:
//   VMBASE_ERROR_INTERNAL_FAILURE  if the call returned, with SUCCESS
//   the errors of vmbase_psci_error()
enum vmbase_error vmbase_psci_system_reset2(uint32_t reset_type, uint64_t cookie);

// Turns on the CPU whose MPIDR_EL1 has the affinity fields of target_mpidr; all other bits of target_mpidr are
// zero (DEN 0022, CPU_ON). The CPU begins at the physical address entry_point, at the caller's exception level,
// with the MMU and the caches off, interrupts masked, and context_id in x0.
//
// Context: any
// Errors:
//   the errors of vmbase_psci_error()
enum vmbase_error vmbase_psci_cpu_on(uint64_t target_mpidr, struct vmbase_phys entry_point,
				     uint64_t context_id);

// Turns off the calling CPU (DEN 0022, CPU_OFF). Returns only with an error.
//
// Context: any
// Errors:
//   VMBASE_ERROR_INTERNAL_FAILURE  if the call returned, with SUCCESS
//   the errors of vmbase_psci_error()
enum vmbase_error vmbase_psci_cpu_off(void);

// The state of a CPU, or of all CPUs of an affinity instance.
enum vmbase_psci_state {
	VMBASE_PSCI_STATE_ON = 0,
	VMBASE_PSCI_STATE_OFF = 1,
	VMBASE_PSCI_STATE_ON_PENDING = 2,
};

// Stores the state of a CPU or of an affinity instance (DEN 0022, AFFINITY_INFO). lowest_level is the lowest
// affinity level whose field in target_mpidr is used: 0 for one CPU.
//
// Context: any
// Errors:
//   VMBASE_ERROR_UNKNOWN_STATUS  if the state is not one of these three
//   the errors of vmbase_psci_error()
enum vmbase_error vmbase_psci_affinity_info(uint64_t target_mpidr, uint32_t lowest_level,
					    enum vmbase_psci_state *state);

// Suspends the calling CPU until an interrupt is pending for it (DEN 0022, CPU_SUSPEND). After a standby state
// (power_state, StateType) the function returns VMBASE_OK. After a powerdown state the CPU begins at the
// physical address entry_point, as after vmbase_psci_cpu_on(). KVM treats every state as standby.
//
// Context: any
// Errors:
//   the errors of vmbase_psci_error()
enum vmbase_error vmbase_psci_cpu_suspend(uint32_t power_state, struct vmbase_phys entry_point,
					  uint64_t context_id);

#ifdef __cplusplus
}
#endif

#endif
