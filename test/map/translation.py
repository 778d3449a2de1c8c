# SPDX-License-Identifier: Apache-2.0
"""Walks stage 1 translation tables of 4 KiB granules (Arm DDI 0487, issue K.a, Translation process)."""

import dataclasses
import struct

PAGE_SIZE = 0x1000
PAGE_BITS = 12
LEVEL_BITS = 9
LAST_LEVEL = 3

ADDRESS_MASK = 0x0000_FFFF_FFFF_F000
TTBR0_TABLE_MASK = 0x0000_FFFF_FFFF_FFFE

VALID = 1 << 0
TABLE_OR_PAGE = 1 << 1
# AttrIndx, AP, SH, AF, nG, PXN and UXN: all that a map needs to say about memory. Any other bit,
# such as DBM, Contiguous or a table's limits on what is below it, could change what these mean.
ATTRIBUTES = 7 << 2 | 3 << 6 | 3 << 8 | 1 << 10 | 1 << 11 | 1 << 53 | 1 << 54


def field(value, shift, width):
    return value >> shift & ((1 << width) - 1)


@dataclasses.dataclass(frozen=True)
class Mapping:
    """One page or block, or several in a row that differ in nothing but their addresses."""

    begin: int
    end: int
    physical: int
    descriptor: int  # without the address and the type

    @property
    def attribute_index(self):
        return field(self.descriptor, 2, 3)

    @property
    def el0(self):
        return field(self.descriptor, 6, 1)

    @property
    def read_only(self):
        return field(self.descriptor, 7, 1)

    @property
    def shareability(self):
        return field(self.descriptor, 8, 2)

    @property
    def accessed(self):
        return field(self.descriptor, 10, 1)

    @property
    def not_global(self):
        return field(self.descriptor, 11, 1)

    @property
    def pxn(self):
        return field(self.descriptor, 53, 1)

    @property
    def uxn(self):
        return field(self.descriptor, 54, 1)

    @property
    def permissions(self):
        """What EL1 may do, by the descriptor alone: SCTLR_EL1.WXN would hide a wrong one."""
        return "R" + ("-" if self.read_only else "W") + ("-" if self.pxn else "X")

    def __str__(self):
        return (
            f"{self.begin:#010x}..{self.end:#010x} -> {self.physical:#010x} {self.permissions}"
            f" attribute {self.attribute_index} SH {self.shareability} AF {self.accessed}"
            f" nG {self.not_global} EL0 {self.el0} UXN {self.uxn}"
        )


class Walk:
    """Everything that TTBR0_EL1 maps. `read` gives the bytes at a physical address."""

    def __init__(self, read, ttbr0, va_bits):
        self.read = read
        self.leaves = []
        self.tables = []  # the address and size of each
        self.strays = []  # sentences about bits that should not be there
        # Each level resolves 9 bits, the first one what is left.
        level = LAST_LEVEL + 1 - -(-(va_bits - PAGE_BITS) // LEVEL_BITS)
        entries = 1 << (va_bits - self._shift(level))
        self._walk(ttbr0 & TTBR0_TABLE_MASK, entries, level, 0)

    @staticmethod
    def _shift(level):
        return PAGE_BITS + LEVEL_BITS * (LAST_LEVEL - level)

    def _walk(self, table, entries, level, begin):
        self.tables.append((table, 8 * entries))
        size = 1 << self._shift(level)
        for i, (entry,) in enumerate(struct.iter_unpack("<Q", self.read(table, 8 * entries))):
            address = begin + i * size
            is_table_or_page = bool(entry & TABLE_OR_PAGE)
            if not entry & VALID:
                continue
            if level in (0, LAST_LEVEL) and not is_table_or_page:
                self.strays.append(f"{address:#x}: {entry:#018x} is reserved at level {level}")
                continue
            known = VALID | TABLE_OR_PAGE | ADDRESS_MASK
            if level == LAST_LEVEL or not is_table_or_page:
                known = VALID | TABLE_OR_PAGE | ATTRIBUTES | ADDRESS_MASK & ~(size - 1)
            if entry & ~known:
                self.strays.append(f"{address:#x}: {entry:#018x} has the bits {entry & ~known:#x}")
            if level < LAST_LEVEL and is_table_or_page:
                self._walk(entry & ADDRESS_MASK, 1 << LEVEL_BITS, level + 1, address)
            else:
                physical = entry & ADDRESS_MASK & ~(size - 1)
                self.leaves.append(Mapping(address, address + size, physical, entry & ATTRIBUTES))


def merged(leaves):
    """The same mappings in as few pieces as possible, in the same order of addresses."""
    result = []
    for leaf in leaves:
        last = result[-1] if result else None
        if (
            last
            and last.end == leaf.begin
            and last.physical + last.end - last.begin == leaf.physical
            and last.descriptor == leaf.descriptor
        ):
            result[-1] = dataclasses.replace(last, end=leaf.end)
        else:
            result.append(leaf)
    return result
