#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: limits_test.py [--generic HELLO-ELF HELLO-IMAGE] VMBASE-RUN HELLO-ELF HELLO-IMAGE
    EXCEPTION-ELF EXCEPTION-IMAGE MONITOR-ELF MONITOR-IMAGE BOOTLOADER-ELF BOOTLOADER-IMAGE HEAP-IMAGE COUNTING-IMAGE...

Fails where a figure exceeds its limit. The limits are for the default build.
"""

import sys

import measure
from limits import LIMITS


def main():
    figures = measure.figures_of_command_line(__doc__)
    failed = False
    for name, limit in LIMITS.items():
        if name.startswith("generic.") and "generic.bin_size" not in figures:
            continue
        figure = figures[name]
        exceeded = figure.value > limit
        failed = failed or exceeded
        print(f"{name} {measure.number(figure)} {figure.unit}, limit {limit}{': EXCEEDED' if exceeded else ''}")
        if exceeded and figure.breakdown:
            print("  " + ", ".join(f"{function} {count}" for function, count in figure.breakdown))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
