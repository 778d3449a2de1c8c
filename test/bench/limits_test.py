#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: limits_test.py [--any HELLO-ELF HELLO-IMAGE] VMBASE-RUN NM HELLO-ELF HELLO-IMAGE EXCEPTION-ELF EXCEPTION-IMAGE
    MONITOR-ELF MONITOR-IMAGE BOOTLOADER-ELF BOOTLOADER-IMAGE HEAP-IMAGE COUNTING-IMAGE...

Fails where a figure exceeds its limit. The limits are for the default build.
"""

import sys

import measure

LIMITS = {
    "hello.bin_size": 16384,
    "boot.reset_to_main": 2000,
    "boot.kvm_reset_to_main": 2000,
    "boot.kvm_hypercalls": 6,
    "hello.main_to_power_off": 600,
    "console.mmio_per_byte": 1,
    "console.mmio_per_byte_formatted": 1,
    "exception.round_trip": 100,
    "memory.take_over": 5000,
    "page_table.map_1gib_pages": 1000000,
    "page_table.map_1gib_block": 170,
    "page_table.map_1gib_ragged": 10000,
    "page_table.map_512_scattered": 130000,
    "page_table.protect_1gib_pages": 1500000,
    # 1.1 times the better of what Arm's optimized-routines take (bench.py).
    "memcpy.8": 16,
    "memcpy.64": 15,
    "memcpy.256": 45,
    "memcpy.4096": 573,
    "memcpy.65536": 9021,
    "memset.8": 15,
    "memset.64": 16,
    "memset.256": 38,
    "memset.4096": 302,
    "memset.65536": 4526,
    "heap.mixed.malloc_and_free_mean": 127,
    "heap.mixed.malloc_worst": 250,
    "heap.mixed.free_worst": 250,
    "heap.mixed.footprint": 1.15,
    "heap.clustered.malloc_and_free_mean": 127,
    "heap.clustered.malloc_worst": 250,
    "heap.clustered.free_worst": 250,
    "heap.clustered.footprint": 1.15,
    "heap.fragmented.malloc_worst": 250,
    "heap.fragmented.free_worst": 250,
}
# Where there is libfdt.
LIMITS_OF_ANY = {
    "any.bin_size": 28672,
    "any.header_and_relocation": 512,
    "any.reset_to_main": 250000,
}


def main():
    figures = measure.figures_of_command_line(__doc__)
    failed = False
    for name, limit in {**LIMITS, **(LIMITS_OF_ANY if "any.bin_size" in figures else {})}.items():
        figure = figures[name]
        exceeded = figure.value > limit
        failed = failed or exceeded
        print(f"{name} {measure.number(figure)} {figure.unit}, limit {limit}{': EXCEEDED' if exceeded else ''}")
        if exceeded and figure.breakdown:
            print("  " + ", ".join(f"{function} {count}" for function, count in figure.breakdown))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
