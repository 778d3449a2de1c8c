#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: limits_test.py VMBASE-RUN NM HELLO-ELF HELLO-IMAGE EXCEPTION-ELF EXCEPTION-IMAGE HEAP-IMAGE

Fails where a figure exceeds its limit. The limits are for the default build.
"""

import sys

import measure

LIMITS = {
    "hello.bin_size": 16384,
    "boot.reset_to_main": 2000,
    "hello.main_to_power_off": 600,
    "console.mmio_per_byte": 1,
    "console.mmio_per_byte_formatted": 1,
    "exception.round_trip": 100,
    "heap.mixed.malloc_and_free_mean": 142,
    "heap.mixed.malloc_worst": 250,
    "heap.mixed.free_worst": 250,
    "heap.mixed.footprint": 1.15,
    "heap.clustered.malloc_and_free_mean": 142,
    "heap.clustered.malloc_worst": 250,
    "heap.clustered.free_worst": 250,
    "heap.clustered.footprint": 1.15,
    "heap.fragmented.malloc_worst": 250,
    "heap.fragmented.free_worst": 250,
}


def main():
    figures = measure.figures_of_command_line(__doc__)
    failed = False
    for name, limit in LIMITS.items():
        figure = figures[name]
        exceeded = figure.value > limit
        failed = failed or exceeded
        print(f"{name} {measure.number(figure)} {figure.unit}, limit {limit}{': EXCEEDED' if exceeded else ''}")
        if exceeded and figure.breakdown:
            print("  " + ", ".join(f"{function} {count}" for function, count in figure.breakdown))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
