// SPDX-License-Identifier: Apache-2.0

// PSCI on a machine with two CPUs and a GICv3. The build passes the GIC's addresses. On the platform
// `custom`, whose map has the devices.

#include "../support/tap.h"

#include <vmbase/main.h>
#include <vmbase/mmio.h>
#include <vmbase/psci.h>
#include <vmbase/smccc.h>

#define GICD_CTLR 0x0000
#define GICD_CTLR_GRP1_ARE 0x12
#define GICR_WAKER 0x0014
#define GICR_WAKER_PROCESSOR_SLEEP UINT32_C(2)
#define GICR_WAKER_CHILDREN_ASLEEP UINT32_C(4)
#define GICR_IGROUPR0 0x10080
#define GICR_ISENABLER0 0x10100
#define VIRTUAL_TIMER_PPI 27

#define SECOND_CPU 1
#define NO_CPU 0x7f

#define CONTEXT UINT64_C(0x123456789abcdef0)

// Limit of the polls of the second CPU, which needs far fewer.
#define ATTEMPTS_MAX 100000000

// The value that the second CPU got in x0. It has a cache line of its own, because the second CPU writes with
// its caches off.
struct second_cpu_slot {
	volatile uint64_t context;
} __attribute__((aligned(256)));
struct second_cpu_slot second_cpu_slot;

void second_cpu(void); // psci_cpu.S

#ifdef CONSOLE_PL011
VMBASE_CONSOLE_PL011(CONSOLE_PL011);
#endif

// Cleans and invalidates the slot in the data cache.
static void invalidate_slot(void)
{
	__asm__ volatile("dc civac, %0\n\t"
			 "dsb sy" // before the other CPU or the next read accesses memory
			 :
			 : "r"(&second_cpu_slot)
			 : "memory");
}

// Waits until the second CPU has stored its context. AFFINITY_INFO cannot be used for this: in QEMU a CPU is
// still off for a moment after it was turned on.
static bool gets_context(uint64_t context)
{
	for (int i = 0; i < ATTEMPTS_MAX; i++) {
		invalidate_slot();
		if (second_cpu_slot.context == context) {
			return true;
		}
	}
	return false;
}

static bool turns_off(uint64_t mpidr)
{
	enum vmbase_psci_state state = VMBASE_PSCI_STATE_ON;

	for (int i = 0; i < ATTEMPTS_MAX; i++) {
		if (vmbase_psci_affinity_info(mpidr, 0, &state) != VMBASE_OK) {
			return false;
		}
		if (state == VMBASE_PSCI_STATE_OFF) {
			return true;
		}
	}
	return false;
}

// Enables the virtual timer's interrupt up to this CPU's interface. The interrupt stays masked in PSTATE.
static void enable_timer_interrupt(void)
{
	uint32_t waker = vmbase_mmio_read32(GICR + GICR_WAKER);

	vmbase_mmio_write32(GICD + GICD_CTLR, GICD_CTLR_GRP1_ARE);
	vmbase_mmio_write32(GICR + GICR_WAKER, waker & ~GICR_WAKER_PROCESSOR_SLEEP);
	for (int i = 0; i < ATTEMPTS_MAX; i++) {
		if ((vmbase_mmio_read32(GICR + GICR_WAKER) & GICR_WAKER_CHILDREN_ASLEEP) == 0) {
			break;
		}
	}
	vmbase_mmio_write32(GICR + GICR_IGROUPR0, UINT32_MAX);
	vmbase_mmio_write32(GICR + GICR_ISENABLER0, UINT32_C(1) << VIRTUAL_TIMER_PPI);
	__asm__ volatile("msr S3_0_C12_C12_5, %0\n\t" // ICC_SRE_EL1.SRE
			 "isb\n\t"                    // the other ICC_* registers exist after this
			 "msr S3_0_C4_C6_0, %1\n\t"   // ICC_PMR_EL1: any priority
			 "msr S3_0_C12_C12_7, %0\n\t" // ICC_IGRPEN1_EL1.Enable
			 "isb"
			 :
			 : "r"(UINT64_C(1)), "r"(UINT64_C(0xff)));
}

