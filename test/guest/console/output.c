// SPDX-License-Identifier: Apache-2.0

// All ways to print, and the log.

#include <vmbase/console.h>
#include <vmbase/log.h>
#include <vmbase/main.h>

#include <inttypes.h>
#include <stdio.h>

static int evaluations;

static int evaluate(void)
{
	return ++evaluations;
}

static void print_list(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vmbase_vprint(format, args);
	va_end(args);
}

static void console(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	vmbase_println("println %d %s %c %x", -1, "string", 'c', 0xabcU);
	vmbase_print("print 0x%016" PRIx64 " %%\n", UINT64_MAX);
	vmbase_println("many %d %d %d %d %d %d %d %d %d %d", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
	print_list("vprint %5d|%-5d|%05d\n", 12, 12, 12);
	vmbase_eprintln("eprintln %u", 7U);
	vmbase_eprint("eprint %ld\n", -8L);
	vmbase_emergency_write_str("emergency %d\n");
	printf("printf %d %s\n", 9, "stdio");
	puts("puts");
	fprintf(stderr, "stderr %d\n", 10);

	vmbase_log_error("not printed: no vmbase_log_init() yet %d", evaluate());
	vmbase_log_init(VMBASE_LOG_WARN);
	vmbase_log_error("error %d", 1);
	vmbase_log_warn("warn");
	vmbase_log_info("not printed %d", evaluate());
	vmbase_log_set_max_level(VMBASE_LOG_TRACE);
	vmbase_log_info("info");
	vmbase_log_debug("debug");
	vmbase_log_trace("trace %d", evaluate());
	vmbase_log_suppress();
	vmbase_log_suppress();
	vmbase_log_error("not printed %d", evaluate());
	vmbase_log_restore();
	vmbase_log_error("not printed %d", evaluate());
	vmbase_log_restore();
	vmbase_log_restore();
	vmbase_log_info("restored");
	vmbase_log_set_max_level(VMBASE_LOG_OFF);
	vmbase_log_error("not printed %d", evaluate());
	vmbase_println("evaluations: %d", evaluations);
}

VMBASE_MAIN(console);
