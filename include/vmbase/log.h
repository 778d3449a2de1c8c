// SPDX-License-Identifier: Apache-2.0

// Log lines with a level: each call prints one line `[INFO] …` on the console.
//
//     vmbase_log_init(VMBASE_LOG_INFO);
//     vmbase_log_info("%u devices", count);
//
// Nothing is logged before vmbase_log_init() is called. The arguments of a line are not evaluated if the level
// of the line is off. The state is global. A line takes the console's lock: handlers use vmbase_eprintln().

#ifndef VMBASE_LOG_H
#define VMBASE_LOG_H

#include <vmbase/console.h>

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

// A level includes the levels above it in this list. OFF logs nothing.
enum vmbase_log_level {
	VMBASE_LOG_OFF,
	VMBASE_LOG_ERROR,
	VMBASE_LOG_WARN,
	VMBASE_LOG_INFO,
	VMBASE_LOG_DEBUG,
	VMBASE_LOG_TRACE,
};

// Starts the log with the level max_level and ends all suppressions.
//
// Context: main
void vmbase_log_init(enum vmbase_log_level max_level);

// Changes the level. A suppression stays in force.
//
// Context: main
void vmbase_log_set_max_level(enum vmbase_log_level max_level);

// Silence the log and end the silence. The calls nest: the log prints again after as many calls of
// vmbase_log_restore() as of vmbase_log_suppress(), counted over main, handlers and all CPUs. A restore without
// a suppression changes nothing.
//
// Context: any
void vmbase_log_suppress(void);
void vmbase_log_restore(void);

// Returns whether a line of this level would be printed now: false for the level OFF.
//
// Context: any
bool vmbase_log_is_enabled(enum vmbase_log_level level);

#define vmbase_log_error(...) VMBASE_LOG(VMBASE_LOG_ERROR, __VA_ARGS__)
#define vmbase_log_warn(...) VMBASE_LOG(VMBASE_LOG_WARN, __VA_ARGS__)
#define vmbase_log_info(...) VMBASE_LOG(VMBASE_LOG_INFO, __VA_ARGS__)
#define vmbase_log_debug(...) VMBASE_LOG(VMBASE_LOG_DEBUG, __VA_ARGS__)
#define vmbase_log_trace(...) VMBASE_LOG(VMBASE_LOG_TRACE, __VA_ARGS__)

// Logs a line with a level that is known only at run time: VMBASE_LOG(level, format, …).
#define VMBASE_LOG(level, ...)                                                                                 \
	do {                                                                                                   \
		if (vmbase_log_is_enabled(level)) {                                                            \
			vmbase_log_write((level), __VA_ARGS__);                                                \
		}                                                                                              \
	} while (0)

// Prints the line whatever the current level is. The macros call this function.
//
// Context: main
__attribute__((format(printf, 2, 3))) void vmbase_log_write(enum vmbase_log_level level, const char *format,
							    ...);

#ifdef VMBASE_INTEGERS_ONLY
#define vmbase_log_write(...) VMBASE_INTEGERS_ONLY(vmbase_log_write, __VA_ARGS__)
#endif

#ifdef __cplusplus
}
#endif

#endif
