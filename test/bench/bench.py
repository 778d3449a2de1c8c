#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: bench.py [--generic HELLO-ELF HELLO-IMAGE] VMBASE-RUN HELLO-ELF HELLO-IMAGE EXCEPTION-ELF EXCEPTION-IMAGE
    MONITOR-ELF MONITOR-IMAGE BOOTLOADER-ELF BOOTLOADER-IMAGE HEAP-IMAGE COUNTING-IMAGE...

Prints a line `name value unit` for each figure. A comment follows: the figure's limit, for platform `generic` the same
figure of platform `qemu`, and the figures of peers. The next lines tell which functions take the instructions.
"""

import sys

import measure
from limits import LIMITS

# QEMU 7.2, -cpu max; upstream is Android's Rust vmbase of 2024, at its own flags.
PEERS = {
    "hello.bin_size": "upstream 38528, aarch64-rt 25194, kvm-unit-tests 89696, LK 226416",
    "boot.reset_to_main": "upstream 17568, aarch64-rt 71 (static map, no W^X), kvm-unit-tests 15615865, LK 77381",
    "generic.reset_to_main": "kvm-unit-tests 15615865",
    "hello.main_to_power_off": "upstream 387, aarch64-rt 98",
    "console.mmio_per_byte": "upstream 1, kvm-unit-tests 1, aarch64-rt 2, LK 2, U-Boot 2, Hafnium 3",
    "exception.round_trip": (
        "Hafnium 32-34, upstream 32 (both: volatile registers only, no FP), Jailhouse 37, LK 46, "
        "kvm-unit-tests 48, Unikraft 62"
    ),
    "tracker.start": "upstream 60700",
    # aarch64-paging 0.12.1 (zeroing of tables left out), TF-A's xlat_tables_v2, Hafnium's mm.
    "page_table.map_1gib_pages": "aarch64-paging 9524509, TF-A 24598119, kvm-unit-tests 64 a page",
    "page_table.map_1gib_block": "aarch64-paging 170, TF-A 172153, Hafnium 576",
    "page_table.map_1gib_ragged": "aarch64-paging 66452",
    "page_table.map_512_scattered": "aarch64-paging 215614, Hafnium 4015379, TF-A 18378298",
    "page_table.protect_1gib_pages": "aarch64-paging 12637892",
    # Arm's is optimized-routines, its memcpy once without and once with SIMD registers; picolibc is Debian's 1.8.
    "memcpy.8": "Arm 15 and 16, picolibc 52",
    "memcpy.64": "Arm 18 and 14, picolibc 388",
    "memcpy.256": "Arm 54 and 41, picolibc 1540",
    "memcpy.4096": "Arm 654 and 521, picolibc 24580",
    "memcpy.65536": "Arm 10254 and 8201, picolibc 393220",
    "memmove.8": "Arm with SIMD 16, picolibc 60",
    "memmove.64": "Arm with SIMD 14, picolibc 396",
    "memmove.256": "Arm with SIMD 44, picolibc 1548",
    "memmove.4096": "Arm with SIMD 584, picolibc 24588",
    "memmove.65536": "Arm with SIMD 9224, picolibc 393228",
    "memset.8": "Arm 14, picolibc 44",
    "memset.64": "Arm 15, picolibc 324",
    "memset.256": "Arm 35, picolibc 1284",
    "memset.4096": "Arm 275, picolibc 20484",
    "memset.65536": "Arm 4115, picolibc 327684",
    "memcmp.8": "Arm 20, picolibc 63",
    "memcmp.64": "Arm 43, picolibc 455",
    "memcmp.256": "Arm 107, picolibc 1799",
    "memcmp.4096": "Arm 1307, picolibc 28679",
    "memcmp.65536": "Arm 20507, picolibc 458759",
    "heap.mixed.malloc_and_free_mean": "buddy_system_allocator (upstream's) 157, without checks",
    "heap.mixed.malloc_worst": "buddy_system_allocator 276",
    "heap.mixed.free_worst": "buddy_system_allocator 386",
    "heap.mixed.footprint": "buddy_system_allocator 1.356",
    "heap.clustered.malloc_and_free_mean": "dlmalloc 203, TLSF 250, LK 1232, picolibc 5924",
    "heap.clustered.malloc_worst": "TLSF 229, dlmalloc 293, LK 2281, picolibc 22021",
    "heap.clustered.free_worst": "TLSF 199, dlmalloc 229, LK 885, picolibc 2131",
    "heap.clustered.footprint": "dlmalloc 1.046, LK 1.084, picolibc 1.101, TLSF 1.278",
    "heap.fragmented.free_worst": "buddy_system_allocator 56045",
}


# The fixed platform's figure.
COUNTERPARTS = {
    "generic.bin_size": "hello.bin_size",
    "generic.ram_footprint": "ram.footprint",
    "generic.reset_to_main": "boot.reset_to_main",
}


def comment(name, figures):
    remarks = []
    if name in LIMITS:
        remarks.append(f"limit {LIMITS[name]}")
    if name in COUNTERPARTS:
        remarks.append(f"for qemu {measure.number(figures[COUNTERPARTS[name]])}")
    if name in PEERS:
        remarks.append(PEERS[name])
    return f" # {'; '.join(remarks)}" if remarks else ""


def main():
    figures = measure.figures_of_command_line(__doc__)
    for name, figure in figures.items():
        print(f"{name} {measure.number(figure)} {figure.unit}{comment(name, figures)}")
        if figure.breakdown:
            print("#   " + ", ".join(f"{function} {count}" for function, count in figure.breakdown))
    return 0


if __name__ == "__main__":
    sys.exit(main())
