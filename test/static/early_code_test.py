#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: early_code_test.py OBJDUMP ARCHIVE

What runs while the MMU is off calls nothing but the boot code's own assembly:
memory is Device memory then, where memcpy and its kin, or anything else that a
compiler makes of C, may fault.
"""

import re
import sys

import disassembly

# The files' names as Meson makes object names of them.
OBJECTS = re.compile(r"boot_(entry|early_vectors)\.S\.o(bj)?$")
ENTRY = "_start"
MMU_ON = re.compile(r"msr SCTLR_EL1, ", re.IGNORECASE)

DIRECT_BRANCH = re.compile(r"(b|bl|b\.\w+|cbn?z|tbn?z)$")
INDIRECT_BRANCH = re.compile(r"(br|blr|ret|eret)\w*$")


def check(functions):
    early = {name: body for (member, name), body in functions.items() if OBJECTS.search(member)}
    body = early.get(ENTRY, [])
    lines = [re.sub(r"\s+", " ", str(instruction)) for instruction in body]
    on = next((index for index, line in enumerate(lines) if MMU_ON.match(line)), None)
    if on is None:
        yield f"{ENTRY} does not turn on the MMU"
        return
    early[ENTRY] = body[:on]
    if "vmb_early_vectors" not in early or "vmb_reset" not in early:
        yield "the archive lacks the early vectors"
    for name, instructions in early.items():
        for instruction in instructions:
            if INDIRECT_BRANCH.match(instruction.mnemonic):
                yield f"{name}: {instruction}: it cannot be seen where this goes"
            elif DIRECT_BRANCH.match(instruction.mnemonic) and instruction.target not in early:
                yield f"{name}: {instruction}: goes to {instruction.target or 'an unknown place'}"


if __name__ == "__main__":
    sys.exit(disassembly.main(__doc__, check))
