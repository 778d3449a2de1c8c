// SPDX-License-Identifier: Apache-2.0

// Writes log messages up to a level.

#include <vmbase/log.h>

#include "console_driver.h"

#include <stdatomic.h>

static enum vmbase_log_level max_level = VMBASE_LOG_OFF;
// Atomic, because handlers and other CPUs may suppress and restore too. It orders no other accesses.
static atomic_uint suppressions;

void vmbase_log_init(enum vmbase_log_level new_max_level)
{
	max_level = new_max_level;
	atomic_store_explicit(&suppressions, 0, memory_order_relaxed);
}

void vmbase_log_set_max_level(enum vmbase_log_level new_max_level)
{
	max_level = new_max_level;
}

void vmbase_log_suppress(void)
{
	atomic_fetch_add_explicit(&suppressions, 1, memory_order_relaxed);
}

void vmbase_log_restore(void)
{
	unsigned int count = atomic_load_explicit(&suppressions, memory_order_relaxed);

	while (count > 0 &&
	       !atomic_compare_exchange_weak_explicit(&suppressions, &count, count - 1, memory_order_relaxed,
						      memory_order_relaxed)) {
	}
}

bool vmbase_log_is_enabled(enum vmbase_log_level level)
{
	return atomic_load_explicit(&suppressions, memory_order_relaxed) == 0 && level != VMBASE_LOG_OFF &&
	       level <= max_level;
}

static const char *level_name(enum vmbase_log_level level)
{
	switch (level) {
	case VMBASE_LOG_ERROR:
		return "[ERROR] ";
	case VMBASE_LOG_WARN:
		return "[WARN] ";
	case VMBASE_LOG_INFO:
		return "[INFO] ";
	case VMBASE_LOG_DEBUG:
		return "[DEBUG] ";
	case VMBASE_LOG_TRACE:
		return "[TRACE] ";
	case VMBASE_LOG_OFF:
		break;
	}
	return "";
}

void vmbase_log_write(enum vmbase_log_level level, const char *format, ...)
{
	bool locked = vmb_console_lock();
	va_list args;

	vmb_console_write_str(level_name(level));
	va_start(args, format);
	vmb_console_vprint(format, args);
	va_end(args);
	vmb_console_write_str("\n");
	vmb_console_unlock(locked);
}
