// SPDX-License-Identifier: Apache-2.0

// The state in which main begins, at any address and after any boot loader.

#include "../guest/support/probe.h"
#include "../guest/support/tap.h"

#include <vmbase/el2.h>
#include <vmbase/entropy.h>
#include <vmbase/fdt.h>
#include <vmbase/layout.h>
#include <vmbase/main.h>
#include <vmbase/psci.h>
#include <vmbase/ram.h>
#include <vmbase/smccc.h>

#include <inttypes.h>
#include <string.h>

#define PAGE_SIZE UINT64_C(0x1000)
#define MIB UINT64_C(0x100000)

// More addresses than one entry of the relocation table describes.
#define NAMES(x) "name " x "0", "name " x "1", "name " x "2", "name " x "3", "name " x "4", "name " x "5"
#define MANY_NAMES(x) NAMES(x "0"), NAMES(x "1"), NAMES(x "2"), NAMES(x "3"), NAMES(x "4"), NAMES(x "5")

static const char *const constant_names[] = { MANY_NAMES("a"), MANY_NAMES("b"), MANY_NAMES("c") };
static const char *variable_names[] = { MANY_NAMES("a"), MANY_NAMES("b"), MANY_NAMES("c") };
static int zeroed;
static int *pointer = &zeroed;
static _Thread_local const char *thread_local_name = "thread";

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool contains(struct vmbase_range range, uintptr_t address)
{
	return address >= range.begin && address < range.end;
}

static bool overlap(struct vmbase_range a, struct vmbase_range b)
{
	return a.begin < b.end && b.begin < a.end;
}

static bool names_are_right(const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char right[] = "name ???";

		right[5] = (char)('a' + i / 36);
		right[6] = (char)('0' + i / 6 % 6);
		right[7] = (char)('0' + i % 6);
		if (!contains(vmbase_layout_rodata(), (uintptr_t)names[i]) || strcmp(names[i], right) != 0) {
			return false;
		}
	}
	return count == 3 * 36;
}

static void check_relocation(void)
{
	tap_ok(names_are_right(constant_names, COUNT(constant_names)), "constants hold addresses of the image");
	tap_ok(names_are_right(variable_names, COUNT(variable_names)), "variables hold addresses of the image");
	tap_ok(pointer == &zeroed && contains(vmbase_layout_bss(), (uintptr_t)pointer),
	       "variables hold addresses of variables");
	tap_ok(strcmp(thread_local_name, "thread") == 0, "thread-local variables hold addresses");
	tap_ok(contains(vmbase_layout_rodata(), (uintptr_t)&constant_names),
	       "constants that hold addresses are in rodata");
	tap_ok(ESR_EC(probe_write((uintptr_t)&constant_names)) == EC_DATA_ABORT,
	       "constants that hold addresses are read-only");
}

static void check_tree(uint64_t arg0)
{
	struct vmbase_range tree = vmbase_layout_dtb();
	struct vmbase_range image = { vmbase_layout_text().begin, vmbase_layout_bss().end };
	struct vmbase_fdt_console console;
	struct vmbase_fdt fdt;

	vmbase_println("# the image is at 0x%" PRIxPTR ", the tree at 0x%" PRIxPTR
		       ", at reset x0 was 0x%" PRIx64,
		       image.begin, tree.begin, arg0);
	tap_ok(arg0 == tree.begin || arg0 == 0, "x0 is the address of the tree, or 0");
	tap_ok(vmbase_fdt_open(&fdt, (const void *)tree.begin, tree.end - tree.begin) == VMBASE_OK,
	       "the tree is valid");
	tap_ok(!overlap(tree, image), "the tree does not overlap the image");
	tap_ok(vmbase_fdt_console(&fdt, &console) == VMBASE_OK, "the tree has the console");
	tap_ok(ESR_EC(probe_write(tree.begin)) == EC_DATA_ABORT, "the tree is read-only");
	tap_ok(contains(vmbase_layout_ram(), image.begin) && contains(vmbase_layout_ram(), image.end - 1),
	       "the image is in RAM");
}

static void check_free_ram(void)
{
	const struct vmbase_range taken[] = {
		vmbase_layout_text(), vmbase_layout_rodata(),     vmbase_layout_data(),
		vmbase_layout_bss(),  vmbase_layout_main_stack(), vmbase_layout_exception_stack(),
		vmbase_layout_dtb(),
	};
	struct vmbase_range range = { 0, 0 };
	bool are_free = true, ascend = true, are_aligned = true, are_unmapped = true;
	uintptr_t last_end = 0;
	uint64_t total = 0;
	enum vmbase_error error;

	while ((error = vmbase_ram_next_free(range.end, &range)) == VMBASE_OK) {
		vmbase_println("# free: 0x%" PRIxPTR " to 0x%" PRIxPTR, range.begin, range.end);
		for (size_t i = 0; i < COUNT(taken); i++) {
			are_free = are_free && !overlap(range, taken[i]);
		}
		ascend = ascend && range.begin >= last_end && range.end > range.begin;
		are_aligned = are_aligned && (range.begin | range.end) % PAGE_SIZE == 0;
		are_unmapped = are_unmapped && ESR_EC(probe_read(range.begin)) == EC_DATA_ABORT;
		last_end = range.end;
		total += range.end - range.begin;
	}
	tap_ok(error == VMBASE_ERROR_NOT_FOUND, "the list of free RAM ends");
	tap_ok(are_free, "free RAM is not in use");
	tap_ok(ascend && are_aligned, "free RAM is in order and in whole pages");
	tap_ok(are_unmapped, "free RAM is not mapped");
	tap_ok(total > 24 * MIB, "free RAM is more than 24 MiB");
	tap_ok(vmbase_ram_next_free(last_end, &range) == VMBASE_ERROR_NOT_FOUND &&
		       vmbase_ram_next_free(UINTPTR_MAX, &range) == VMBASE_ERROR_NOT_FOUND,
	       "there is no free RAM after the last range");
}

static void check_calls(void)
{
	unsigned char bytes[16];
	uint32_t version;

	tap_ok(vmbase_psci_version(&version) == VMBASE_OK && version >= VMBASE_VERSION(0, 2),
	       "PSCI answers on the conduit that the boot has found");
	tap_ok(vmbase_entropy_fill(bytes, sizeof(bytes)) == VMBASE_OK, "there is entropy");
	if (vmbase_el2_is_below()) {
		struct vmbase_smccc_registers call = { .x = { VMBASE_PSCI_VERSION, 1, 2, 3 } };

		vmbase_smccc_hvc(&call);
		tap_ok((int64_t)call.x[0] == -1 && call.x[1] == 1 && call.x[2] == 2 && call.x[3] == 3,
		       "HVC returns NOT_SUPPORTED");
	} else {
		tap_ok(vmbase_el2_enter(vmbase_phys_at(0), 0, 0, 0, 0) == VMBASE_ERROR_UNSUPPORTED,
		       "EL2 of a hypervisor cannot be entered");
	}
}

static void generic(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	(void)arg1, (void)arg2, (void)arg3;
	check_relocation();
	check_tree(arg0);
	check_free_ram();
	check_calls();
	tap_done();
}

VMBASE_MAIN(generic);
