// SPDX-License-Identifier: Apache-2.0

// Which hypervisor runs the guest, and what it lets the guest ask of it.
//
// What it can do is probed call by call, not derived from its name: upstream Linux's pKVM shares memory but has
// no MMIO guard, Android's has both. Each capability is VMBASE_ERROR_UNSUPPORTED where it is absent, on an
// unknown hypervisor or without one too.
//
// The calls are vendor-specific hypervisor services (Arm DEN 0028, issue E, Service calls); KVM's, which
// protected KVM and GenieZone have under the same function IDs, are described in Linux,
// Documentation/virt/kvm/arm/hypercalls.rst. All functions may be called from anywhere, on any CPU.

#ifndef VMBASE_HYPERVISOR_H
#define VMBASE_HYPERVISOR_H

#include <vmbase/error.h>

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum vmbase_hypervisor {
	VMBASE_HYPERVISOR_UNKNOWN,       // none, or none of these: nothing wrong with that
	VMBASE_HYPERVISOR_KVM,           // and the VM is an ordinary one
	VMBASE_HYPERVISOR_PROTECTED_KVM, // KVM, and memory sharing or the MMIO guard answers
	VMBASE_HYPERVISOR_GENIEZONE,
	VMBASE_HYPERVISOR_GUNYAH,
};

// The hypervisor by its UID (DEN 0028, Call UID query), which the boot has asked for. On KVM, whether it is
// protected takes a hypercall each time.
enum vmbase_hypervisor vmbase_hypervisor(void);

// Its name, such as "protected KVM".
const char *vmbase_hypervisor_name(enum vmbase_hypervisor hypervisor);

// The MMIO guard. A guest that has enrolled tells the hypervisor which addresses it takes for devices; an
// access to any other address without memory is then an abort in the guest instead of an access that the host
// sees. vmbase enrolls before its first access to the console, and maps the console's granule. Drivers map
// theirs before they touch it, unless the memory tracker (<vmbase/tracker.h>) does it for them.
//
// A guard that KVM's bitmap of features has without telling of itself, as Linux's guests look for it, is in
// force from the start, has the granule of memory sharing, and takes nothing back.
//
// Beside what is said below, each gives
// VMBASE_ERROR_UNSUPPORTED        there is no guard
// VMBASE_ERROR_INVALID_ARGUMENT   the hypervisor does not take the address
// VMBASE_ERROR_UNKNOWN_STATUS     the hypervisor's answer is none of its interface's

// Puts into *granule_bytes what an access is guarded in units of: 4, 16 or 64 KiB.
enum vmbase_error vmbase_mmio_guard_granule(size_t *granule_bytes);

// Turns the guard on, for good. vmbase has done so at boot.
enum vmbase_error vmbase_mmio_guard_enroll(void);

// Allows or forbids accesses to the granule that contains a physical address. Android 13's protected KVM
// answers as no later one does, and is understood.
// VMBASE_ERROR_UNSUPPORTED, of unmap: the guard cannot forbid what it has allowed
enum vmbase_error vmbase_mmio_guard_map(uint64_t address);
enum vmbase_error vmbase_mmio_guard_unmap(uint64_t address);

// Memory sharing: what the host may read and write of a guest whose memory is its own. A guest uses the ranges
// and buffers of <vmbase/sharing.h>; these are the calls below them, one granule each.
//
// Beside what is said below, each gives
// VMBASE_ERROR_UNSUPPORTED        memory is not shared by call
// VMBASE_ERROR_INVALID_ARGUMENT   the address is unaligned, or its granule is shared already, or is not
// VMBASE_ERROR_UNKNOWN_STATUS     the hypervisor's answer is none of its interface's

// Puts into *granule_bytes what is shared at a time: 4, 16 or 64 KiB.
enum vmbase_error vmbase_hypervisor_sharing_granule(size_t *granule_bytes);

// Shares the granule at a physical address, or takes it back. The address must be RAM: for any other protected
// KVM answers with an external abort on the call. Taking back a granule does not clear it.
enum vmbase_error vmbase_hypervisor_share(uint64_t address);
enum vmbase_error vmbase_hypervisor_unshare(uint64_t address);

#ifdef __cplusplus
}
#endif

#endif
