#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: alignment_test.py IMAGE

IMAGE has something that is aligned to 64 KiB: at a multiple of that it says
that all is as it should be, and elsewhere, where its alignment cannot be
kept, that it is not. Prints TAP.
"""

import sys

import qemu_test

GOOD_ADDRESS = 0x41010000
BAD_ADDRESSES = (0x41001000, 0x4100F000, 0x41018000)
MACHINE = ["-M", "virt", "-cpu", "max", "-m", "256M"]


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    image = sys.argv[1]
    output, end = qemu_test.run(MACHINE + qemu_test.enter(image, GOOD_ADDRESS))
    fault = qemu_test.find_fault("tap", output, end)
    results = [(f"alignment is kept at {GOOD_ADDRESS:#x}", fault is None, output)]
    for address in BAD_ADDRESSES:
        output, end = qemu_test.run(MACHINE + qemu_test.enter(image, address))
        sentence = b"panic: the image is at %#x, which is no multiple of 0x10000" % address
        passed = sentence in output and b"ok 1" not in output and end == "reset"
        results.append((f"a sentence at {address:#x}", passed, output))
    print(f"1..{len(results)}")
    for number, (name, passed, output) in enumerate(results, 1):
        print(f"{'' if passed else 'not '}ok {number} - {name}")
        if not passed:
            print("".join(f"# {line}\n" for line in output.decode(errors="replace").splitlines()), end="")


if __name__ == "__main__":
    main()
