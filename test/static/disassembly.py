# SPDX-License-Identifier: Apache-2.0
"""What llvm-objdump says of an archive's functions, for the tests beside this file."""

import dataclasses
import re
import subprocess
import sys


@dataclasses.dataclass
class Instruction:
    mnemonic: str
    operands: str
    target: str = ""  # the symbol of its relocation, or else the one that objdump names

    def __str__(self):
        return f"{self.mnemonic} {self.operands}".strip()


OBJECT = re.compile(r".*\((.+)\):\s+file format ")
FUNCTION = re.compile(r"[0-9a-f]+ <(.+)>:$")
# Data in between is shown with its bytes even so.
INSTRUCTION = re.compile(r"\s*[0-9a-f]+:\s+(?:(?:[0-9a-f]{2}\s){4}\s*)?(\.?[a-z][a-z0-9.]*)\s*(.*?)\s*(?://.*)?$")
RELOCATION = re.compile(r"\s*[0-9a-f]+:\s+R_AARCH64_\w+\s+([^\s+]+)")
NAMED_TARGET = re.compile(r"<([^>+]+)(?:\+0x[0-9a-f]+)?>$")


def functions(objdump, archive):
    """Returns {(object, function): [Instruction, ...]}."""
    text = subprocess.run(
        # Without an architecture BTI is shown as the HINT that it was before Armv8.5.
        [objdump, "--disassemble", "--reloc", "--no-show-raw-insn", "--mattr=+v8.5a", archive],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    found = {}
    member = None
    body = None
    for line in text.splitlines():
        if match := OBJECT.match(line):
            member = match[1]
        elif match := FUNCTION.match(line):
            body = found.setdefault((member, match[1]), [])
        elif match := RELOCATION.match(line):
            body[-1].target = match[1]
        elif match := INSTRUCTION.match(line):
            named = NAMED_TARGET.search(match[2])
            body.append(Instruction(match[1], match[2], named[1] if named else ""))
    if not found:
        raise SystemExit(f"{archive}: objdump shows no function; has its output changed?")
    return found


def main(manual, check):
    """For a test whose arguments are OBJDUMP and ARCHIVE: prints what check() finds wrong with the functions."""
    if len(sys.argv) != 3:
        raise SystemExit(manual)
    errors = list(check(functions(*sys.argv[1:])))
    for error in errors:
        print(error)
    return 1 if errors else 0
