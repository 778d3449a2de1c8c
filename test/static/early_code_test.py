#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: early_code_test.py OBJDUMP ARCHIVE PLATFORM-ARCHIVE...

What runs while the MMU is off calls nothing but the boot code's own assembly: memory is Device memory then, where memcpy
and its kin, or anything else that a compiler makes of C, may fault. Each platform's archive has an entry point.
"""

import re
import sys

import disassembly

# The files' names as Meson makes object names of them.
OBJECTS = re.compile(r"(boot_(entry|early_vectors|mmu_on)|platform_any_(entry|el2))\.S\.o(bj)?$")
ENTRY = "_start"
TURN_ON = "vmb_mmu_on"
MMU_ON = re.compile(r"msr SCTLR_EL1, ", re.IGNORECASE)

DIRECT_BRANCH = re.compile(r"(b|bl|b\.\w+|cbn?z|tbn?z)$")
INDIRECT_BRANCH = re.compile(r"(br|blr|eret)\w*$")

# Where EL2 is left, and what answers there later.
MAY_BRANCH_INDIRECTLY = {"vmb_leave_el2": {"eret"}, "vmb_el2_vector": {"eret", "br"}}


def until(body, is_last):
    """Returns the instructions up to the first for which is_last holds, or None without one."""
    index = next((index for index, instruction in enumerate(body) if is_last(instruction)), None)
    return None if index is None else body[: index + 1]


def turns_on(instruction):
    return MMU_ON.match(re.sub(r"\s+", " ", str(instruction)))


def check(platform, functions):
    early = {name: body for (member, name), body in functions.items() if OBJECTS.search(member)}
    for name, is_last in (
        (ENTRY, lambda instruction: instruction.mnemonic == "bl" and instruction.target == TURN_ON),
        (TURN_ON, turns_on),
    ):
        body = until(early.get(name, []), is_last)
        if body is None:
            yield f"{platform}: {name} does not turn on the MMU"
            return
        early[name] = body
    if "vmb_early_vectors" not in early or "vmb_reset" not in early:
        yield "the archive lacks the early vectors"
    for name, instructions in early.items():
        for instruction in instructions:
            # RET goes back to where a BL was.
            if INDIRECT_BRANCH.match(instruction.mnemonic):
                if instruction.mnemonic not in MAY_BRANCH_INDIRECTLY.get(name, ()):
                    yield f"{platform}: {name}: {instruction}: it cannot be seen where this goes"
            elif DIRECT_BRANCH.match(instruction.mnemonic) and instruction.target not in early:
                yield f"{platform}: {name}: {instruction}: goes to {instruction.target or 'an unknown place'}"


def main():
    if len(sys.argv) < 4:
        raise SystemExit(__doc__)
    _, objdump, archive, *platforms = sys.argv
    common = disassembly.functions(objdump, archive)
    errors = []
    for platform in platforms:
        errors += check(platform, {**common, **disassembly.functions(objdump, platform)})
    for error in errors:
        print(error)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
