#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: uart_setup_test.py IMAGE

What prints in an emergency sets the UART up again. QEMU's PL011 transmits whatever its control register says, so
the accesses themselves are looked at: IMAGE disables the UART, and the next access has to enable it.
"""

import re
import subprocess
import sys
import tempfile

UARTCR = 0x09000030
UARTCR_UARTEN = 1
ACCESS = re.compile(r"memory_region_ops_write .* addr (0x[0-9a-f]+) value (0x[0-9a-f]+) ")


def main():
    (image,) = sys.argv[1:]
    with tempfile.NamedTemporaryFile("r") as trace:
        subprocess.run(
            ["qemu-system-aarch64", "-M", "virt", "-cpu", "max", "-m", "256M", "-kernel", image]
            + ["-display", "none", "-net", "none", "-no-reboot", "-trace", "memory_region_ops_write", "-D", trace.name],
            stdin=subprocess.DEVNULL,
            timeout=600,
            check=True,
        )
        accesses = [(int(m[1], 0), int(m[2], 0)) for m in ACCESS.finditer(trace.read())]
    if (UARTCR, 0) not in accesses:
        sys.exit("the guest did not disable the UART")
    next_access = accesses[accesses.index((UARTCR, 0)) + 1]
    if next_access[0] != UARTCR or not next_access[1] & UARTCR_UARTEN:
        sys.exit(f"the next write was of {next_access[1]:#x} to {next_access[0]:#x}")


main()
