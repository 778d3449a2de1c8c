#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: layering_test.py SOURCE-ROOT

The folders of src are layers: an #include "../folder/file" points to a lower layer only. In addition
- an internal header never has the name of a public one,
- only arch has C code with instructions for system registers, barriers, caches or TLBs,
- each source says in the first line below its SPDX line what it is for.
"""

import pathlib
import re
import sys

# From the lowest layer to the highest one. Folders of one layer do not include each other.
LAYERS = (
    {"base"},
    {"arch"},
    {"image", "smccc", "string"},
    {"console", "entropy", "hypervisor"},
    {"exception"},
    {"crash"},
    {"heap", "page_table", "sharing"},
    {"fdt"},
    {"drivers"},
    {"tracker"},
    {"cpu", "linux", "ram"},
    {"platform"},
    {"libc"},
    {"boot"},
)
HEIGHT = {folder: height for height, layer in enumerate(LAYERS) for folder in layer}
# Programs for the host.
NO_LAYER = {"tools"}

INCLUDE = re.compile(r'^#include "((?:\.\./)+[^"]+)"', re.MULTILINE)
INSTRUCTION = re.compile(r'"[^"\n]*\b(mrs|msr|dsb|dmb|isb|dc|ic|tlbi|wfe|wfi|sev|sevl|hvc|smc)\b[^"\n]*"')
FIRST_LINES = re.compile(r"// SPDX-License-Identifier: Apache-2\.0\n\n// \S")


def check(root, file):
    """Yields what is wrong with a file of src."""
    text = file.read_text(encoding="utf-8")
    name = file.relative_to(root)
    folder = name.parts[0]
    if folder not in HEIGHT:
        yield f"{name}: layering_test.py does not know the layer of this folder"
        return
    for path in INCLUDE.findall(text):
        target = (file.parent / path).resolve().relative_to(root).parts[0]
        if target != folder and HEIGHT.get(target, len(LAYERS)) >= HEIGHT[folder]:
            yield f'{name}: #include "{path}" does not point to a lower layer'
    if file.suffix == ".h" and file.name in public_headers(root):
        yield f"{name}: a public header has the same name"
    if file.suffix != ".S" and folder != "arch":
        for statement in re.findall(r"\b__asm__\b[^;]*;", text):
            if match := INSTRUCTION.search(statement):
                yield f"{name}: {match[1]} belongs to a function in src/arch"
    if not FIRST_LINES.match(text):
        yield f"{name}: a comment below the SPDX line has to say what the file is for"


def public_headers(root):
    return {header.name for header in (root.parent / "include" / "vmbase").rglob("*.h")}


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    root = pathlib.Path(sys.argv[1]).resolve() / "src"
    files = [file for file in sorted(root.rglob("*.[chS]")) if file.relative_to(root).parts[0] not in NO_LAYER]
    errors = [error for file in files for error in check(root, file)]
    if not files:
        errors.append(f"{root} has no sources")
    for error in errors:
        print(error)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
