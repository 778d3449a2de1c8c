// SPDX-License-Identifier: Apache-2.0

// PSCI on a machine with two CPUs and a GICv3, whose addresses the build says. Platform `custom`: the map has
// the devices' GiB.

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

// How often the second CPU is looked at; it takes far less.
#define ATTEMPTS_MAX 100000000

// What the second CPU was given in x0. It has a cache line of its own, since the second CPU writes it with its
// caches off.
struct second_cpu_slot {
	volatile uint64_t context;
} __attribute__((aligned(256)));
struct second_cpu_slot second_cpu_slot;

void second_cpu(void); // psci_cpu.S

#ifdef CONSOLE_PL011
VMBASE_CONSOLE_PL011(CONSOLE_PL011);
#endif

// Cleans and invalidates the slot in the data cache.
static void forget_slot(void)
{
	__asm__ volatile("dc civac, %0\n\t"
			 "dsb sy" // before the other CPU, or the next read, looks at memory
			 :
			 : "r"(&second_cpu_slot)
			 : "memory");
}

// Whether the second CPU comes to write down its context. That it is not off tells nothing before: QEMU has a
// CPU off for a moment after it was turned on.
static bool gets_context(uint64_t context)
{
	for (int i = 0; i < ATTEMPTS_MAX; i++) {
		forget_slot();
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

// Lets the virtual timer's interrupt reach this CPU's interface, and no further: it stays masked in PSTATE.
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
			 "isb\n\t"                    // the other ICC_* exist from here on
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

// Asks for the virtual timer's interrupt in ten milliseconds.
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
	       "the second one is off");
	tap_ok(vmbase_psci_affinity_info(NO_CPU, 0, &state) == VMBASE_ERROR_INVALID_ARGUMENT,
	       "one that does not exist is neither");
	tap_ok(vmbase_psci_cpu_on(0, vmbase_phys_at((uintptr_t)second_cpu), 0) == VMBASE_ERROR_ALREADY_ON,
	       "this CPU cannot be turned on again");
	tap_ok(vmbase_psci_cpu_on(NO_CPU, vmbase_phys_at((uintptr_t)second_cpu), 0) ==
		       VMBASE_ERROR_INVALID_ARGUMENT,
	       "nor can one that does not exist");
	forget_slot();
	tap_ok(vmbase_psci_cpu_on(SECOND_CPU, vmbase_phys_at((uintptr_t)second_cpu), CONTEXT) == VMBASE_OK,
	       "the second one is turned on");
	tap_ok(gets_context(CONTEXT), "it is given its context");
	tap_ok(turns_off(SECOND_CPU), "it turns itself off");
}

// SMCCC 1.1 says what a call leaves alone; the arguments of this one are all registers that it may have.
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
	tap_ok((uint32_t)registers.x[0] == version && kept, "a call with all registers gives them back");
}

static void psci(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	uint32_t version = 0, flags;

	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	tap_ok(vmbase_psci_version(&version) == VMBASE_OK && version >> 16 >= 1, "PSCI is of version 1");
	tap_ok(vmbase_psci_features(VMBASE_PSCI_CPU_ON, &flags) == VMBASE_OK, "it has CPU_ON");
	tap_ok(vmbase_psci_features(0x8400001f, &flags) == VMBASE_ERROR_UNSUPPORTED,
	       "it has not what does not exist");
	check_registers(version);
	check_cpus();

	enable_timer_interrupt();
	start_timer();
	tap_ok(!timer_has_fired(), "the timer is running");
	tap_ok(vmbase_psci_cpu_suspend(0, vmbase_phys_at(0), 0) == VMBASE_OK, "this CPU is suspended");
	tap_ok(timer_has_fired(), "and goes on when the timer has fired");
	tap_done();
}

VMBASE_MAIN(psci);
