#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: crosvm_test.py IMAGE PATTERN...

Runs an image for crosvm as far as QEMU goes: in RAM at the address it is linked for, where QEMU has flash in the
place of crosvm's UARTs. Each MMIO access has to be one to the first UART. The bytes that reach its data register have
to be lines that match the patterns, as in expect.py, and the last line the last pattern. Then the guest powers off or
resets.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import expect

UART = 0x3F8
UART_SIZE = 8
ACCESS = re.compile(r"memory_region_ops_(?:read|write) .* addr (0x[0-9a-f]+) value (0x[0-9a-f]+) size (\d+)")


def main():
    image, *patterns = sys.argv[1:]
    with tempfile.NamedTemporaryFile("r") as trace:
        subprocess.run(
            ["qemu-system-aarch64", "-M", "virt", "-cpu", "max", "-m", "3G"]
            + ["-display", "none", "-net", "none", "-no-reboot"]
            + ["-device", f"loader,file={image},addr=0x80200000,cpu-num=0,force-raw=on"]
            + ["-trace", "memory_region_ops_read", "-trace", "memory_region_ops_write", "-D", trace.name],
            stdin=subprocess.DEVNULL,
            timeout=600,
            check=True,
        )
        lines = [line for line in trace.read().splitlines() if line.startswith("memory_region_ops_")]
    accesses = [ACCESS.match(line) for line in lines]
    if not accesses or None in accesses:
        sys.exit("no MMIO access, or one in a form unknown to this test:\n" + "\n".join(lines[:10]))
    text = ""
    for access in accesses:
        address, value, size = int(access[1], 0), int(access[2], 0), int(access[3])
        if not UART <= address < UART + UART_SIZE or size != 1:
            sys.exit(f"an access outside the UART, or not of a byte: {access[0]}")
        if address == UART:
            text += chr(value)
    print(text, end="")
    if not text.endswith("\n"):
        sys.exit("the last line has no end")
    last_line = text.splitlines()[-1]
    if not re.fullmatch(patterns[-1], last_line):
        sys.exit(f"the last line is not: {patterns[-1]}")
    sys.exit(expect.find_mismatch(patterns, text))


main()
