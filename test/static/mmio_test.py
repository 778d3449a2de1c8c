#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: mmio_test.py OBJDUMP ARCHIVE SOURCE-ROOT

Devices are accessed by the functions of arch/mmio.S alone, and these make one
access each, in the one form whose syndrome tells a hypervisor what it was.
"""

import pathlib
import re
import sys

import disassembly

# What each function's access has to be: mnemonic and register.
ACCESSES = {
    "vmbase_mmio_read8": ("ldrb", "w"),
    "vmbase_mmio_read16": ("ldrh", "w"),
    "vmbase_mmio_read32": ("ldr", "w"),
    "vmbase_mmio_read64": ("ldr", "x"),
    "vmbase_mmio_write8": ("strb", "w"),
    "vmbase_mmio_write16": ("strh", "w"),
    "vmbase_mmio_write32": ("str", "w"),
    "vmbase_mmio_write64": ("str", "x"),
}

# Every load, store, swap, compare-and-swap, atomic operation and cache maintenance that zeroes.
MEMORY_ACCESS = re.compile(r"(ld|st|cas|swp|prf)|dc$")
BASE_IS_SP = re.compile(r"\[sp[,\]]")

COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
STRING = re.compile(r'"(?:\\.|[^"\\])*"')
VOLATILE = re.compile(r"\bvolatile\b")
ASM_VOLATILE = re.compile(r"__asm__\s+volatile\b")
CAST_EXEMPTION = "NOLINT(performance-no-int-to-ptr)"


def check_accessors(functions):
    accessors = {
        name: body
        for (_, name), body in functions.items()
        # The MMIO guard's are hypercalls.
        if name.startswith("vmbase_mmio_") and not name.startswith("vmbase_mmio_guard_")
    }
    for name in sorted(ACCESSES.keys() - accessors.keys()):
        yield f"{name} is missing"
    for name, body in accessors.items():
        if name not in ACCESSES:
            yield f"{name} is new: say in this test what its access is"
            continue
        mnemonic, register = ACCESSES[name]
        form = re.compile(rf"{mnemonic} {register}\d+, \[x\d+\]")
        words = [re.sub(r"\s+", " ", str(instruction)) for instruction in body]
        if len(words) != 3 or words[0] != "bti c" or not form.fullmatch(words[1]) or words[2] != "ret":
            yield f"{name} is not bti, one access of its width by a plain base, ret: {'; '.join(words)}"


def check_drivers(functions):
    drivers = {key: body for key, body in functions.items() if "uart_" in key[0]}
    if not drivers:
        yield "the archive has no object of a UART driver"
    for (member, name), body in drivers.items():
        for instruction in body:
            if MEMORY_ACCESS.match(instruction.mnemonic) and not BASE_IS_SP.search(instruction.operands):
                yield f"{member}: {name} accesses memory itself: {instruction}"


def blank(match):
    """Keeps line numbers right in the errors."""
    return re.sub(r"[^\n]", " ", match[0])


def check_sources(root):
    sources = sorted(
        path for part in ("src", "include") for path in (root / part).rglob("*.[ch]")
    )
    if not sources:
        yield f"{root} has no sources"
    for path in sources:
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(root)
        # Casts in general are clang-tidy's to find, but for the lines that it is told to leave alone.
        if "console" in name.parts and CAST_EXEMPTION in text:
            yield f"{name}: the console's code has no reason to make a pointer of an integer"
        code = ASM_VOLATILE.sub(blank, STRING.sub(blank, COMMENT.sub(blank, text)))
        for match in VOLATILE.finditer(code):
            line = code.count("\n", 0, match.start()) + 1
            yield f"{name}:{line}: volatile: devices are accessed through <vmbase/mmio.h>"


def main():
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    _, objdump, archive, root = sys.argv
    functions = disassembly.functions(objdump, archive)
    errors = [
        *check_accessors(functions),
        *check_drivers(functions),
        *check_sources(pathlib.Path(root)),
    ]
    for error in errors:
        print(error)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
