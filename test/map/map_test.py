#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the address map that a guest's main function runs with, and prints TAP.

usage: map_test.py [--cpu MODEL] [--load ADDRESS] PLATFORM ELF [BIN]

QEMU runs the guest up to its main function and the tables that are in force there are walked: every
byte of every section has exactly the permissions it should, and nothing else is mapped. PLATFORM is
any, crosvm, custom or qemu; BIN, the raw image of ELF, is what is booted if it is given. A guest for
`generic` may be loaded to an address; then, as for an ELF file, the device tree is where RAM begins. The
environment variable QEMU_SYSTEM_AARCH64 may name another QEMU.
"""

import argparse
import bisect
import dataclasses
import os
import struct
import sys

# The modules lie in the source tree, where byte code must not.
sys.dont_write_bytecode = True

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "src", "tools"))

from gdb_remote import Failure, Guest, end_on_sigterm
from translation import PAGE_SIZE, TTBR0_TABLE_MASK, Walk, field, merged
from vmbase_elf import FLAG_ALLOC, FLAG_EXECUTABLE, FLAG_WRITE, ElfFile

MIB = 1 << 20
GIB = 1 << 30
BLOCK_SIZE = 2 * MIB

RAM = 0x40000000

FDT_MAGIC = 0xD00DFEED
FDT_HEADER = ">II"  # magic, size of all

DEVICE_INDEX = 0
DEVICE_NGNRE = 0x04
NORMAL_INDEX = 1
NORMAL_WRITE_BACK = 0xFF
INNER_SHAREABLE = 3
CODE, RODATA, DATA = "R-X", "R--", "RW-"

# Sections that are read-only once they have been relocated.
RELOCATED = (".data.rel.ro", ".got")

CURRENTEL_EL1 = 1

# Bits of SCTLR_EL1 and TCR_EL1 by name, as in Arm DDI 0487, issue K.a.
SCTLR_ON = {"M": 0, "C": 2, "I": 12, "WXN": 19}
SCTLR_OFF = {"EE": 25}
TCR_FIELDS = {
    # name: (lowest bit, width, value, what the value says)
    "EPD0": (7, 1, 0, "TTBR0's half is walked"),
    "IRGN0": (8, 2, 1, "walks are Write-Back, Write-Allocate"),
    "ORGN0": (10, 2, 1, "walks are Write-Back, Write-Allocate"),
    "SH0": (12, 2, INNER_SHAREABLE, "walks are Inner Shareable"),
    "TG0": (14, 2, 0, "a granule is 4 KiB"),
    "A1": (22, 1, 0, "TTBR0 has the ASID"),
    "EPD1": (23, 1, 1, "nothing is mapped in TTBR1's half"),
    "TBI0": (37, 1, 0, "no address is mapped again under other top bytes"),
    "HD": (40, 1, 0, "hardware does not make memory writable"),
}


@dataclasses.dataclass
class Part:
    """Memory that should be mapped. Begin and end are rounded to pages."""

    name: str
    begin: int
    end: int
    permissions: str
    attribute_index: int = NORMAL_INDEX

    def __post_init__(self):
        self.begin = self.begin // PAGE_SIZE * PAGE_SIZE
        self.end = -(-self.end // PAGE_SIZE) * PAGE_SIZE


@dataclasses.dataclass
class Platform:
    va_bits: int
    machine: list  # QEMU's arguments
    load_address: int
    uart: int = None
    dtb: int = None
    own_map: bool = False
    relocates: bool = False


PLATFORMS = {
    "generic": Platform(
        va_bits=39,
        machine=["-m", "2G"],
        load_address=0x40200000,
        uart=0x09000000,
        dtb=0x48000000,
        relocates=True,
    ),
    "crosvm": Platform(
        va_bits=32,
        # QEMU's RAM begins below crosvm's, and is large enough to hold what crosvm's would.
        machine=["-m", "3G"],
        load_address=0x80200000,
        uart=0x0,
        dtb=0x80000000,
    ),
    "custom": Platform(
        va_bits=39, machine=["-m", "256M"], load_address=0x40080000, own_map=True
    ),
    "qemu": Platform(
        va_bits=32,
        machine=["-m", "256M"],
        load_address=0x40080000,
        uart=0x09000000,
        dtb=0x48000000,
    ),
}


def own_parts():
    """What custom/idmap.S maps."""
    return [
        Part("the devices", 0, GIB, DATA, DEVICE_INDEX),
        Part("the image", 0x40000000, 0x40200000, CODE),
        Part("writable data", 0x40200000, 0x40400000, DATA),
    ]


def library_parts(platform, symbols, dtb):
    """What the library's platforms map; dtb is where the device tree is."""

    def part(name, first, last, permissions):
        return Part(name, symbols[f"vmb_{first}_begin"], symbols[f"vmb_{last}_end"], permissions)

    return [
        part("text", "text", "text", CODE),
        part("rodata", "rodata", "rodata", RODATA),
        part("the main stack", "main_stack", "main_stack", DATA),
        part("the exception stack", "exception_stack", "exception_stack", DATA),
        part("data and bss", "data", "bss", DATA),
        part("the page tables", "page_tables", "page_tables", RODATA),
        part("noinit", "noinit", "noinit", DATA),
        Part("the device tree", *dtb, RODATA),
        Part("the console", *console(platform, symbols), DATA, DEVICE_INDEX),
    ]


