# SPDX-License-Identifier: Apache-2.0
"""The sections and symbols of a 64-bit little-endian ELF file."""

import collections
import struct

SHT_SYMTAB = 2
SHT_NOBITS = 8
SHF_WRITE = 1
SHF_ALLOC = 2
SHF_EXECINSTR = 4
SHN_UNDEF = 0

Section = collections.namedtuple(
    "Section", "name_offset type flags address offset size link info alignment entry_size"
)


def name_at(strings, offset):
    return strings[offset : strings.index(b"\0", offset)].decode()


class ElfFile:
    """`sections` is a list of (name, Section), `symbols` a dictionary of values by name."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read()
        if self.data[:6] != b"\x7fELF\x02\x01":
            raise ValueError(f"{path} is not a 64-bit little-endian ELF file")
        table, entry_size, count, names_index = struct.unpack_from("<40xQ10xHHH", self.data[:64])
        headers = [
            Section(*struct.unpack_from("<IIQQQQIIQQ", self.data, table + i * entry_size))
            for i in range(count)
        ]
        names = self._content(headers[names_index])
        self.sections = [(name_at(names, header.name_offset), header) for header in headers]
        self.symbols = {}
        for header in headers:
            if header.type == SHT_SYMTAB:
                self._read_symbols(header, self._content(headers[header.link]))

    def move(self, offset):
        """Makes all addresses those of an image that was loaded so much higher than it was linked for."""
        self.sections = [
            (name, header._replace(address=header.address + offset) if header.flags & SHF_ALLOC else header)
            for name, header in self.sections
        ]
        self.symbols = {name: value + offset for name, value in self.symbols.items()}

    def read_u64(self, address):
        """What the file puts at an address."""
        for _, header in self.sections:
            offset = address - header.address
            if (
                header.flags & SHF_ALLOC
                and header.type != SHT_NOBITS
                and 0 <= offset <= header.size - 8
            ):
                return struct.unpack_from("<Q", self.data, header.offset + offset)[0]
        raise ValueError(f"no section of the file has content at {address:#x}")

    def _content(self, header):
        return self.data[header.offset : header.offset + header.size]

    def _read_symbols(self, header, strings):
        for name, _, _, section, value, _ in struct.iter_unpack("<IBBHQQ", self._content(header)):
            if section != SHN_UNDEF:
                self.symbols[name_at(strings, name)] = value
