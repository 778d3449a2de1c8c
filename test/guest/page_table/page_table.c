// SPDX-License-Identifier: Apache-2.0

// Page tables on a CPU: the accesses that each kind of mapping allows (tested with AT and with accesses, in
// blocks, runs and pages), the memory that running code cannot unmap, and activation and deactivation.

#include "own_map.h"
#include "../support/probe.h"
#include "../support/tap.h"

#include <vmbase/layout.h>
#include <vmbase/main.h>

#define PAR_FAULT 1
#define PAR_ADDRESS UINT64_C(0x0000fffffffff000)
#define PAR_ATTR(par) ((par) >> 56)
#define ATTR_NORMAL 0xff
#define ATTR_DEVICE 0x04

#define DEVICE (machine.device)
#define HIGH_PHYS UINT64_C(0x4010000000) // a device above 4 GiB
#define ALIAS (8 * GIB)                  // second mapping of the GiB with free RAM, in a table of 39 bits

static uint64_t at_read(uintptr_t address)
{
	uint64_t par;

	__asm__ volatile("at s1e1r, %1\n\tisb\n\tmrs %0, par_el1" : "=r"(par) : "r"(address) : "memory");
	return par;
}

static uint64_t at_write(uintptr_t address)
{
	uint64_t par;

	__asm__ volatile("at s1e1w, %1\n\tisb\n\tmrs %0, par_el1" : "=r"(par) : "r"(address) : "memory");
	return par;
}

static bool translates_to(uintptr_t address, uint64_t phys, uint64_t attr)
{
	uint64_t par = at_read(address);

	return (par & PAR_FAULT) == 0 && (par & PAR_ADDRESS) == (phys & PAR_ADDRESS) && PAR_ATTR(par) == attr;
}

static bool is_unmapped(uintptr_t address)
{
	uint64_t esr = probe_read(address);

	return (at_read(address) & PAR_FAULT) != 0 && ESR_EC(esr) == EC_DATA_ABORT &&
	       ESR_IS_TRANSLATION_FAULT(esr);
}

static bool is_unwritable(uintptr_t address)
{
	uint64_t esr = probe_write(address);

	return (at_write(address) & PAR_FAULT) != 0 && ESR_EC(esr) == EC_DATA_ABORT && ESR_IS_WRITE(esr) &&
	       ESR_IS_PERMISSION_FAULT(esr);
}

static bool is_writable(uintptr_t address)
{
	return (at_write(address) & PAR_FAULT) == 0 && probe_write(address) == 0;
}

static bool is_unexecutable(uintptr_t address)
{
	uint64_t esr = probe_execute(address);

	return ESR_EC(esr) == EC_INSTRUCTION_ABORT && ESR_IS_PERMISSION_FAULT(esr);
}

static enum vmbase_error map(uintptr_t begin, uint64_t size, enum vmbase_map_kind kind)
{
	return vmbase_page_table_map(&own_map, range(begin, size), kind, 0);
}

static bool protect(uintptr_t begin, uint64_t size, enum vmbase_map_kind kind)
{
	return vmbase_page_table_protect(&own_map, range(begin, size), kind) == VMBASE_OK;
}

static bool unmap(uintptr_t begin, uint64_t size)
{
	return vmbase_page_table_unmap(&own_map, range(begin, size)) == VMBASE_OK;
}

// Tests addresses in pages, in a run of pages, and in blocks.
static bool is_everywhere(bool (*test)(uintptr_t address), uintptr_t begin)
{
	return test(begin) && test(begin + PAGE - 8) && test(begin + RUN + 5 * PAGE) && test(begin + MIB2) &&
	       test(begin + 2 * MIB2 - 8) && test(begin + 20 * MIB2 + 7 * PAGE) && test(begin + 32 * MIB2);
}

static bool translates_to_itself(uintptr_t address)
{
	return translates_to(address, address, ATTR_NORMAL);
}