def console(platform, symbols):
    """Where the console's page is mapped: no null pointer may reach it."""
    begin = platform.uart or symbols["vmb_console_alias"]
    return begin, begin + PAGE_SIZE


def guards(symbols):
    return {
        "main stack": (symbols["vmb_main_stack_guard_begin"], symbols["vmb_main_stack_begin"]),
        "exception stack": (symbols["vmb_main_stack_end"], symbols["vmb_exception_stack_begin"]),
    }


def qemu_arguments(platform, options):
    image = options.bin or options.elf
    arguments = ["-M", "virt", "-cpu", options.cpu, *platform.machine]
    if platform is not PLATFORMS["crosvm"] and options.load is None:
        return [*arguments, "-kernel", image]
    # QEMU would put a kernel, and a device tree, where it wants; crosvm just enters the image.
    loader = f"loader,cpu-num=0,file={image.replace(',', ',,')}"
    if image != options.elf:
        loader += f",addr={options.load or platform.load_address:#x},force-raw=on"
    return [*arguments, "-device", loader]


def find_dtb(platform, options, guest):
    """Returns where the device tree should be mapped: its begin and end."""
    if not platform.relocates:
        return platform.dtb, (platform.dtb or 0) + BLOCK_SIZE
    begin = platform.dtb if options.bin and options.load is None else RAM
    magic, size = struct.unpack(FDT_HEADER, guest.read_physical(begin, struct.calcsize(FDT_HEADER)))
    if magic != FDT_MAGIC:
        raise Failure(f"there is no device tree at {begin:#x}")
    return begin, begin + size


class Map:
    """What is mapped, by address."""

    def __init__(self, leaves):
        self.leaves = leaves
        self.pieces = merged(leaves)
        self.begins = [piece.begin for piece in self.pieces]

    def between(self, begin, end):
        """Yields (begin, end, mapping or None) for all of a range."""
        while begin < end:
            i = bisect.bisect_right(self.begins, begin)
            piece = self.pieces[i - 1] if i else None
            if piece and begin < piece.end:
                until = min(end, piece.end)
            else:
                piece = None
                until = min(end, self.begins[i]) if i < len(self.begins) else end
            yield begin, until, piece
            begin = until

    def faults(self, begin, end, permissions, attribute_index=None):
        """Says where a range has other permissions (None is unmapped) or another memory type."""
        result = []
        for first, last, piece in self.between(begin, end):
            found = piece.permissions if piece else None
            if found != permissions:
                result.append(
                    f"{first:#x} to {last:#x} is {found or 'unmapped'},"
                    f" not {permissions or 'unmapped'}"
                )
            elif piece and attribute_index not in (None, piece.attribute_index):
                result.append(
                    f"{first:#x} to {last:#x} has attribute {piece.attribute_index}"
                    f" instead of {attribute_index}"
                )
        return result


class Tap:
    def __init__(self):
        self.tests = 0
        self.failed = False

    def check(self, behaviour, faults):
        """The behaviour is as it should be where there are no sentences about faults."""
        self.tests += 1
        print(f"{'not ' if faults else ''}ok {self.tests} - {behaviour}")
        for fault in faults:
            print(f"# {fault}")
        self.failed = self.failed or bool(faults)

    def finish(self):
        print(f"1..{self.tests}")


def each(leaves, is_right):
    """Every mapping that is not right, as a sentence."""
    return [str(piece) for piece in merged([leaf for leaf in leaves if not is_right(leaf)])]


