// SPDX-License-Identifier: Apache-2.0

// The first steps of a bootloader: prints and checks its own memory, maps more memory, and cleans up for the
// program that it would start.

#include <vmbase/console.h>
#include <vmbase/layout.h>
#include <vmbase/log.h>
#include <vmbase/main.h>
#include <vmbase/power.h>
#include <vmbase/tracker.h>

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#define PAYLOAD_SIZE UINT64_C(0x100000)

VMBASE_TABLE_POOL(tables, 16);

static int initialised_variable = 42;
static int zeroed_variable;

static void print_range(const char *name, struct vmbase_range range)
{
	vmbase_println("%-15s 0x%08" PRIxPTR " to 0x%08" PRIxPTR " (%" PRIuPTR " bytes)", name, range.begin,
		       range.end, range.end - range.begin);
}

static void print_ranges(void)
{
	print_range("text", vmbase_layout_text());
	print_range("rodata", vmbase_layout_rodata());
	print_range("data", vmbase_layout_data());
	print_range("bss", vmbase_layout_bss());
	print_range("main stack", vmbase_layout_main_stack());
	print_range("exception stack", vmbase_layout_exception_stack());
	print_range("device tree", vmbase_layout_dtb());
	vmbase_println("the binary ends at 0x%08" PRIxPTR, vmbase_layout_binary_end());
}

static void check(const char *what, bool holds)
{
	if (!holds) {
		vmbase_println("%s: wrong", what);
		vmbase_reboot();
	}
	vmbase_println("%s: correct", what);
}

static bool contains(struct vmbase_range range, const void *object)
{
	return (uintptr_t)object >= range.begin && (uintptr_t)object < range.end;
}

static void check_data(void)
{
	check(".data", initialised_variable == 42 && contains(vmbase_layout_data(), &initialised_variable));
	check(".bss", zeroed_variable == 0 && contains(vmbase_layout_bss(), &zeroed_variable));
	initialised_variable++;
	zeroed_variable++;
	check("written .data and .bss", initialised_variable == 43 && zeroed_variable == 1);
}

static void check_stack_guard(void)
{
	extern uint64_t __stack_chk_guard;
	volatile char on_the_stack[16] = { 0 };

	check("stack", contains(vmbase_layout_main_stack(), (const char *)on_the_stack));
	check("stack guard", __stack_chk_guard != 0 && *(unsigned char *)&__stack_chk_guard == 0);
}

static void show_log(void)
{
	vmbase_log_init(VMBASE_LOG_INFO);
	vmbase_log_error("an error");
	vmbase_log_warn("a warning");
	vmbase_log_info("information");
	vmbase_log_debug("not printed: the level is INFO");
	vmbase_log_set_max_level(VMBASE_LOG_TRACE);
	vmbase_log_debug("printed: the level is TRACE");
	vmbase_log_trace("printed too");

	vmbase_log_suppress();
	vmbase_log_error("not printed: the log is suppressed");
	vmbase_log_restore();
	vmbase_log_info("the log is back");
}

// A line of the printed map: neighbouring mappings of one kind. The table may need many pages and blocks for
// them.
struct line {
	struct vmbase_range range;
	enum vmbase_map_kind kind;
};

static void print_line(const struct line *line)
{
	static const char *const names[] = {
		[VMBASE_MAP_CODE] = "code",     [VMBASE_MAP_RODATA] = "read-only",
		[VMBASE_MAP_DATA] = "data",     [VMBASE_MAP_DATA_TRACKED] = "data, tracked",
		[VMBASE_MAP_DEVICE] = "device", [VMBASE_MAP_DEVICE_LAZY] = "device, not accessed yet",
	};

	if (line->range.begin != line->range.end) {
		vmbase_println("map: 0x%08" PRIxPTR " to 0x%08" PRIxPTR " %s", line->range.begin,
			       line->range.end, names[line->kind]);
	}
}

static enum vmbase_error add_to_line(const struct vmbase_mapping *mapping, void *context)
{
	struct line *line = context;

	if (line->range.end != mapping->range.begin || line->kind != mapping->kind) {
		print_line(line);
		line->range.begin = mapping->range.begin;
		line->kind = mapping->kind;
	}
	line->range.end = mapping->range.end;
	return VMBASE_OK;
}

static enum vmbase_error print_map(void)
{
	const struct vmbase_range all = { 0, UINT64_C(1) << VMBASE_TRACKER_VA_BITS };
	struct line line = { 0 };
	enum vmbase_error error = vmbase_page_table_walk(vmbase_tracker_table(), all, add_to_line, &line);

	print_line(&line);
	return error;
}

static void expect(const char *what, enum vmbase_error error)
{
	if (error != VMBASE_OK) {
		vmbase_println("%s: %s", what, vmbase_error_name(error));
		vmbase_reboot();
	}
	vmbase_println("%s: done", what);
}

static void use_memory(void)
{
	const struct vmbase_range ram = vmbase_layout_ram();
	const struct vmbase_range payload = { ram.end - PAYLOAD_SIZE, ram.end };

	expect("start the tracker", vmbase_tracker_start(ram, &tables));
	expect("map the payload", vmbase_tracker_map(payload, VMBASE_TRACKER_DATA));
	memset((void *)payload.begin, 0xa5, PAYLOAD_SIZE / 2);
	expect("print the map", print_map());
	expect("stop the tracker", vmbase_tracker_stop());
}

static void bootloader(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	vmbase_println("bootloader: x0=0x%" PRIx64 " x1=0x%" PRIx64 " x2=0x%" PRIx64 " x3=0x%" PRIx64, arg0,
		       arg1, arg2, arg3);
	print_ranges();
	check_data();
	check_stack_guard();
	show_log();
	use_memory();
	vmbase_println("bootloader: done");
}

VMBASE_MAIN(bootloader);