// More than 32 MiB: a run of blocks, a run of pages, and a page.
#define KIND_BEGIN FREE_RAM
#define KIND_SIZE (32 * MIB2 - MIB2 + RUN + PAGE + MIB2)

static void kinds(void)
{
	// The pages of CODE are writable at first, as for a loader.
	tap_ok(map(KIND_BEGIN, KIND_SIZE, VMBASE_MAP_DATA) == VMBASE_OK &&
		       is_everywhere(is_writable, KIND_BEGIN) &&
		       is_everywhere(translates_to_itself, KIND_BEGIN),
	       "DATA can be written");
	tap_ok(is_everywhere(is_unexecutable, KIND_BEGIN), "DATA cannot be executed");
	for (uintptr_t address = KIND_BEGIN; address < KIND_BEGIN + KIND_SIZE; address += PAGE) {
		*(uint32_t *)address = RET_INSTRUCTION;
		*(uint32_t *)(address + PAGE - 8) = RET_INSTRUCTION;
	}
	tap_ok(protect(KIND_BEGIN, KIND_SIZE, VMBASE_MAP_RODATA) && is_everywhere(is_unwritable, KIND_BEGIN) &&
		       is_everywhere(translates_to_itself, KIND_BEGIN) && probe_read(KIND_BEGIN) == 0,
	       "RODATA can be read, but not written");
	tap_ok(is_everywhere(is_unexecutable, KIND_BEGIN), "RODATA cannot be executed");
	tap_ok(protect(KIND_BEGIN, KIND_SIZE, VMBASE_MAP_CODE) && is_everywhere(is_unwritable, KIND_BEGIN),
	       "CODE cannot be written");
	__asm__ volatile("ic iallu\n\tdsb nsh\n\tisb" : : : "memory");
	tap_ok(probe_execute(KIND_BEGIN) == 0 && probe_execute(KIND_BEGIN + 20 * MIB2) == 0 &&
		       probe_execute(KIND_BEGIN + PAGE - 8) == 0,
	       "CODE can be executed");
	tap_ok(unmap(KIND_BEGIN, KIND_SIZE) && is_everywhere(is_unmapped, KIND_BEGIN),
	       "unmapped memory faults");

	tap_ok(is_unmapped(DEVICE) && map(DEVICE, PAGE, VMBASE_MAP_DEVICE_LAZY) == VMBASE_OK &&
		       is_unmapped(DEVICE),
	       "a lazily mapped device faults");
	tap_ok(vmbase_page_table_resolve_lazy(&own_map, DEVICE) == VMBASE_OK &&
		       translates_to(DEVICE, DEVICE, ATTR_DEVICE) && is_writable(DEVICE) &&
		       is_unexecutable(DEVICE),
	       "a resolved device page is mapped as a device");
	tap_ok(protect(DEVICE, PAGE, VMBASE_MAP_DEVICE_LAZY) && is_unmapped(DEVICE),
	       "the device is mapped lazily again");
	tap_ok(unmap(DEVICE, PAGE), "the device is unmapped");
}

