// SPDX-License-Identifier: Apache-2.0

#include <vmbase/log.h>

#include "console.h"

static enum vmbase_log_level max_level = VMBASE_LOG_OFF;
static unsigned int suppressions;

void vmbase_log_init(enum vmbase_log_level new_max_level)
{
	max_level = new_max_level;
	suppressions = 0;
}

void vmbase_log_set_max_level(enum vmbase_log_level new_max_level)
{
	max_level = new_max_level;
}

void vmbase_log_suppress(void)
{
	suppressions++;
}

void vmbase_log_restore(void)
{
	if (suppressions > 0) {
		suppressions--;
	}
}

bool vmbase_log_enabled(enum vmbase_log_level level)
{
	return suppressions == 0 && level != VMBASE_LOG_OFF && level <= max_level;
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
