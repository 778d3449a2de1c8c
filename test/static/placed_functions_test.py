#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: placed_functions_test.py OBJDUMP SECTIONS.LD ARCHIVE...

Each function that the linker script names exists. The script places them to fill gaps; a name that no longer
exists places nothing, and the linker does not complain.
"""

import fnmatch
import pathlib
import re
import subprocess
import sys

PATTERN = re.compile(r"[(\s](\.text\.[\w.*]+)")
# A line of --section-headers: number, name, size.
SECTION = re.compile(r"\s*\d+ (\.text\.\S+) ")
# The script's last word on code.
ALL_FUNCTIONS = ".text.*"


def main():
    if len(sys.argv) < 4:
        raise SystemExit(__doc__)
    objdump, script, *archives = sys.argv[1:]
    text = re.sub(r"/\*.*?\*/", "", pathlib.Path(script).read_text(encoding="utf-8"), flags=re.DOTALL)
    patterns = [pattern for pattern in PATTERN.findall(text) if pattern != ALL_FUNCTIONS]
    headers = subprocess.run(
        [objdump, "--section-headers", "--wide", *archives], check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    sections = {match[1] for match in map(SECTION.match, headers.splitlines()) if match}
    missing = [pattern for pattern in patterns if not fnmatch.filter(sections, pattern)]
    for pattern in missing:
        print(f"{script} places {pattern}, which is in no archive")
    if not patterns or not sections:
        print(f"{len(patterns)} names in {script}, {len(sections)} sections in the archives; has a format changed?")
    return 1 if missing or not patterns or not sections else 0


if __name__ == "__main__":
    sys.exit(main())