static void offsets(void)
{
	const struct vmbase_phys ram = { FREE_RAM / GIB * GIB };
	const uintptr_t free_alias = ALIAS + FREE_RAM % GIB;
	volatile uint64_t *word = (volatile uint64_t *)(FREE_RAM + 0x1238);
	volatile uint64_t *alias = (volatile uint64_t *)(free_alias + 0x1238);

	tap_ok(vmbase_page_table_map_to(&own_map, range(ALIAS, GIB), ram, VMBASE_MAP_DATA, 0) == VMBASE_OK &&
		       translates_to(ALIAS + 0x1234567, ram.address + 0x1234567, ATTR_NORMAL),
	       "a block of 1 GiB maps to another address");
	tap_ok(map(FREE_RAM, RUN, VMBASE_MAP_DATA) == VMBASE_OK,
	       "the same memory is mapped to its own address");
	*word = 0x1122;
	tap_ok(*alias == 0x1122, "a write to one address is read at the other");
	*alias = 0x3344;
	tap_ok(*word == 0x3344, "a write to the other address is read at the first");
	tap_ok(vmbase_page_table_map_to(&own_map, range(2 * ALIAS, MIB2), (struct vmbase_phys){ HIGH_PHYS },
					VMBASE_MAP_DEVICE, 0) == VMBASE_OK &&
		       translates_to(2 * ALIAS + 0x1000, HIGH_PHYS + 0x1000, ATTR_DEVICE),
	       "physical addresses may have more than 32 bits");
	// Splits the block while it is in the TLB.
	tap_ok(protect(free_alias, PAGE, VMBASE_MAP_RODATA) && is_unwritable(free_alias) &&
		       is_writable(free_alias + PAGE) && *alias == 0x3344,
	       "a page of a block is changed alone");
	tap_ok(unmap(FREE_RAM + PAGE, PAGE) && is_unmapped(FREE_RAM + PAGE) && is_writable(FREE_RAM) &&
		       is_writable(FREE_RAM + 2 * PAGE),
	       "a page of a run is unmapped alone");
	tap_ok(protect(ALIAS, GIB, VMBASE_MAP_DATA) &&
		       vmbase_page_table_fold(&own_map, range(ALIAS, GIB)) == VMBASE_OK &&
		       is_writable(free_alias) && *alias == 0x3344,
	       "the block is joined again");
	tap_ok(unmap(ALIAS, GIB) && unmap(FREE_RAM, RUN) && is_unmapped(free_alias),
	       "both mappings are unmapped");
}

// Includes more pages than are invalidated one by one, and numbers that use all digits of the range
// instructions.
static void invalidations(void)
{
	static const unsigned int counts[] = { 1,  2,  3,   31,  32,  33,   63,   64,
					       65, 66, 511, 512, 513, 1027, 2047, 4099 };
	bool good = true;

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		const uint64_t size = counts[i] * PAGE;

		good = good && vmbase_page_table_map(&own_map, range(FREE_RAM, size + 2 * PAGE),
						     VMBASE_MAP_DATA, VMBASE_MAP_PAGES_ONLY) == VMBASE_OK;
		for (uintptr_t page = FREE_RAM; page < FREE_RAM + size + 2 * PAGE; page += PAGE) {
			good = good && probe_read(page) == 0;
		}
		good = good && unmap(FREE_RAM + PAGE, size);
		for (uintptr_t page = FREE_RAM + PAGE; page < FREE_RAM + PAGE + size; page += PAGE) {
			good = good && ESR_IS_TRANSLATION_FAULT(probe_read(page));
		}
		good = good && probe_read(FREE_RAM) == 0 && probe_read(FREE_RAM + PAGE + size) == 0 &&
		       unmap(FREE_RAM, size + 2 * PAGE);
	}
	tap_ok(good, "no page of a range is left in a TLB");
}

static bool is_refused(struct vmbase_range it)
{
	it.begin &= ~(PAGE - 1);
	it.end = (it.end + PAGE - 1) & ~(PAGE - 1);
	return vmbase_page_table_unmap(&own_map, it) == VMBASE_ERROR_BUSY &&
	       vmbase_page_table_protect(&own_map, it, VMBASE_MAP_DEVICE) == VMBASE_ERROR_BUSY;
}

static bool refused_on_this_stack;

static void refuse_on_this_stack(void)
{
	refused_on_this_stack = is_refused(range((uintptr_t)__builtin_frame_address(0), 1));
}

static void call_on_stack(void (*function)(void), uintptr_t top)
{
	__asm__ volatile("mov x20, sp\n\t"
			 "mov sp, %1\n\t"
			 "blr %0\n\t"
			 "mov sp, x20"
			 : "+r"(function)
			 : "r"(top)
			 : "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13",
			   "x14", "x15", "x16", "x17", "x20", "x30", "cc", "memory");
}

