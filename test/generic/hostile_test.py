#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: hostile_test.py IMAGE ELF [WIDTH DTB]...

Enters an image for platform `generic` with wrong addresses in x0, with wrong device trees, and at an address where the
image cannot run. Prints TAP, a test for each. If x0 does not point to a device tree, the guest still reaches
vmb_start(), and has found no device tree. Each DTB describes an 8250 with registers of WIDTH bytes.
"""

import dataclasses
import sys
import types

sys.dont_write_bytecode = True

import qemu_test
from gdb_remote import Guest
from vmbase_elf import ElfFile

MAGIC = 0xD00DFEED
IMAGE = qemu_test.RAW_ADDRESS
MIB = 0x100000
GIB = 0x40000000
RAM = 0x40000000
MEMORY_MIB = 256
ADDRESSES_END = 1 << 39
UNALIGNED = 0x800

# QEMU's, and its size in the tree.
UART = 0x9000000
UART_SIZE = 0x1000
GIC_DISTRIBUTOR = 0x8000000

# src/platform/generic/generic.h: what struct vmb_generic begins with. include/vmbase/console.h: struct vmbase_console.
HAS_TREE_OFFSET = 1
CONSOLE_BASE_OFFSET = 8
NO_CONSOLE = 2**64 - 1
DRIVER_SIZE = 16
# src/image/regions.h: struct vmb_region, and those of an image.
REGION_SIZE = 24
IMAGE_REGIONS = 7


def without_loaders(words):
    """Returns QEMU's arguments for the machine, without those for the loader."""
    return words[: words.index("-device")]


def header(size, magic=MAGIC):
    return magic.to_bytes(4, "big") + size.to_bytes(4, "big")


@dataclasses.dataclass
class Case:
    """An x0, and contents for an address in RAM. `mapped`: the boot code maps and reads it; `moved`: x0 changes."""

    x0: int
    address: int = 0
    contents: bytes = b""
    mapped: bool = False
    moved: bool = False


def cases(symbols):
    def at(symbol):
        return (IMAGE + symbols[symbol] - symbols["_start"] + 7) & ~7

    variables = at("vmb_bss_end")
    ram_end = RAM + MEMORY_MIB * MIB
    free = IMAGE + 4 * MIB
    return {
        "all ones": Case(2**64 - 1),
        "the last word of all": Case(2**64 - 8),
        "beyond the addresses of the map": Case(ADDRESSES_END),
        "the last word of the map": Case(ADDRESSES_END - 8),
        "nothing behind RAM": Case(ram_end),
        "nothing at 32 GiB": Case(32 * GIB),
        "the UART": Case(UART),
        "the interrupt controller": Case(GIC_DISTRIBUTOR),
        "a tree that reaches out of RAM": Case(ram_end - 8, ram_end - 8, header(MIB)),
        "a word that is not aligned": Case(free + 4, free + 4, header(MIB)),
        "zeros": Case(free),
        "a magic number and zeros": Case(free, free, header(0), mapped=True),
        "4 GiB": Case(free, free, header(2**32 - 1)),
        "a byte more than 2 MiB": Case(free, free, header(2 * MIB + 1)),
        "zeros where variables go": Case(variables),
        "a size without a magic number where variables go": Case(variables, variables, header(16, magic=1)),
        "4 GiB where variables go": Case(variables, variables, header(2**32 - 1)),
        "a word that is not aligned, where variables go": Case(variables + 4, variables + 4, header(MIB)),
        "nothing but a header where variables go": Case(variables, variables, header(8), mapped=True, moved=True),
        "zeros right behind the image": Case(at("vmb_image_end")),
        # What the Linux Image header reserves.
        "a part of the image": Case(IMAGE + 32, IMAGE + 32, header(16)),
        "what reaches into the image": Case(IMAGE - 0x1000, IMAGE - 0x1000, header(0x2000)),
    }


class Machine:
    """A guest at an address, on its way to vmb_start()."""

    def __init__(self, guest, elf, base):
        self.guest = guest
        self.symbols = elf.symbols
        self.offset = base - elf.symbols["_start"]

    def at(self, symbol):
        return self.symbols[symbol] + self.offset

    def run(self):
        self.guest.run_until(self.at("vmb_start"))

    def has_tree(self):
        return self.guest.read_physical(self.at("vmb_generic") + HAS_TREE_OFFSET, 1) == b"\1"

    def console(self):
        return int.from_bytes(self.guest.read_physical(self.at("vmb_found_console") + CONSOLE_BASE_OFFSET, 8), "little")

    def driver(self):
        return int.from_bytes(self.guest.read_physical(self.at("vmb_found_console"), 8), "little")

    def regions(self):
        """Returns the number of regions in the boot map."""
        count = 0
        while self.guest.read_physical(self.at("vmb_boot_regions") + (count + 1) * REGION_SIZE - 8, 8) != bytes(8):
            count += 1
        return count


def enter(elf, words, case):
    """Returns what is wrong, or None."""
    with Guest(words) as guest:
        machine = Machine(guest, elf, IMAGE)
        if case.contents:
            guest.write_physical(case.address, case.contents)
        guest.write_register("x0", case.x0)
        machine.run()
        x0 = machine.at("vmb_image_end") if case.moved else case.x0
        if guest.read_registers("x0")["x0"] != x0:
            return f"x0 is {guest.read_registers('x0')['x0']:#x}"
        if machine.has_tree():
            return "it has found a tree"
        if machine.regions() != IMAGE_REGIONS + case.mapped:
            return f"the map has {machine.regions()} regions"
        return None


