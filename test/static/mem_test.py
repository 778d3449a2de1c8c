#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: mem_test.py OBJDUMP ARCHIVE

memcpy and its kin use no register that a C caller expects to keep, and no
stack (Arm AAPCS64, Machine registers): callers need not say what they lose.
"""

import re
import sys

import disassembly

# memcpy is another name of memmove.
FUNCTIONS = ("memcmp", "memmove", "memset")

# The stack pointer, x18 to x30, and v8 to v15 under all of their names.
KEPT = re.compile(r"\b(w?sp|[wx](?:1[89]|2\d|30)|[bhsdqv](?:[89]|1[0-5]))\b")


def check(functions):
    for name in FUNCTIONS:
        bodies = [body for (_, function), body in functions.items() if function == name]
        if len(bodies) != 1:
            yield f"the archive has {len(bodies)} functions {name}"
            continue
        for instruction in bodies[0]:
            if match := KEPT.search(instruction.operands):
                yield f"{name}: {instruction}: uses {match[1]}"
            if instruction.mnemonic in ("bl", "blr"):
                yield f"{name}: {instruction}: calls"


if __name__ == "__main__":
    sys.exit(disassembly.main(__doc__, check))
