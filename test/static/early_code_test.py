#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: early_code_test.py OBJDUMP ARCHIVE PLATFORM-ARCHIVE...

Checks that code that runs with the MMU off calls only the boot code's own assembly: all memory is Device memory then,
where memcpy() and any code that a compiler makes of C may fault. Each platform's archive has an entry point.

Nothing is written there, or what is written is invalidated in the data cache before and afterwards.
"""

import re
import sys

import disassembly

# The files' names as Meson makes object names of them.
OBJECTS = re.compile(
    r"(boot_(entry|mmu_on)|exception_early_vectors|platform_custom_check_map|platform_generic_(entry|el2)"
    r"|arch_(halt|mmio))\.S\.o(bj)?$"
)
ENTRY = "_start"
TURN_ON = "vmb_mmu_on"
MMU_ON = re.compile(r"msr SCTLR_EL1, ", re.IGNORECASE)

DIRECT_BRANCH = re.compile(r"(b|bl|b\.\w+|cbn?z|tbn?z)$")
STORE = re.compile(r"st[lrup]")
INVALIDATE = "vmb_clean_invalidate_dcache"
INDIRECT_BRANCH = re.compile(r"(br|blr|eret)\w*$")

# Where EL2 is left, and what answers there later.
MAY_BRANCH_INDIRECTLY = {"vmb_leave_el2": {"eret"}, "vmb_el2_vector": {"eret", "br"}}

# Defined by one platform; elsewhere the branch is none.
WEAK = {"vmb_check_map"}


def calls_turn_on(instruction):
    return instruction.mnemonic == "bl" and instruction.target == TURN_ON


def turns_on(instruction):
    return MMU_ON.match(re.sub(r"\s+", " ", str(instruction)))


# With the MMU on again.
RUNS_LATER = {"vmb_el2_vector"}


def is_invalidation(instruction):
    return instruction.target.startswith(INVALIDATE)


def check_stores(platform, early):
    for (_, name), body in early.items():
        stores = [index for index, instruction in enumerate(body) if STORE.match(instruction.mnemonic)]
        # A device has no cache lines.
        if not stores or name in RUNS_LATER or name.startswith("vmbase_mmio_"):
            continue
        # A line that somebody left dirty could be written back over it, and one that is clean could hide it.
        if not any(map(is_invalidation, body[: stores[0]])):
            yield f"{platform}: {name}: {body[stores[0]]}: the cache has not been invalidated before"
        if not any(map(is_invalidation, body[stores[-1] :])):
            yield f"{platform}: {name}: {body[stores[-1]]}: it is not invalidated in the cache"
    for (_, name), body in early.items():
        order = [text for text in map(str, body) if text.startswith(("dmb", "dsb", "dc"))]
        # Behind the stores, and complete.
        if name == INVALIDATE and not re.fullmatch(r"d[ms]b sy;dc civac, \w+;dsb sy", ";".join(order)):
            yield f"{platform}: {name} is no invalidation between two barriers: {order}"


def check(platform, functions):
    early = {key: body for key, body in functions.items() if OBJECTS.search(key[0])}
    names = {name for _, name in early}
    for name in (ENTRY, TURN_ON, "vmb_early_vectors", "vmb_give_up"):
        if name not in names:
            yield f"{platform}: there is no {name}"
    # The code after these two runs with the MMU on. The entry point's name may be that of a header before the code.
    for is_last, member in ((calls_turn_on, "entry"), (turns_on, "mmu_on")):
        ends = [key for key, body in early.items() if member in key[0] and any(map(is_last, body))]
        if len(ends) != 1:
            yield f"{platform}: the MMU is not turned on in one place"
        for key in ends:
            index = next(index for index, instruction in enumerate(early[key]) if is_last(instruction))
            early[key] = early[key][: index + 1]
    yield from check_stores(platform, early)
    for (_, name), instructions in early.items():
        for instruction in instructions:
            # RET goes back to where a BL was.
            if INDIRECT_BRANCH.match(instruction.mnemonic):
                if instruction.mnemonic not in MAY_BRANCH_INDIRECTLY.get(name, ()):
                    yield f"{platform}: {name}: {instruction}: it cannot be seen where this goes"
            elif DIRECT_BRANCH.match(instruction.mnemonic) and instruction.target not in names | WEAK:
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
