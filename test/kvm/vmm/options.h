// SPDX-License-Identifier: Apache-2.0

// The command line.

#ifndef OPTIONS_H
#define OPTIONS_H

#include "machine.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	OPTIONS_CPUS_MAX = 8,
};

// Whose calls in the vendor hypervisor's range are answered.
enum hypervisor {
	HYPERVISOR_HOST, // KVM answers, and the VMM sees nothing of it
	HYPERVISOR_KVM,
	HYPERVISOR_PKVM,
	HYPERVISOR_GENIEZONE,
	HYPERVISOR_GUNYAH,
	HYPERVISOR_UNKNOWN,
	HYPERVISOR_NONE,
};

// How pKVM and GenieZone answer the calls of the MMIO guard.
enum guard_mode {
	GUARD_ENFORCE,
	GUARD_REFUSE_ENROLL,
	GUARD_REFUSE_MAP,
	GUARD_REFUSE_UNMAP,
	GUARD_NOT_REQUIRED,
	GUARD_MAP_ALONE,
	GUARD_ABSENT,
};

// How they answer the calls of memory sharing.
enum share_mode {
	SHARE_ACCEPT,
	SHARE_REFUSE,
	SHARE_ABSENT,
};

// Whose TRNG it is, and what is wrong with it.
enum trng_mode {
	TRNG_HOST, // KVM answers, and the VMM sees nothing of it
	TRNG_OK,
	TRNG_NONE,
	TRNG_FAIL,
	TRNG_STUCK,
	TRNG_ZERO,
};

// At which exception level the guest begins. With EL2 its CPUs are nested, for which the host needs
// kvm-arm.mode=nested.
enum guest_el {
	GUEST_EL1,
	GUEST_EL2,      // HCR_EL2.E2H is RES1
	GUEST_EL2_E2H0, // HCR_EL2.E2H is what the guest writes
};

// What an access to an address without RAM and without a device is.
enum stray_mode {
	STRAY_REPORT, // a line of the report; a read gives 0
	STRAY_ABORT,  // a synchronous external abort
	STRAY_SERROR, // a read gives all ones, and there is an SError
};

struct trng_options {
	enum trng_mode mode;
	unsigned int empty; // so many calls find no entropy
	uint32_t version;   // as TRNG_VERSION returns it
};

struct options {
	const char *image;
	const struct machine *machine;
	const char *dtb; // NULL: the machine's own
	bool no_console;
	bool protected_vm;
	enum guest_el el;
	enum stray_mode stray;
	bool has_x0;
	uint64_t x0; // at the entry, unless it is the device tree's address
	unsigned int cpus;
	unsigned int memory_mib;
	unsigned int timeout_s;

	enum hypervisor hypervisor;
	enum guard_mode guard;
	enum share_mode share;
	uint64_t granule;          // bytes, as the hypervisor states it, sound or not
	uint64_t tracking_granule; // bytes, as the guard and sharing go by
	bool android13_quirks;
	struct trng_options trng;
	bool count; // hypervisor and TRNG are then not the host's

	bool crash;          // the VMM dies at the first exit, to show what it says then
	uint64_t abort_uart; // the access to the first UART that is aborted, from 1 on; 0: none
};

// True if the hypervisor has pKVM's calls for sharing memory and guarding MMIO.
bool options_has_pkvm_calls(const struct options *options);

// Reads the command line. Prints the manual and exits with 0 where it asks for that, and exits with 1 after a
// line on standard error where it makes no sense.
void options_parse(struct options *options, int argc, char **argv);

#endif
