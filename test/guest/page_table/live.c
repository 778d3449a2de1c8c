// SPDX-License-Identifier: Apache-2.0

// Random changes to the active table, with timer interrupts. After each change, accesses to pages that were
// in the TLB before it follow the new table.

#include "own_map.h"
#include "../support/probe.h"
#include "../support/tap.h"

#include <vmbase/exceptions.h>
#include <vmbase/main.h>
#include <vmbase/mmio.h>

// A GICv2.
#define GICD_CTLR 0x000
#define GICD_ISENABLER 0x100
#define GICC_CTLR 0x00
#define GICC_PMR 0x04
#define GICC_IAR 0x0c
#define GICC_EOIR 0x10
#define GICD_SIZE PAGE
#define GICC_SIZE (2 * PAGE)

#define TIMER_PPI 27
#define TIMER_TICKS UINT64_C(10000)

#define PAGES 4096
#define STEPS 1500
#define SAMPLES 24
#define INTERRUPTS_MIN 20

static volatile unsigned int interrupts;
static uint8_t kinds[PAGES]; // 0: not mapped
static uint64_t random_state = UINT64_C(0x9e3779b97f4a7c15);

static void arm_timer(void)
{
	__asm__ volatile("msr cntv_tval_el0, %0" : : "r"(TIMER_TICKS));
}

// Writes to the image's data and stack, and runs its text, at any point of a change.
void irq_current(struct vmbase_exception_frame *frame)
{
	const uint32_t acknowledged = vmbase_mmio_read32(machine.gic_cpu_interface + GICC_IAR);

	(void)frame;
	arm_timer();
	interrupts = interrupts + 1;
	vmbase_mmio_write32(machine.gic_cpu_interface + GICC_EOIR, acknowledged);
}

static void start_interrupts(void)
{
	vmbase_mmio_write32(machine.gic_distributor + GICD_CTLR, 1);
	vmbase_mmio_write32(machine.gic_distributor + GICD_ISENABLER, UINT32_C(1) << TIMER_PPI);
	vmbase_mmio_write32(machine.gic_cpu_interface + GICC_PMR, 0xff);
	vmbase_mmio_write32(machine.gic_cpu_interface + GICC_CTLR, 1);
	arm_timer();
	__asm__ volatile("msr cntv_ctl_el0, %0\n\tisb\n\tmsr daifclr, #2" : : "r"(UINT64_C(1)) : "memory");
}

static unsigned int below(unsigned int bound)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned int)((random_state >> 33) % bound);
}

static uintptr_t address_of(unsigned int page)
{
	return FREE_RAM + page * PAGE;
}

// Returns whether a page allows exactly the accesses of its kind. The first word of each mapped page holds
// its own address.
static bool is_good(unsigned int page)
{
	const uintptr_t address = address_of(page);
	const uint64_t esr = probe_write(address + 8);

	switch (kinds[page]) {
	case 0:
		return ESR_IS_TRANSLATION_FAULT(esr) && ESR_IS_TRANSLATION_FAULT(probe_read(address));
	case VMBASE_MAP_DATA:
		return esr == 0 && *(volatile uintptr_t *)address == address;
	default:
		return ESR_IS_PERMISSION_FAULT(esr) && *(volatile uintptr_t *)address == address;
	}
}

static bool is_free(unsigned int first, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		if (kinds[first + i] != 0) {
			return false;
		}
	}
	return true;
}

static bool is_mapped(unsigned int first, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		if (kinds[first + i] == 0) {
			return false;
		}
	}
	return true;
}

static void set(unsigned int first, unsigned int count, uint8_t kind)
{
	for (unsigned int i = 0; i < count; i++) {
		kinds[first + i] = kind;
	}
}

static bool change(unsigned int first, unsigned int count)
{
	static const uint8_t choice[] = { VMBASE_MAP_CODE, VMBASE_MAP_RODATA, VMBASE_MAP_DATA };
	const struct vmbase_range it = range(address_of(first), count * PAGE);
	const uint8_t kind = choice[below(sizeof(choice))];

	switch (below(4)) {
	case 0:
		set(first, count, 0);
		return vmbase_page_table_unmap(&own_map, it) == VMBASE_OK;
	case 1:
		return vmbase_page_table_fold(&own_map, it) == VMBASE_OK;
	default:
		break;
	}
	if (is_free(first, count)) {
		set(first, count, kind);
		return vmbase_page_table_map(&own_map, it, (enum vmbase_map_kind)kind, 0) == VMBASE_OK;
	}
	if (is_mapped(first, count)) {
		set(first, count, kind);
		return vmbase_page_table_protect(&own_map, it, (enum vmbase_map_kind)kind) == VMBASE_OK;
	}
	// Part of it is mapped.
	return vmbase_page_table_map(&own_map, it, (enum vmbase_map_kind)kind, 0) == VMBASE_ERROR_OVERLAP &&
	       vmbase_page_table_protect(&own_map, it, (enum vmbase_map_kind)kind) == VMBASE_ERROR_NOT_FOUND;
}

static bool step(void)
{
	// Whole tables and runs are as frequent as other ranges.
	static const unsigned int units[] = { 1, 16, 512 };
	const unsigned int unit = units[below(3)];
	const unsigned int first = below(PAGES / unit) * unit;
	unsigned int count = (1 + below(3)) * unit;
	unsigned int samples[SAMPLES];
	bool good = true;

	count = count > PAGES - first ? PAGES - first : count;
	// Fills the TLB with entries of the range and of its neighbours.
	for (unsigned int i = 0; i < SAMPLES; i++) {
		samples[i] = (first + PAGES - 16 + below(count + 32)) % PAGES;
		(void)probe_read(address_of(samples[i]));
	}
	good = change(first, count);
	for (unsigned int i = 0; i < SAMPLES; i++) {
		good = good && is_good(samples[i]);
	}
	return good;
}

static void page_table_live(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	bool good = true;

	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	if (machine.gic_distributor == 0 && !machine.is_qemu) {
		vmbase_println("1..0 # SKIP there is no GICv2");
		return;
	}
	tap_ok(own_map_make(39) &&
		       vmbase_page_table_map(&own_map, range(machine.gic_distributor, GICD_SIZE),
					     VMBASE_MAP_DEVICE, 0) == VMBASE_OK &&
		       vmbase_page_table_map(&own_map, range(machine.gic_cpu_interface, GICC_SIZE),
					     VMBASE_MAP_DEVICE, 0) == VMBASE_OK &&
		       vmbase_page_table_activate(&own_map) == VMBASE_OK,
	       "a table is activated");
	good = vmbase_page_table_map(&own_map, range(FREE_RAM, PAGES * PAGE), VMBASE_MAP_DATA, 0) == VMBASE_OK;
	set(0, PAGES, VMBASE_MAP_DATA);
	for (unsigned int page = 0; page < PAGES; page++) {
		*(volatile uintptr_t *)address_of(page) = address_of(page);
	}
	start_interrupts();
	for (int i = 0; i < STEPS && good; i++) {
		good = step();
	}
	tap_ok(good, "each change is effective at once");
	for (unsigned int page = 0; page < PAGES && good; page++) {
		good = is_good(page);
	}
	tap_ok(good, "all pages have their last kind");
	while (interrupts < INTERRUPTS_MIN) {
		good = good && step();
	}
	tap_ok(good, "changes hold while interrupts arrive");
	__asm__ volatile("msr daifset, #2" : : : "memory");
	tap_done();
}

VMBASE_MAIN(page_table_live);
