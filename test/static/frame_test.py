#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: frame_test.py OBJDUMP ARCHIVE

vmbase_emergency_write_str() and all that it calls need no more stack than
<vmbase/console.h> promises.
"""

import re
import sys

import disassembly

ROOT = "vmbase_emergency_write_str"
LIMIT_BYTES = 64

ALLOCATIONS = (
    re.compile(r"sub sp, sp, #(0x[0-9a-f]+|\d+)$"),
    re.compile(r"st[pr] .*\[sp, #-(0x[0-9a-f]+|\d+)\]!$"),
)
# Any other write of sp could take room that is not seen here.
OTHER_ALLOCATION = re.compile(r"(sub|and|mov|bic) sp, |sub sp, sp, x")

# It does not return, and prints with a stack of any size: what is left of the caller's is of no interest.
NEVER_RETURNS = {"__stack_chk_fail"}


class Stack:
    def __init__(self, functions):
        self.functions = functions
        self.by_name = {}
        for key in functions:
            self.by_name.setdefault(key[1], []).append(key)

    def callees(self, key, instruction):
        """The functions that a call or a tail call may go to."""
        if instruction.mnemonic in ("blr", "br"):
            # By a driver's table: either driver, either function. Reading is in no table.
            return [other for other in self.functions if "uart_" in other[0] and not other[1].endswith("_read")]
        name = instruction.target
        keys = self.by_name.get(name, [])
        own = [other for other in keys if other[0] == key[0]]
        if not keys:
            raise SystemExit(f"{key[1]} calls {name or instruction}, which is not in the archive")
        return own or keys

    def depth(self, key, callers=()):
        """Returns the bytes of stack and the calls that need them."""
        if key in callers:
            raise SystemExit(f"{key[1]} is recursive: its stack has no bound")
        own = 0
        deepest = (0, [])
        for instruction in self.functions[key]:
            text = re.sub(r"\s+", " ", str(instruction))
            sizes = [int(match[1], 0) for pattern in ALLOCATIONS if (match := pattern.match(text))]
            own += sum(sizes)
            if not sizes and OTHER_ALLOCATION.match(text):
                raise SystemExit(f"{key[1]} moves sp in a way that this test does not know: {text}")
        for instruction in self.functions[key]:
            call = instruction.mnemonic in ("bl", "blr")
            # Its own frame is gone by the time of a tail call. Other branches stay in the function.
            tail_call = instruction.mnemonic in ("b", "br") and instruction.target != key[1]
            if not (call or tail_call) or instruction.target in NEVER_RETURNS:
                continue
            for callee in self.callees(key, instruction):
                below, path = self.depth(callee, (*callers, key))
                deepest = max(deepest, (below + (own if call else 0), path), key=lambda it: it[0])
        if own > deepest[0]:
            deepest = (own, [])
        return deepest[0], [f"{key[1]} ({own})", *deepest[1]]


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    functions = disassembly.functions(*sys.argv[1:])
    roots = [key for key in functions if key[1] == ROOT]
    if len(roots) != 1:
        raise SystemExit(f"the archive has {len(roots)} functions {ROOT}")
    size_bytes, path = Stack(functions).depth(roots[0])
    print(f"{size_bytes} bytes: {', '.join(path)}")
    if size_bytes > LIMIT_BYTES:
        print(f"more than the {LIMIT_BYTES} that <vmbase/console.h> promises")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
