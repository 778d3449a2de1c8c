#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: symbols_test.py NM ARCHIVE...

A static library shares its user's namespace: each global symbol of the
archives has the library's prefix, or a name that somebody else prescribes.
"""

import subprocess
import sys

PREFIXES = ("vmbase_", "vmb_")

PRESCRIBED = {
    # The entry point, which the linker script names.
    "_start",
    # The handlers of <vmbase/exceptions.h>; the names are upstream's.
    "sync_exception_current",
    "irq_current",
    "fiq_current",
    "serr_current",
    "sync_lower",
    "irq_lower",
    "fiq_lower",
    "serr_lower",
    # Functions of the C library that are ours.
    "memcmp",
    "memcpy",
    "memmove",
    "memset",
    # The streams of the C library that the console serves.
    "stdin",
    "stdout",
    "stderr",
    # How a C program ends.
    "_Exit",
    "__assert",
    "__assert_func",
    "__assert_no_args",
    "__cxa_atexit",
    "_exit",
    "abort",
    "at_quick_exit",
    "atexit",
    "exit",
    "quick_exit",
    # What C's library, or a program, asks a POSIX system for.
    "access",
    "clock_getres",
    "clock_gettime",
    "close",
    "fstat",
    "getentropy",
    "getpid",
    "gettimeofday",
    "isatty",
    "kill",
    "lseek",
    "mkdir",
    "nanosleep",
    "open",
    "read",
    "rename",
    "rmdir",
    "sleep",
    "stat",
    "times",
    "unlink",
    "usleep",
    "write",
    # C's memory management (C17, 7.22.3), and what else the C library has of it (allocator_test.py).
    "aligned_alloc",
    "calloc",
    "cfree",
    "free",
    "mallinfo",
    "malloc",
    "malloc_stats",
    "malloc_trim",
    "malloc_usable_size",
    "mallopt",
    "memalign",
    "posix_memalign",
    "pvalloc",
    "realloc",
    "valloc",
    # What a guest in C++ asks for (Itanium C++ ABI).
    "_Znwm",
    "_Znam",
    "_ZnwmSt11align_val_t",
    "_ZnamSt11align_val_t",
    "_ZdlPv",
    "_ZdaPv",
    "_ZdlPvm",
    "_ZdaPvm",
    "_ZdlPvSt11align_val_t",
    "_ZdaPvSt11align_val_t",
    "_ZdlPvmSt11align_val_t",
    "_ZdaPvmSt11align_val_t",
    "__cxa_deleted_virtual",
    "__cxa_guard_acquire",
    "__cxa_guard_release",
    "__cxa_pure_virtual",
    # What the compiler asks for under -fstack-protector.
    "__stack_chk_guard",
    "__stack_chk_fail",
    # What outline atomics look at.
    "__aarch64_have_lse_atomics",
}


def main():
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    nm, archives = sys.argv[1], sys.argv[2:]
    failed = False
    for archive in archives:
        text = subprocess.run(
            [nm, "--extern-only", "--defined-only", "--format=posix", archive],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout
        # A line that ends in a colon names the archive's next member.
        names = {line.split()[0] for line in text.splitlines() if line and not line.endswith(":")}
        if not names:
            print(f"{archive}: no global symbols; has nm's output changed?")
            failed = True
        for name in sorted(names):
            if not name.startswith(PREFIXES) and name not in PRESCRIBED:
                print(f"{archive}: {name} is not the library's to define: make it static, or prefix it with vmb_")
                failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