def check_registers(tap, platform, registers, root):
    sctlr, tcr, mair = registers["SCTLR"], registers["TCR_EL1"], registers["MAIR_EL1"]
    ttbr0 = registers["TTBR0_EL1"]
    current_el = field(registers["cpsr"], 2, 2)

    tap.check(
        "main runs at EL1", [] if current_el == CURRENTEL_EL1 else [f"it runs at EL{current_el}"]
    )
    for name, bit in SCTLR_ON.items():
        tap.check(f"SCTLR_EL1.{name} is set", [] if sctlr >> bit & 1 else [f"{sctlr:#x}"])
    for name, bit in SCTLR_OFF.items():
        tap.check(f"SCTLR_EL1.{name} is clear", [f"{sctlr:#x}"] if sctlr >> bit & 1 else [])
    tcr_faults = []
    if field(tcr, 0, 6) != 64 - platform.va_bits:
        tcr_faults.append(f"T0SZ is {field(tcr, 0, 6)}, not {64 - platform.va_bits}")
    for name, (shift, width, value, meaning) in TCR_FIELDS.items():
        if field(tcr, shift, width) != value:
            tcr_faults.append(f"{name} is {field(tcr, shift, width)}, not {value}: {meaning}")
    tap.check(f"TCR_EL1 is for {platform.va_bits} bits and one half", tcr_faults)
    attributes = {DEVICE_INDEX: DEVICE_NGNRE, NORMAL_INDEX: NORMAL_WRITE_BACK}
    tap.check(
        "MAIR_EL1 has Device-nGnRE and Normal Write-Back",
        [
            f"attribute {index} is {field(mair, 8 * index, 8):#x}, not {value:#x}"
            for index, value in attributes.items()
            if field(mair, 8 * index, 8) != value
        ],
    )
    tap.check(
        "TTBR0_EL1 has the table where it should be",
        [] if ttbr0 & TTBR0_TABLE_MASK == root else [f"{ttbr0:#x} is not {root:#x}"],
    )
    tap.check("the ASID is 0", [f"{ttbr0:#x}"] if ttbr0 >> 48 else [])


def check_tables(tap, walk, map_in_force):
    tap.check("no descriptor has a bit of another meaning", walk.strays)
    faults = []
    for address, size in walk.tables:
        for first, last, piece in map_in_force.between(address, address + size):
            if piece is None or not piece.read_only:
                faults.append(f"{first:#x} to {last:#x} is {piece or 'unmapped'}")
    tap.check("every table in use is mapped, and not writable", faults)


def check_attributes(tap, leaves, elsewhere):
    normal = [leaf for leaf in leaves if leaf.attribute_index == NORMAL_INDEX]
    device = [leaf for leaf in leaves if leaf.attribute_index == DEVICE_INDEX]
    tap.check(
        "every address is mapped to itself, or as it should be elsewhere",
        each(leaves, lambda x: x.physical == elsewhere.get(x.begin, x.begin)),
    )
    tap.check("nothing is accessible from EL0", each(leaves, lambda x: not x.el0))
    tap.check("nothing is executable at EL0", each(leaves, lambda x: x.uxn))
    tap.check(
        "nothing is both writable and executable", each(leaves, lambda x: x.read_only or x.pxn)
    )
    tap.check("no first access faults", each(leaves, lambda x: x.accessed))
    tap.check("everything is global", each(leaves, lambda x: not x.not_global))
    tap.check(
        "normal memory is Inner Shareable",
        each(normal, lambda x: x.shareability == INNER_SHAREABLE),
    )
    tap.check("devices are not executable", each(device, lambda x: x.pxn))


def check_exactly(tap, map_in_force, parts):
    """Each part is mapped as it should be, and all between them is not."""
    for part in parts:
        tap.check(
            f"{part.name}: {part.permissions}",
            map_in_force.faults(part.begin, part.end, part.permissions, part.attribute_index),
        )
    faults = []
    end = 0
    for part in sorted(parts, key=lambda part: part.begin):
        if part.begin < end:
            faults.append(f"{part.name} overlaps the one before it")
        faults += map_in_force.faults(end, part.begin, None)
        end = part.end
    faults += map_in_force.faults(end, 1 << 64, None)
    tap.check("nothing else is mapped", faults)


def check_guards(tap, map_in_force, symbols):
    for name, (begin, end) in guards(symbols).items():
        faults = [] if end - begin >= PAGE_SIZE else ["it has no page"]
        tap.check(
            f"the guard of the {name} is unmapped", faults + map_in_force.faults(begin, end, None)
        )


def pieces_of_section(platform, name, header, symbols):
    """What a section should be mapped as: a list of (begin, end, permissions)."""
    end = header.address + header.size
    if platform.own_map:
        # Its blocks tell only the image from what is written to.
        writable = header.flags & FLAG_WRITE and name not in RELOCATED or name == ".stacks"
        return [(header.address, end, DATA if writable else CODE)]
    if name == ".stacks":
        pieces = []
        at = header.address
        if platform.relocates:
            # The page for a console that is in the first page.
            pieces.append((at, at + PAGE_SIZE, None))
            at += PAGE_SIZE
        for guard_begin, guard_end in sorted(guards(symbols).values()):
            pieces += [(at, guard_begin, DATA), (guard_begin, guard_end, None)]
            at = guard_end
        return [*pieces, (at, end, DATA)]
    if name == ".page_tables":
        # What comes before them is the first map's, which is out of use.
        tables = symbols["vmb_page_tables_begin"]
        return [(header.address, tables, None), (tables, end, RODATA)]
    if name in (".dtb", *RELOCATED):
        permissions = RODATA
    elif header.flags & FLAG_EXECUTABLE:
        permissions = CODE
    else:
        permissions = DATA if header.flags & FLAG_WRITE else RODATA
    return [(header.address, end, permissions)]