def enter_with_console(elf, words, base, symbol=None):
    """Returns a fault, or None. The tree's console is in the page of a symbol, or at an address where it cannot be."""
    with Guest(words) as guest:
        machine = Machine(guest, elf, IMAGE)
        size = int.from_bytes(guest.read_physical(RAM + 4, 4), "big")
        place = guest.read_physical(RAM, size).find(UART.to_bytes(8, "big") + UART_SIZE.to_bytes(8, "big"))
        if place < 0:
            return "QEMU's tree has no UART"
        guest.write_physical(RAM + place, base.to_bytes(8, "big"))
        machine.run()
        if not machine.has_tree():
            return "it has found no tree"
        expected = machine.at(symbol) + base if symbol else NO_CONSOLE
        return f"the console is at {machine.console():#x}" if machine.console() != expected else None


def enter_at_the_end_of_a_gib(elf, image, words, tree_is_in_the_way):
    """Checks that the first map has one GiB only, unless a tree lies where variables go and is moved to the next."""
    end = RAM + 2 * GIB
    base = end - (elf.symbols["vmb_image_end"] - elf.symbols["_start"])
    with Guest(without_loaders(words) + qemu_test.enter(image, base)) as guest:
        machine = Machine(guest, elf, base)
        size = int.from_bytes(guest.read_physical(RAM + 4, 4), "big")
        tree = guest.read_physical(RAM, size)
        if tree_is_in_the_way:
            guest.write_physical(machine.at("vmb_bss_begin"), tree)
        guest.write_register("x0", machine.at("vmb_bss_begin") if tree_is_in_the_way else 1)
        machine.run()
        if machine.has_tree() != tree_is_in_the_way:
            return "it has not found the tree" if tree_is_in_the_way else "it has found a tree"
        if tree_is_in_the_way:
            return None if guest.read_physical(end, size) == tree else "the tree is not there, or not whole"
        entry = guest.read_physical(machine.at("vmb_first_map_table") + end // GIB * 8, 8)
        return f"the first map has {entry.hex()} for the next GiB" if entry != bytes(8) else None


def enter_with_spaced_uart(elf, words, width, dtb):
    with Guest(words + ["-dtb", dtb]) as guest:
        machine = Machine(guest, elf, IMAGE)
        machine.run()
        driver = machine.at("vmb_uart_8250_spaced") + width // 2 * DRIVER_SIZE
        return f"the driver is at {machine.driver():#x}, not {driver:#x}" if machine.driver() != driver else None


def enter_with_tree_across_gibs(elf, words):
    """Enters with a tree whose header is in one GiB and the rest, with the seed to be wiped, in the next."""
    place = RAM + 2 * GIB - 64
    with Guest(words) as guest:
        machine = Machine(guest, elf, IMAGE)
        size = int.from_bytes(guest.read_physical(RAM + 4, 4), "big")
        guest.write_physical(place, guest.read_physical(RAM, size))
        guest.write_register("x0", place)
        machine.run()
        if not machine.has_tree():
            return "it has not found the tree"
        guest.run_until(machine.at("vmb_window_close"))
        return None


def enter_unaligned(elf, image, words):
    with Guest(without_loaders(words) + qemu_test.enter(image, IMAGE + UNALIGNED)) as guest:
        guest.run_until(IMAGE + UNALIGNED + elf.symbols["vmb_give_up"] - elf.symbols["_start"])


def enter_all(dirt, image, elf_path, *spaced_uarts):
    """Prints TAP. Returns whether a test failed."""
    elf = ElfFile(elf_path)
    options = types.SimpleNamespace(image=image, elf=elf_path, dirt=dirt, expected=None)

    def words(memory_mib=MEMORY_MIB):
        return qemu_test.arguments(qemu_test.Case("raw", memory_mib=memory_mib), options)

    tests = {name: lambda case=case: enter(elf, words(), case) for name, case in cases(elf.symbols).items()}
    for name, base in {
        "beyond the addresses of the map": ADDRESSES_END,
        "in the last page of all": 2**64 - 0x1000,
        "in two pages": UART + 0x1000 - 0x30,
        "in the image": IMAGE + 0x1000,
        "in the tree": RAM + 0x1000,
    }.items():
        tests[f"a console {name}"] = lambda base=base: enter_with_console(elf, words(), base)
    tests["a console in the first page"] = lambda: enter_with_console(elf, words(), 0x100, "vmb_console_alias")
    for width, dtb in zip(map(int, spaced_uarts[::2]), spaced_uarts[1::2]):
        tests[f"an 8250 with registers of {width} bytes"] = lambda width=width, dtb=dtb: enter_with_spaced_uart(
            elf, words(), width, dtb
        )
    tests["a tree that is in two GiB"] = lambda: enter_with_tree_across_gibs(elf, words(3072))
    tests["an image that is at no multiple of 4 KiB"] = lambda: enter_unaligned(elf, image, words())
    for name, tree_is_in_the_way in {"an image": False, "a tree in the way": True}.items():
        tests[f"{name} at the end of a GiB"] = lambda tree_is_in_the_way=tree_is_in_the_way: enter_at_the_end_of_a_gib(
            elf, image, words(3072), tree_is_in_the_way
        )
    return qemu_test.run_tests(tests)


def main():
    qemu_test.end_on_sigterm()
    with qemu_test.dirt() as dirt:
        return enter_all(dirt, *sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
