#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: hostile_test.py IMAGE ELF

Enters an image for platform `any` with an x0 that is no device tree's address, or one that is too good to be true, and
at an address where it cannot run. Prints TAP, a test for each. What is no tree is none: the guest comes to vmb_start()
all the same, and has not found one.
"""

import sys
import types

sys.dont_write_bytecode = True

import qemu_test
from elf_file import ElfFile
from gdb_remote import Failure, Guest

MAGIC = 0xD00DFEED
IMAGE = qemu_test.RAW_ADDRESS
MIB = 0x100000
GIB = 0x40000000
RAM = 0x40000000
ADDRESSES_END = 1 << 39
UNALIGNED = 0x800

# src/platform/any/any.h: what struct vmb_any begins with.
HAS_TREE_OFFSET = 1


def machine(words):
    """Returns what QEMU is told of the machine, without what it loads."""
    return words[: words.index("-device")]


def header(size, magic=MAGIC):
    return magic.to_bytes(4, "big") + size.to_bytes(4, "big")


def cases(symbols):
    """Returns x0 and what is written to RAM, there or elsewhere, by names."""

    def at(symbol):
        return (IMAGE + symbols[symbol] - symbols["_start"] + 7) & ~7

    variables = at("vmb_bss_end")
    behind = at("vmb_image_end")
    free = IMAGE + 4 * MIB
    return {
        "all ones": (2**64 - 1, None, b""),
        "the last word of all": (2**64 - 8, None, b""),
        "beyond the addresses of the map": (ADDRESSES_END, None, b""),
        "the last word of the map": (ADDRESSES_END - 8, None, b""),
        "a word that is not aligned": (free + 4, free + 4, header(MIB)),
        "zeros": (free, None, b""),
        "a magic number and zeros": (free, free, header(0)),
        "4 GiB": (free, free, header(2**32 - 1)),
        "a byte more than 2 MiB": (free, free, header(2 * MIB + 1)),
        "zeros where variables go": (variables, None, b""),
        "4 GiB where variables go": (variables, variables, header(2**32 - 1)),
        "a word that is not aligned, where variables go": (variables + 4, variables + 4, header(MIB)),
        "nothing but a header where variables go": (variables, variables, header(8)),
        "zeros right behind the image": (behind, None, b""),
        # What the Linux Image header reserves.
        "a part of the image": (IMAGE + 32, IMAGE + 32, header(16)),
        "what reaches into the image": (IMAGE - 0x1000, IMAGE - 0x1000, header(0x2000)),
    }


def enter(elf, words, x0, address, contents):
    """Returns what is wrong, or None."""
    with Guest(words) as guest:
        if contents:
            guest.write_physical(address, contents)
        guest.write_register("x0", x0)
        offset = IMAGE - elf.symbols["_start"]
        guest.run_until(elf.symbols["vmb_start"] + offset)
        has_tree = guest.read_physical(elf.symbols["vmb_any"] + offset + HAS_TREE_OFFSET, 1)
        return None if has_tree == b"\0" else f"has_tree is {has_tree.hex()}"


def enter_at_the_end_of_a_gib(elf, image, words):
    """The machine's own tree lies where variables go, and is moved over the boundary."""
    end = RAM + 2 * GIB
    base = end - (elf.symbols["vmb_image_end"] - elf.symbols["_start"])
    offset = base - elf.symbols["_start"]
    with Guest(machine(words) + qemu_test.enter(image, base)) as guest:
        size = int.from_bytes(guest.read_physical(RAM + 4, 4), "big")
        tree = guest.read_physical(RAM, size)
        variables = elf.symbols["vmb_bss_begin"] + offset
        guest.write_physical(variables, tree)
        guest.write_register("x0", variables)
        guest.run_until(elf.symbols["vmb_start"] + offset)
        if guest.read_physical(elf.symbols["vmb_any"] + offset + HAS_TREE_OFFSET, 1) != b"\1":
            return "it has not found the tree"
        return None if guest.read_physical(end, size) == tree else "the tree is not where it should be, or not whole"


def enter_unaligned(elf, image, words):
    with Guest(machine(words) + qemu_test.enter(image, IMAGE + UNALIGNED)) as guest:
        guest.run_until(IMAGE + UNALIGNED + elf.symbols["vmb_reset"] - elf.symbols["_start"])


def enter_all(image, elf_path, dirt):
    """Prints TAP. Returns whether a test failed."""
    elf = ElfFile(elf_path)
    options = types.SimpleNamespace(image=image, elf=elf_path, dirt=dirt, expected=None)

    def words(memory_mib=256):
        return qemu_test.arguments(qemu_test.Case("raw", memory_mib=memory_mib), options)

    tests = {name: lambda case=case: enter(elf, words(), *case) for name, case in cases(elf.symbols).items()}
    tests["an image that is at no multiple of 4 KiB"] = lambda: enter_unaligned(elf, image, words())
    tests["a tree in the way at the end of a GiB"] = lambda: enter_at_the_end_of_a_gib(elf, image, words(3072))
    failed = False
    print(f"1..{len(tests)}", flush=True)
    for number, (name, test) in enumerate(tests.items(), 1):
        try:
            fault = test()
        except Failure as failure:
            fault = str(failure)
        failed = failed or fault is not None
        qemu_test.print_test(number, name, fault)
    return failed


def main():
    qemu_test.end_on_sigterm()
    with qemu_test.dirt() as dirt:
        return enter_all(*sys.argv[1:], dirt)


if __name__ == "__main__":
    sys.exit(main())
