# SPDX-License-Identifier: Apache-2.0
"""Reads ELF files for 64-bit little-endian Arm: headers, segments, sections and symbols."""

import collections
import functools
import mmap
import os
import stat
import struct

# System V Application Binary Interface, "ELF Header", "Section Header", "Symbol Table" and "Program Header".
MAGIC = b"\x7fELF"
CLASSES = {1: "32-bit", 2: "64-bit"}
ORDERS = {1: "little-endian", 2: "big-endian"}
IDENT = MAGIC + b"\2\1\1" + bytes(9)
HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
TYPE_RELOCATABLE = 1
TYPE_SHARED = 3
MACHINE_AARCH64 = 183
MACHINES = {
    3: "x86", 8: "MIPS", 20: "PowerPC", 21: "64-bit PowerPC", 22: "S/390", 40: "32-bit Arm", 62: "x86-64",
    MACHINE_AARCH64: "Arm", 243: "RISC-V", 258: "LoongArch",
}
SEGMENT = struct.Struct("<IIQQQQQQ")
SEGMENT_LOAD = 1
SEGMENT_INTERPRETER = 3
SEGMENT_EXECUTABLE = 1
SECTION = struct.Struct("<IIQQQQIIQQ")
SECTION_PROGBITS = 1
SECTION_SYMBOLS = 2
SECTION_STRINGS = 3
SECTION_NOBITS = 8
FLAG_WRITE = 1
FLAG_ALLOC = 2
FLAG_EXECUTABLE = 4
SYMBOL = struct.Struct("<IBBHQQ")
SYMBOL_NOTYPE = 0
SYMBOL_FUNCTION = 2
SYMBOL_SECTION = 3
SYMBOL_FILE = 4
BINDING_LOCAL = 0
UNDEFINED = 0

Segment = collections.namedtuple("Segment", "kind flags offset address physical file_size memory_size alignment")
Section = collections.namedtuple(
    "Section", "name_offset type flags address offset size link info alignment entry_size"
)
# `section` is the Section that holds the symbol; None for an absolute symbol.
Symbol = collections.namedtuple("Symbol", "name address size kind binding section")

# A file up to this size is read at once, and may change afterwards. A larger file is mapped: only the pages that are
# used are read.
READ_AT_ONCE_BYTES = 64 * 1024 * 1024


class Failure(Exception):
    """A file cannot be used, or a tool cannot do its work; the text is a sentence for the user."""


def map_file(path):
    """Returns the contents of a file. Raises Failure."""
    try:
        # Without O_NONBLOCK, opening a FIFO would wait for its writer.
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            status = os.fstat(file.fileno())
            if stat.S_ISDIR(status.st_mode):
                raise Failure(f"cannot read {path}: Is a directory")
            if not stat.S_ISREG(status.st_mode):
                raise Failure(f"cannot read {path}: it is not a file but a device, a pipe or a socket")
            if status.st_size == 0:
                raise Failure(f"{path} is empty")
            if status.st_size <= READ_AT_ONCE_BYTES:
                return file.read()
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise Failure(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error


def is_elf(data):
    return data[: len(MAGIC)] == MAGIC


def string_at(strings, offset):
    return strings[offset : strings.index(b"\0", offset)].decode()


class ElfFile:
    """An ELF file; `data` is its contents, if the caller has read them already. Raises Failure for any other file."""

    def __init__(self, path, data=None):
        self.path = path
        self.data = map_file(path) if data is None else data
        if not is_elf(self.data):
            raise Failure(f"{path} is not an ELF file")
        try:
            self._read_headers()
        except struct.error as error:
            raise Failure(f"{path} is an ELF file, but cut short") from error

    def _read_headers(self):
        data = self.data
        if len(data) < HEADER.size:
            raise struct.error
        kind, order = data[4], data[5]
        (machine,) = struct.unpack_from(">H" if order == 2 else "<H", data, 18)
        if (kind, order, machine) != (2, 1, MACHINE_AARCH64):
            words = CLASSES.get(kind, "?-bit"), ORDERS.get(order, "?-endian")
            name = MACHINES.get(machine, f"machine {machine}")
            raise Failure(f"{self.path} is an ELF file for {' '.join(words)} {name}, not for 64-bit little-endian Arm")
        header = HEADER.unpack_from(data)
        _, self.type, _, _, self.entry, segments, sections, *_ = header
        segment_size, segment_count, section_size, section_count, self.names_index = header[9:14]
        self.segments = [
            Segment(*SEGMENT.unpack_from(data, segments + number * segment_size)) for number in range(segment_count)
        ]
        self.section_headers = [
            Section(*SECTION.unpack_from(data, sections + number * section_size)) for number in range(section_count)
        ]

    @property
    def loaded(self):
        return [segment for segment in self.segments if segment.kind == SEGMENT_LOAD and segment.memory_size > 0]

    @property
    def code(self):
        return [segment for segment in self.loaded if segment.flags & SEGMENT_EXECUTABLE]

    @property
    def has_symbols(self):
        return any(section.type == SECTION_SYMBOLS for section in self.section_headers)

    def need_linked(self):
        """Raises Failure for an object file, and for a file without contents for memory."""
        if self.type == TYPE_RELOCATABLE or not self.loaded:
            raise Failure(f"{self.path} is an ELF file with nothing to load; is it linked?")

    @functools.cached_property
    def sections(self):
        """A list of (name, Section)."""
        names = self.content(self.section_headers[self.names_index])
        return [(string_at(names, section.name_offset), section) for section in self.section_headers]

    @functools.cached_property
    def all_symbols(self):
        """A list of the defined symbols, each a Symbol."""
        symbols = []
        for table in self.section_headers:
            if table.type != SECTION_SYMBOLS:
                continue
            strings = self.content(self.section_headers[table.link])
            for name, info, _, index, value, size in SYMBOL.iter_unpack(self.content(table)):
                if index != UNDEFINED:
                    section = self.section_headers[index] if index < len(self.section_headers) else None
                    symbols.append(Symbol(string_at(strings, name), value, size, info & 0xF, info >> 4, section))
        return symbols

    @functools.cached_property
    def symbols(self):
        """The address of each defined symbol, by name."""
        return {symbol.name: symbol.address for symbol in self.all_symbols}

    def move(self, offset):
        """Adds an offset to all addresses, for an image that is not loaded where it was linked."""
        symbols = self.symbols
        self.section_headers = [
            section._replace(address=section.address + offset) if section.flags & FLAG_ALLOC else section
            for section in self.section_headers
        ]
        self.__dict__.pop("sections", None)
        self.__dict__.pop("all_symbols", None)
        self.symbols = {name: address + offset for name, address in symbols.items()}

    def content(self, section):
        return self.data[section.offset : section.offset + section.size]

    def read_u64(self, address):
        """Returns the word that the file puts at an address."""
        for section in self.section_headers:
            offset = address - section.address
            is_filled = section.flags & FLAG_ALLOC and section.type != SECTION_NOBITS
            if is_filled and 0 <= offset <= section.size - 8:
                return struct.unpack_from("<Q", self.data, section.offset + offset)[0]
        raise Failure(f"{self.path} has no contents at {address:#x}")
