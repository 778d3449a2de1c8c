// SPDX-License-Identifier: Apache-2.0

// Says what the guest finds out about who runs it. What is right depends on the host: the cases say what they
// expect.

#include <vmbase/console.h>
#include <vmbase/entropy.h>
#include <vmbase/hypervisor.h>
#include <vmbase/main.h>
#include <vmbase/psci.h>
#include <vmbase/smccc.h>

#include <string.h>

extern uint64_t __stack_chk_guard;

static void print_version(const char *name, enum vmbase_error error, uint32_t version)
{
	if (error != VMBASE_OK) {
		vmbase_println("%s: %s", name, vmbase_error_name(error));
		return;
	}
	vmbase_println("%s: %u.%u", name, (unsigned int)(version >> 16), (unsigned int)(version & 0xffff));
}

static void print_granule(const char *name, enum vmbase_error error, size_t granule_bytes)
{
	if (error != VMBASE_OK) {
		vmbase_println("%s: %s", name, vmbase_error_name(error));
		return;
	}
	vmbase_println("%s: granules of %zu bytes", name, granule_bytes);
}

// No 16 bytes of the one call come back in the other.
static void print_entropy(void)
{
	unsigned char first[100], second[100];
	enum vmbase_error error = vmbase_entropy_fill(first, sizeof(first));

	if (error == VMBASE_OK) {
		error = vmbase_entropy_fill(second, sizeof(second));
	}
	if (error != VMBASE_OK) {
		vmbase_println("entropy: %s", vmbase_error_name(error));
		return;
	}
	for (size_t i = 0; i + 16 <= sizeof(first); i += 16) {
		if (memcmp(first + i, second + i, 16) == 0) {
			vmbase_println("entropy: it repeats itself at %zu", i);
			return;
		}
	}
	vmbase_println("entropy: there is some");
}

static void print_stack_guard(void)
{
	const char *kind = __stack_chk_guard == VMBASE_STACK_GUARD_WITHOUT_ENTROPY ? "fixed" : "filled";

	vmbase_println("stack guard: %s, its first byte is %u", kind,
		       *(const unsigned char *)&__stack_chk_guard);
}

static void facts(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	uint32_t version = 0;
	size_t granule = 0;
	enum vmbase_error error;

	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	vmbase_println("hypervisor: %s", vmbase_hypervisor_name(vmbase_hypervisor()));
	error = vmbase_psci_version(&version);
	print_version("PSCI", error, version);
	vmbase_smccc_conduit = VMBASE_SMCCC_SMC;
	error = vmbase_psci_version(&version);
	print_version("PSCI by SMC", error, version);
	vmbase_smccc_conduit = VMBASE_SMCCC_HVC;
	error = vmbase_smccc_version(&version);
	print_version("SMCCC", error, version);
	error = vmbase_mmio_guard_granule(&granule);
	print_granule("MMIO guard", error, granule);
	error = vmbase_hypervisor_sharing_granule(&granule);
	print_granule("memory sharing", error, granule);
	print_entropy();
	print_stack_guard();
	vmbase_println("facts: done");
}

VMBASE_MAIN(facts);