static bool timer_has_fired(void)
{
	uint64_t control;

	__asm__ volatile("isb\n\t" // a read of the timer is not taken early
			 "mrs %0, cntv_ctl_el0"
			 : "=r"(control));
	return (control & 4) != 0;
}

// Starts the virtual timer: interrupt after ten milliseconds.
static void start_timer(void)
{
	uint64_t frequency;

	__asm__("mrs %0, cntfrq_el0" : "=r"(frequency));
	__asm__ volatile("msr cntv_tval_el0, %0\n\t"
			 "msr cntv_ctl_el0, %1\n\t"
			 "isb"
			 :
			 : "r"(frequency / 100), "r"(UINT64_C(1)));
}

static void check_cpus(void)
{
	enum vmbase_psci_state state;

	tap_ok(vmbase_psci_affinity_info(0, 0, &state) == VMBASE_OK && state == VMBASE_PSCI_STATE_ON,
	       "this CPU is on");
	tap_ok(vmbase_psci_affinity_info(SECOND_CPU, 0, &state) == VMBASE_OK && state == VMBASE_PSCI_STATE_OFF,
	       "the second CPU is off");
	tap_ok(vmbase_psci_affinity_info(NO_CPU, 0, &state) == VMBASE_ERROR_INVALID_ARGUMENT,
	       "the state of a missing CPU is an error");
	tap_ok(vmbase_psci_cpu_on(0, vmbase_phys_at((uintptr_t)second_cpu), 0) == VMBASE_ERROR_ALREADY_ON,
	       "this CPU cannot be turned on again");
	tap_ok(vmbase_psci_cpu_on(NO_CPU, vmbase_phys_at((uintptr_t)second_cpu), 0) ==
		       VMBASE_ERROR_INVALID_ARGUMENT,
	       "a missing CPU cannot be turned on");
	invalidate_slot();
	tap_ok(vmbase_psci_cpu_on(SECOND_CPU, vmbase_phys_at((uintptr_t)second_cpu), CONTEXT) == VMBASE_OK,
	       "the second CPU is turned on");
	tap_ok(gets_context(CONTEXT), "the second CPU gets its context");
	tap_ok(turns_off(SECOND_CPU), "the second CPU turns itself off");
}

// SMCCC 1.1 defines the registers that a call keeps. This call passes all argument registers.
static void check_registers(uint32_t version)
{
	struct vmbase_smccc_registers registers;
	bool kept = true;

	for (int i = 0; i < 18; i++) {
		registers.x[i] = UINT64_C(0x1111111111111111) * (uint64_t)i;
	}
	registers.x[0] = VMBASE_PSCI_VERSION;
	vmbase_smccc_hvc(&registers);
	for (int i = 4; i < 18; i++) {
		kept = kept && registers.x[i] == UINT64_C(0x1111111111111111) * (uint64_t)i;
	}
	tap_ok((uint32_t)registers.x[0] == version && kept, "a call keeps x4 to x17");
}

static void psci(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	uint32_t version = 0, flags;

	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	tap_ok(vmbase_psci_version(&version) == VMBASE_OK && version >> 16 >= 1,
	       "the version of PSCI is 1 or later");
	tap_ok(vmbase_psci_features(VMBASE_PSCI_CPU_ON, &flags) == VMBASE_OK, "PSCI has CPU_ON");
	tap_ok(vmbase_psci_features(0x8400001f, &flags) == VMBASE_ERROR_UNSUPPORTED,
	       "PSCI does not have an unknown function");
	check_registers(version);
	check_cpus();

	enable_timer_interrupt();
	start_timer();
	tap_ok(!timer_has_fired(), "the timer is running");
	tap_ok(vmbase_psci_cpu_suspend(0, vmbase_phys_at(0), 0) == VMBASE_OK, "this CPU is suspended");
	tap_ok(timer_has_fired(), "the CPU continues when the timer has fired");
	tap_done();
}

VMBASE_MAIN(psci);
