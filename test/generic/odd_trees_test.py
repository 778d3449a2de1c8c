#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: odd_trees_test.py PROGRAM HELLO HEAP DIRECTORY

Boots guests with the trees of ../host/fdt/dts that are easily misread, odd-NAME.dtb in DIRECTORY: HELLO with each, and
HEAP, which makes all RAM its heap, with the trees that describe RAM in an odd way. PROGRAM enters them with the tree in
x0: QEMU itself would add its own memory and PSCI nodes. Prints TAP, a test for each.
"""

import concurrent.futures
import os
import re
import sys
import types

sys.dont_write_bytecode = True

import qemu_test

# What hello prints before its own line, by name.
WARNINGS = {
    "old-psci": b"# vmbase: PSCI 0.1 cannot power off or reset\n",
}

TREE_ADDRESS = 0x48000000

# By name: the least and the most MiB that the heap may have, the image, the tree and what is reserved left out. None:
# nothing is odd about RAM.
HEAPS = {
    "firmware-smc": None,
    "hole": (8100, 8127),
    "lowram": (250, 256),
    "notype": None,
    "odd-extra": (250, 256),
    "old-psci": None,
    "resv-noranges": (249, 255),
    "sbsa": None,
}


def boot(options, name, image):
    tree = os.path.join(options.directory, f"odd-{name}.dtb")
    # PSCI by SMC is that of a machine with EL2.
    virtualization = "on" if name == "firmware-smc" else "off"
    words = ["-M", f"virt,virtualization={virtualization}", "-cpu", "max", "-m", "8G"]
    words += qemu_test.enter(options.program, qemu_test.PROGRAM_ADDRESS)
    words += qemu_test.loader(image, qemu_test.IMAGE_ADDRESS) + qemu_test.loader(tree, TREE_ADDRESS)
    return qemu_test.run(words)


def find_heap_fault(output, end, least, most):
    fault = qemu_test.find_fault("tap", output, end)
    match = re.search(rb"^# (\d+) MiB, ", output, re.MULTILINE)
    if fault or not match:
        return fault or "it does not say how large the heap is"
    return None if least <= int(match[1]) <= most else f"the heap has {int(match[1])} MiB, not {least} to {most}"


def main():
    qemu_test.end_on_sigterm()
    options = types.SimpleNamespace(**dict(zip(("program", "hello", "heap", "directory"), sys.argv[1:], strict=True)))
    tests = [(name, "hello", options.hello) for name in HEAPS]
    tests += [(name, "heap", options.heap) for name, heap in HEAPS.items() if heap]
    failed = False
    print(f"1..{len(tests)}", flush=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda test: boot(options, test[0], test[2]), tests)
        for number, ((name, kind, _), (output, end)) in enumerate(zip(tests, results), 1):
            if kind == "hello":
                warning = WARNINGS.get(name, b"")
                if output.startswith(warning):
                    fault = qemu_test.find_fault("hello", output.removeprefix(warning), end)
                else:
                    fault = "it does not warn"
            else:
                fault = find_heap_fault(output, end, *HEAPS[name])
            qemu_test.print_test(number, f"{name}, {kind}", fault, output)
            failed = failed or bool(fault)
    return failed


if __name__ == "__main__":
    sys.exit(main())
