#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: errata_test.py OBJDUMP ARCHIVE...

No 64-bit multiply-accumulate comes directly after a memory access: Cortex-A53
before r0p5 may compute it wrongly (erratum 835769). The compiler takes care of
what it compiles, and nobody of what is written in assembly.
"""

import sys

import disassembly

MULTIPLIES = ("madd", "msub", "smaddl", "smsubl", "umaddl", "umsubl")
ACCESSES = ("ld", "st", "prfm", "dc", "swp", "cas")


def is_affected(instruction):
    # Without an accumulator they have other names; of 32 bits are the rest.
    return instruction.mnemonic in MULTIPLIES and instruction.operands.startswith("x")


def main():
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    failed = False
    multiplies = 0
    for archive in sys.argv[2:]:
        for (member, function), body in disassembly.functions(sys.argv[1], archive).items():
            for before, instruction in zip(body, body[1:]):
                multiplies += is_affected(instruction)
                if is_affected(instruction) and before.mnemonic.startswith(ACCESSES):
                    print(f"{member}, {function}: {before} and then {instruction}")
                    failed = True
    if multiplies == 0:
        print("there is no multiply-accumulate at all; have objdump's names of them changed?")
        failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
