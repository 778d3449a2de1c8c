// SPDX-License-Identifier: Apache-2.0

// Log lines with a level: `[INFO] …` on the console, one line a call.
//
// Nothing is logged until vmbase_log_init() is called. The arguments of a line whose level is off are
// not evaluated. The state is global. Lines, like the console's lock, are meant for main's context:
// handlers use vmbase_eprintln(). Suppressing and restoring may be called from anywhere.

#ifndef VMBASE_LOG_H
#define VMBASE_LOG_H

#include <vmbase/console.h>

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

// A level includes those above it in this list. OFF logs nothing.
enum vmbase_log_level {
	VMBASE_LOG_OFF,
	VMBASE_LOG_ERROR,
	VMBASE_LOG_WARN,
	VMBASE_LOG_INFO,
	VMBASE_LOG_DEBUG,
	VMBASE_LOG_TRACE,
};

// Starts the log: lines up to max_level are printed, and a suppression left over is lifted.
void vmbase_log_init(enum vmbase_log_level max_level);

// Changes the level. A suppression in force stays in force.
void vmbase_log_set_max_level(enum vmbase_log_level max_level);

// Silences the log until the matching vmbase_log_restore(). Calls nest: the log speaks again after as
// many restores as there were suppressions, in main, handlers and on other CPUs together. A restore without a
// suppression changes nothing.
void vmbase_log_suppress(void);
void vmbase_log_restore(void);

// Whether a line of this level would be printed now. No line has the level OFF: it answers false.
bool vmbase_log_is_enabled(enum vmbase_log_level level);

#define vmbase_log_error(...) VMBASE_LOG(VMBASE_LOG_ERROR, __VA_ARGS__)
#define vmbase_log_warn(...) VMBASE_LOG(VMBASE_LOG_WARN, __VA_ARGS__)
#define vmbase_log_info(...) VMBASE_LOG(VMBASE_LOG_INFO, __VA_ARGS__)
#define vmbase_log_debug(...) VMBASE_LOG(VMBASE_LOG_DEBUG, __VA_ARGS__)
#define vmbase_log_trace(...) VMBASE_LOG(VMBASE_LOG_TRACE, __VA_ARGS__)

// A line at a level that is known only at run time: VMBASE_LOG(level, format, …).
#define VMBASE_LOG(level, ...)                                                                                 \
	do {                                                                                                   \
		if (vmbase_log_is_enabled(level)) {                                                            \
			vmbase_log_write((level), __VA_ARGS__);                                                \
		}                                                                                              \
	} while (0)

// Prints the line whatever the level in force is; what the macros call.
__attribute__((format(printf, 2, 3))) void vmbase_log_write(enum vmbase_log_level level, const char *format,
							    ...);

#ifdef VMBASE_INTEGERS_ONLY
#define vmbase_log_write(...) VMBASE_INTEGERS_ONLY(vmbase_log_write, __VA_ARGS__)
#endif

#ifdef __cplusplus
}
#endif

#endif
