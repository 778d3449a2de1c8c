#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: spaced_uart.py OUTPUT WIDTH

Makes the device tree of QEMU's virt machine, except that its UART is an 8250 with registers that are 4 bytes apart and
accessed by WIDTH bytes. QEMU's PL011 sends the bytes that such a driver writes to the first register. libfdt's
fdtput does the edit.
"""

import subprocess
import sys

NODE = "/pl011@9000000"


def main():
    output, width = sys.argv[1:]
    dump = ["qemu-system-aarch64", "-M", f"virt,dumpdtb={output}", "-cpu", "max", "-m", "256M"]
    dump += ["-display", "none", "-nic", "none"]
    subprocess.run(dump, check=True, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for kind, name, *values in (
        ("s", "compatible", "snps,dw-apb-uart"),
        ("x", "reg-shift", "2"),
        ("x", "reg-io-width", width),
    ):
        subprocess.run(["fdtput", "-t", kind, output, NODE, name, *values], check=True)


main()
