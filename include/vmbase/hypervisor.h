// SPDX-License-Identifier: Apache-2.0

// The hypervisor, its MMIO guard, and its calls that share memory.
//
// The library probes each call, and does not derive it from the hypervisor's name: the pKVM of Linux shares
// memory but has no MMIO guard, the pKVM of Android has both. A missing call gives VMBASE_ERROR_UNSUPPORTED,
// also if the hypervisor is unknown or if there is no hypervisor.
//
// The calls are vendor-specific hypervisor services (Arm DEN 0028, issue E, Service calls). Those of KVM are
// described in Linux, Documentation/virt/kvm/arm/hypercalls.rst; protected KVM and GenieZone have them under
// the same function IDs. All functions may be called on any CPU.

#ifndef VMBASE_HYPERVISOR_H
#define VMBASE_HYPERVISOR_H

#include <vmbase/error.h>
#include <vmbase/range.h>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The known hypervisors.
enum vmbase_hypervisor {
	VMBASE_HYPERVISOR_UNKNOWN,       // no hypervisor, or an unknown one (not an error)
	VMBASE_HYPERVISOR_KVM,           // an ordinary VM
	VMBASE_HYPERVISOR_PROTECTED_KVM, // KVM with memory sharing or the MMIO guard
	VMBASE_HYPERVISOR_GENIEZONE,
	VMBASE_HYPERVISOR_GUNYAH,
};

// Returns the hypervisor by its UID (DEN 0028, Call UID query), which the boot has read. On KVM each call costs
// a hypercall, which finds out whether the VM is protected.
//
// Context: any
enum vmbase_hypervisor vmbase_hypervisor(void);

// Returns the name of a hypervisor, such as "protected KVM".
//
// Context: any
const char *vmbase_hypervisor_name(enum vmbase_hypervisor hypervisor);

// The MMIO guard
//
// An enrolled guest tells the hypervisor the addresses of its devices. An access to any other address without
// memory is then an abort in the guest; without a guard the host would see the access. vmbase enrolls before
// its first access to the console, and maps the console's granule. A driver maps the granules of its device
// before the first access, unless the memory tracker (<vmbase/tracker.h>) does so.
//
// A guard may be announced in KVM's bitmap of features only, where Linux's guests look for it. A guard of this
// kind is in force from the start, has the granule of memory sharing, and cannot unmap.

// Stores the unit in which accesses are guarded: 4, 16 or 64 KiB.
//
// Context: any
// Errors:
//   VMBASE_ERROR_UNSUPPORTED  if there is no guard
enum vmbase_error vmbase_mmio_guard_granule(size_t *granule_bytes);

// Turns the guard on for the rest of the VM's life. vmbase has done so at boot.
//
// Context: any
// Errors:
//   VMBASE_ERROR_UNSUPPORTED  if there is no guard
//   the other errors of vmbase_smccc_error()
enum vmbase_error vmbase_mmio_guard_enroll(void);

// Allow and forbid accesses to the granule that contains a physical address. The answers of Android 13's
// protected KVM, which differ from those of later versions, are understood.
//
// Context: any
// Errors:
//   VMBASE_ERROR_UNSUPPORTED       if there is no guard, or if the guard cannot unmap
//   VMBASE_ERROR_INVALID_ARGUMENT  if the hypervisor refuses the address
//   VMBASE_ERROR_UNKNOWN_STATUS    if the interface of the hypervisor does not define its answer
enum vmbase_error vmbase_mmio_guard_map(struct vmbase_phys phys);
enum vmbase_error vmbase_mmio_guard_unmap(struct vmbase_phys phys);

// Memory sharing
//
// These calls let the host read and write a granule of a guest whose memory is private. A guest uses the ranges
// and buffers of <vmbase/sharing.h>, which make these calls.

// Stores the unit in which memory is shared: 4, 16 or 64 KiB.
//
// Context: any
// Errors:
//   VMBASE_ERROR_UNSUPPORTED     if memory is not shared by call
//   VMBASE_ERROR_UNKNOWN_STATUS  if the hypervisor answers another number
//   the other errors of vmbase_smccc_error()
enum vmbase_error vmbase_hypervisor_sharing_granule(size_t *granule_bytes);

// Share and unshare the granule at a physical address, which must be RAM: for any other address protected KVM
// answers with an external abort on the call. Unsharing does not clear the granule.
//
// Context: any
// Errors:
//   VMBASE_ERROR_UNSUPPORTED       if memory is not shared by call
//   VMBASE_ERROR_INVALID_ARGUMENT  if the address is unaligned, or if its granule is already shared or unshared
//   VMBASE_ERROR_UNKNOWN_STATUS    if the interface of the hypervisor does not define its answer
enum vmbase_error vmbase_hypervisor_share(struct vmbase_phys phys);
enum vmbase_error vmbase_hypervisor_unshare(struct vmbase_phys phys);

#ifdef __cplusplus
}
#endif

#endif
