#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: headers_test.py INCLUDE-DIRECTORY COMPILER...

Each public header compiles alone and twice over, and its macros at their
use, as C11, as C17 and as C++17, without a warning.
"""

import pathlib
import subprocess
import sys

STANDARDS = {"c11": "c", "c17": "c", "c++17": "c++"}
WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Werror")

# What a guest writes. A macro's faults show only where it is expanded.
USES = {
    "console.h": "VMBASE_CONSOLE_PL011(0x9000000);\n",
    "heap.h": "VMBASE_HEAP(65536);\n",
    "log.h": 'void use(void);\nvoid use(void)\n{\n\tvmbase_log_info("text");\n\tvmbase_log_info("%d", 1);\n}\n',
    "main.h": (
        "static void guest(uint64_t a, uint64_t b, uint64_t c, uint64_t d)\n"
        "{\n\t(void)a, (void)b, (void)c, (void)d;\n}\nVMBASE_MAIN(guest);\n"
    ),
    "tracker.h": (
        "VMBASE_TABLE_POOL(tables, 7);\nenum vmbase_error use(struct vmbase_range ram);\n"
        "enum vmbase_error use(struct vmbase_range ram)\n{\n\treturn vmbase_tracker_start(ram, &tables);\n}\n"
    ),
    "panic.h": """\
VMBASE_CRASH_END(VMBASE_CRASH_HALT);
void use(int a);
void use(int a)
{
	vmbase_assert(a % 2 == 0);
	vmbase_panic("%d", a);
}
""",
}


def main():
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    include, compiler = pathlib.Path(sys.argv[1]), sys.argv[2:]
    headers = sorted((include / "vmbase").rglob("*.h"))
    if not headers:
        print(f"{include} has no headers")
        return 1
    failed = False
    for name in USES.keys() - {header.name for header in headers}:
        print(f"{name}: there is no such header to use")
        failed = True
    for header in headers:
        name = header.relative_to(include).as_posix()
        text = f"#include <{name}>\n" * 2 + USES.get(header.name, "")
        for standard, language in STANDARDS.items():
            words = [f"-std={standard}", *WARNINGS, "-I", str(include), "-fsyntax-only", "-x", language, "-"]
            command = [*compiler, *words]
            if subprocess.run(command, input=text, text=True).returncode != 0:
                print(f"{name}: fails as {standard}")
                failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
