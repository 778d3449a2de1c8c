#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: crash_test.py VMBASE-SYMBOLIZE [STATUS EXPECTED ELF IMAGE]...

Boots guests for platform `generic` that are meant to end in a certain way, far from where they were linked, at EL1 and
EL2, and as QEMU boots an Image. STATUS and EXPECTED are expect.py's, written for the platform `qemu`: the
addresses of that image may be any, but for the offset, which has to be the true one. Prints TAP, a test for each boot.

The report of the guest data_abort also has to become functions, files and lines.
"""

import concurrent.futures
import os
import re
import subprocess
import sys
import types

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import qemu_test
from vmbase_elf import ElfFile

expect = qemu_test.host.load_module(qemu_test.HERE.parent / "guest" / "expect.py")

CASES = [qemu_test.Case("raw", el=1), qemu_test.Case("raw", el=2), qemu_test.Case("Image")]
ENDS = {"0": "power-off", "2": "reset", "5": "reset"}

# In patterns: the first digits of an address in the image for `qemu`, or all.
ADDRESS = re.compile(r"0x0{8}4[0-9a-f]+")
OFFSET = "offset 0x0{16}"

SYMBOLIZED = {
    "data_abort": [
        rf"  0x[0-9a-f]{{16}}: {function} at \S*/{file}:\d+:\d+"
        for function, file in (
            ("innermost", r"data_abort\.c"),
            ("crash", r"data_abort\.c"),
            ("guest", r"data_abort\.c"),
            ("vmb_start", r"start\.c"),
        )
    ]
}


class Guest:
    def __init__(self, dirt, status, expected, elf, image):
        self.name = os.path.basename(elf).removeprefix("generic-")
        self.end = ENDS[status]
        self.patterns = expect.read_patterns(expected)
        self.options = types.SimpleNamespace(image=image, elf=elf, dirt=dirt, expected=None)
        self.linked = ElfFile(elf).symbols["_start"]

    def boot(self, case):
        return qemu_test.run(qemu_test.arguments(case, self.options))

    def patterns_at(self, case):
        loaded = qemu_test.RAW_ADDRESS if case.form == "raw" else qemu_test.IMAGE_ADDRESS
        offset = f"offset 0x{loaded - self.linked:016x}"
        return [ADDRESS.sub("0x[0-9a-f]+", pattern.replace(OFFSET, offset)) for pattern in self.patterns]

    def find_fault(self, symbolize, case, output, end):
        """Returns a sentence on what is wrong, or None."""
        if end != self.end:
            return f"it ended by {end}, not {self.end}"
        text = output.decode("utf-8", "backslashreplace")
        fault = expect.find_mismatch(self.patterns_at(case), text)
        if fault or self.name not in SYMBOLIZED:
            return fault
        result = subprocess.run(
            [symbolize, self.options.elf], input=output, stdout=subprocess.PIPE, check=False, timeout=600
        )
        told = result.stdout.decode("utf-8", "backslashreplace")
        return expect.find_mismatch(SYMBOLIZED[self.name], told) and f"vmbase-symbolize says:\n{told}"


def boot_all(symbolize, guests):
    """Prints TAP. Returns whether a test failed."""
    boots = [(guest, case) for guest in guests for case in CASES]
    failed = False
    print(f"1..{len(boots)}", flush=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda boot: boot[0].boot(boot[1]), boots)
        for number, ((guest, case), (output, end)) in enumerate(zip(boots, results), 1):
            fault = guest.find_fault(symbolize, case, output, end)
            failed = failed or fault is not None
            qemu_test.print_test(number, f"{guest.name}, {case}", fault, output)
    return failed


def main():
    qemu_test.end_on_sigterm()
    symbolize, *words = sys.argv[1:]
    with qemu_test.dirt() as dirt:
        return boot_all(symbolize, [Guest(dirt, *words[i:i + 4]) for i in range(0, len(words), 4)])


if __name__ == "__main__":
    sys.exit(main())
