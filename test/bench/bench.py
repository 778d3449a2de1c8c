#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: bench.py VMBASE-RUN NM HELLO-ELF HELLO-IMAGE EXCEPTION-ELF EXCEPTION-IMAGE HEAP-IMAGE

Prints a line `name value unit` for each figure, the peers' behind it as a
comment, and where the instructions go.
"""

import sys

import measure

# QEMU 7.2, -cpu max; upstream is Android's Rust vmbase of 2024, at its own flags.
PEERS = {
    "hello.bin_size": "upstream 38528, aarch64-rt 25194, kvm-unit-tests 89696, LK 226416",
    "boot.reset_to_main": "upstream 17568, aarch64-rt 71 (static map, no W^X), kvm-unit-tests 15615865, LK 77381",
    "hello.main_to_power_off": "upstream 387, aarch64-rt 98",
    "console.mmio_per_byte": "upstream 1, kvm-unit-tests 1, aarch64-rt 2, LK 2, U-Boot 2, Hafnium 3",
    "exception.round_trip": (
        "Hafnium 32-34, upstream 32 (both: volatile registers only, no FP), Jailhouse 37, LK 46, "
        "kvm-unit-tests 48, Unikraft 62"
    ),
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


def main():
    for name, figure in measure.figures_of_command_line(__doc__).items():
        peers = f" # {PEERS[name]}" if name in PEERS else ""
        print(f"{name} {measure.number(figure)} {figure.unit}{peers}")
        if figure.breakdown:
            print("#   " + ", ".join(f"{function} {count}" for function, count in figure.breakdown))
    return 0


if __name__ == "__main__":
    sys.exit(main())