def check_sections(tap, platform, elf, map_in_force):
    checked = 0
    for name, header in elf.sections:
        if not header.flags & FLAG_ALLOC or header.size == 0:
            continue
        checked += 1
        faults = []
        for begin, end, permissions in pieces_of_section(platform, name, header, elf.symbols):
            faults += map_in_force.faults(begin, end, permissions)
        tap.check(f"every byte of {name} has the section's permissions", faults)
    tap.check("there are sections", [] if checked else ["the ELF file has none"])


def check_binary(tap, image, symbols):
    """What is appended to the raw image is found by vmbase_layout_binary_end()."""
    if image is None:
        return
    size = os.path.getsize(image)
    told = symbols["vmb_binary_end"] - symbols["_start"]
    tap.check("the raw image ends where the guest is told", [] if size == told else [f"{size:#x} is not {told:#x}"])


def check_dtb(tap, platform, symbols):
    """The range that a guest is told is the one that is mapped; few guests ask for it."""
    if "vmb_dtb_begin" not in symbols:
        return
    told = (symbols["vmb_dtb_begin"], symbols["vmb_dtb_end"])
    is_right = told == (platform.dtb, platform.dtb + BLOCK_SIZE)
    tap.check(
        "vmbase_layout_dtb() is the device tree's range",
        [] if is_right else [f"it is {told[0]:#x} to {told[1]:#x}"],
    )


def check_blocks(tap, leaves, parts):
    faults = []
    for part in parts:
        begin = -(-part.begin // BLOCK_SIZE) * BLOCK_SIZE
        end = part.end // BLOCK_SIZE * BLOCK_SIZE
        faults += [
            f"{part.name}: {leaf}"
            for leaf in leaves
            if begin <= leaf.begin < end and leaf.end - leaf.begin < BLOCK_SIZE
        ]
    tap.check("blocks are used where they fit", faults)


def run(options):
    platform = PLATFORMS[options.platform]
    if options.load is not None and not (platform.relocates and options.bin):
        raise Failure("only a raw image that relocates itself can be loaded elsewhere")
    elf = ElfFile(options.elf)
    offset = (options.load or platform.load_address) - elf.symbols["_start"]
    elf.move(offset)
    with Guest(qemu_arguments(platform, options)) as guest:
        guest.run_until(elf.read_u64(elf.symbols["vmbase_main"]) + offset)
        registers = guest.read_registers("SCTLR", "TCR_EL1", "MAIR_EL1", "TTBR0_EL1", "cpsr")
        # By the register's own T0SZ: what is in force is walked, not what should be.
        va_bits = 64 - field(registers["TCR_EL1"], 0, 6)
        walk = Walk(guest.read_physical, registers["TTBR0_EL1"], va_bits)
        dtb = find_dtb(platform, options, guest)

    map_in_force = Map(walk.leaves)
    for piece in map_in_force.pieces:
        print(f"# {piece}")
    if platform.own_map:
        parts = own_parts()
        root = elf.symbols["idmap"]
        elsewhere = {}
    else:
        parts = library_parts(platform, elf.symbols, dtb)
        elsewhere = {console(platform, elf.symbols)[0]: platform.uart}
        root = elf.symbols["vmb_page_tables_begin"]

    tap = Tap()
    check_registers(tap, platform, registers, root)
    check_tables(tap, walk, map_in_force)
    check_attributes(tap, walk.leaves, elsewhere)
    check_exactly(tap, map_in_force, parts)
    check_sections(tap, platform, elf, map_in_force)
    check_binary(tap, options.bin, elf.symbols)
    if not platform.own_map:
        check_guards(tap, map_in_force, elf.symbols)
        check_dtb(tap, platform, elf.symbols)
        check_blocks(tap, walk.leaves, parts)
    tap.finish()
    return tap.failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cpu", default="max", help="QEMU's CPU model; max by default")
    parser.add_argument("--load", type=lambda text: int(text, 0), help="where to load a raw image")
    parser.add_argument("platform", choices=sorted(PLATFORMS))
    parser.add_argument("elf")
    parser.add_argument("bin", nargs="?")
    end_on_sigterm()
    try:
        return run(parser.parse_args())
    except (Failure, OSError, ValueError) as failure:
        print(f"Bail out! {failure}")
    except KeyError as name:
        print(f"Bail out! The ELF file has no symbol {name}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
