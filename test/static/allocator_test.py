#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: allocator_test.py NM PICOLIBC ARCHIVE

The C library has a heap of its own, which a guest must never reach beside
vmbase's: each of its allocation functions is the archive's, or is made of
these, or does not link.
"""

import pathlib
import re
import subprocess
import sys

# How Meson is told that a test has not been run.
SKIPPED = 77

# What the names of an allocator's functions are like. Those with underscores in front are not for guests.
ALLOCATOR = re.compile(r"(?!_)(.*(alloc|mall|memalign|cfree|sbrk|mstats)|free$)")

# Where the C library's own heap gets its memory. No linker script of vmbase's defines it, so that what needs it does
# not link.
MISSING = "__heap_start"


def members(nm, archive):
    """Returns for each member of an archive what it defines, its variables, and what it needs."""
    text = subprocess.run(
        [nm, "--format=posix", archive], check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    found = []
    for line in text.splitlines():
        words = line.split()
        if line.endswith(":"):
            found.append((set(), set(), set()))
        elif words:
            defined, variables, needed = found[-1]
            name, kind = words[:2]
            if kind in "Uw":
                needed.add(name)
            elif kind.isupper():
                defined.add(name)
            if kind in "BbDdCV":
                variables.add(name)
    return found


def is_harmless(variables, needed, ours):
    """Whether what a member defines is made of the archive's functions, or does not link."""
    uses_ours = any(name in ours and ALLOCATOR.match(name) for name in needed)
    uses_theirs = any("malloc" in name or "heap" in name for name in needed - ours)
    return MISSING in needed or (uses_ours and not uses_theirs and not variables)


def main():
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    nm, libc, archive = sys.argv[1], pathlib.Path(sys.argv[2]) / "lib" / "libc.a", sys.argv[3]
    if not libc.exists():
        print("skipped: the C library is built by Meson")
        return SKIPPED
    ours = set().union(*(defined for defined, _, _ in members(nm, archive)))
    seen = set()
    failed = False
    for defined, variables, needed in members(nm, libc):
        names = {name for name in defined if ALLOCATOR.match(name)}
        seen |= names
        for name in sorted(names - ours):
            if not is_harmless(variables, needed, ours):
                print(f"{name} is not the archive's, and is about the C library's own heap")
                failed = True
    for name in ("malloc", "free", "memalign", "malloc_usable_size", "reallocarray", "sbrk"):
        if name not in seen:
            print(f"{libc} has no {name}; has nm's output changed?")
            failed = True
    print("looked at:", *sorted(seen))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