static void running_code(void)
{
	tap_ok(is_refused(vmbase_layout_text()), "text cannot be unmapped");
	tap_ok(is_refused(vmbase_layout_rodata()), "rodata cannot be unmapped");
	tap_ok(is_refused(vmbase_layout_main_stack()) &&
		       is_refused(range(vmbase_layout_main_stack().begin, PAGE)),
	       "the main stack cannot be unmapped");
	tap_ok(is_refused(vmbase_layout_exception_stack()), "the exception stack cannot be unmapped");
	tap_ok(is_refused(vmbase_layout_data()), "data cannot be unmapped");
	tap_ok(is_refused(vmbase_layout_bss()), "bss cannot be unmapped");
	tap_ok(is_refused(range((uintptr_t)&own_map, sizeof(own_map))),
	       "the table's struct cannot be unmapped");
	tap_ok(is_refused(range((uintptr_t)own_map.root, PAGE)), "the tables cannot be unmapped");
	tap_ok(map(FREE_RAM, 4 * PAGE, VMBASE_MAP_DATA) == VMBASE_OK, "another stack is mapped");
	call_on_stack(refuse_on_this_stack, FREE_RAM + 4 * PAGE);
	tap_ok(refused_on_this_stack, "the stack in use cannot be unmapped");
	tap_ok(unmap(FREE_RAM, 4 * PAGE), "an unused stack can be unmapped");
}

static void activates_and_deactivates(unsigned int va_bits, const char *name)
{
	const uintptr_t last = (UINT64_C(1) << va_bits) - PAGE;
	const struct vmbase_phys phys = { FREE_RAM };
	uint64_t daif;
	uint64_t tcr;

	tap_ok(own_map_make(va_bits) && is_unmapped(FREE_RAM) &&
		       vmbase_page_table_map_to(&own_map, range(last, PAGE), phys, VMBASE_MAP_DATA, 0) ==
			       VMBASE_OK,
	       name);
	__asm__ volatile("msr daifset, #8" : : : "memory");
	tap_ok(vmbase_page_table_activate(&own_map) == VMBASE_OK, "the table is activated");
	__asm__ volatile("mrs %0, daif\n\tmsr daifclr, #8" : "=r"(daif) : : "memory");
	tap_ok((daif & 0x3c0) == 0x2c0, "interrupts are masked as before activation");
	__asm__("mrs %0, tcr_el1" : "=r"(tcr));
	tap_ok((tcr & 0x3f) == 64 - va_bits && is_writable(last) && translates_to(last, FREE_RAM, ATTR_NORMAL),
	       "the last page is mapped");
	tap_ok(probe_read(vmbase_layout_dtb().begin) != 0, "the boot map is not active");
	tap_ok(vmbase_page_table_destroy(&own_map) == VMBASE_ERROR_BUSY, "an active table cannot be destroyed");
	tap_ok(vmbase_page_table_deactivate(&own_map) == VMBASE_OK &&
		       probe_read(vmbase_layout_dtb().begin) == 0 && probe_read(last) != 0,
	       "the boot map is active again");
	tap_ok(vmbase_page_table_destroy(&own_map) == VMBASE_OK && own_map_pages == 0,
	       "all pages of tables are freed");
}

static void page_table(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	activates_and_deactivates(32, "a table of 32 bits");
	activates_and_deactivates(39, "a table of 39 bits");
	activates_and_deactivates(48, "a table of 48 bits");
	// One page of a stack is missing.
	tap_ok(own_map_make(39) && unmap(vmbase_layout_exception_stack().begin, PAGE),
	       "a table without a page of the exception stack");
	tap_ok(vmbase_page_table_activate(&own_map) == VMBASE_ERROR_BUSY,
	       "activation of the incomplete table is refused");
	tap_ok(map(vmbase_layout_exception_stack().begin, PAGE, VMBASE_MAP_DATA) == VMBASE_OK &&
		       vmbase_page_table_activate(&own_map) == VMBASE_OK,
	       "the complete table is activated");
	kinds();
	offsets();
	invalidations();
	running_code();
	tap_done();
}

VMBASE_MAIN(page_table);
