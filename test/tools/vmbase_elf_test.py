#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: vmbase_elf_test.py NM ELF

Tests vmbase_elf.py, the ELF reader of the tools and the tests, with a guest: its symbols are those of NM, and a damaged
file gives a sentence.
"""

import pathlib
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "src" / "tools"))

import vmbase_elf

if len(sys.argv) != 3:
    sys.exit(__doc__)
NM, ELF = sys.argv[1:]
DATA = pathlib.Path(ELF).read_bytes()


def patched(offset, patch):
    return DATA[:offset] + patch + DATA[offset + len(patch) :]


class ElfFileTest(unittest.TestCase):
    def setUp(self):
        self.elf = vmbase_elf.ElfFile(ELF)

    def assert_refused(self, reason, data):
        with self.assertRaisesRegex(vmbase_elf.Failure, f"^guest {reason}"):
            vmbase_elf.ElfFile("guest", data)

    def test_symbols_are_those_of_nm(self):
        command = [NM, "--defined-only", "--format=posix", ELF]
        lines = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
        expected = {(name, int(address, 16)) for name, _, address, *_ in map(str.split, lines)}
        self.assertIn("_start", self.elf.symbols)
        marks = (vmbase_elf.SYMBOL_SECTION, vmbase_elf.SYMBOL_FILE)
        names = [symbol for symbol in self.elf.all_symbols if symbol.kind not in marks]
        # nm does not list the marks between code and data.
        found = {(symbol.name, symbol.address) for symbol in names if not symbol.name.startswith("$")}
        self.assertEqual(found, expected)

    def test_functions_are_in_the_code(self):
        functions = [symbol for symbol in self.elf.all_symbols if symbol.kind == vmbase_elf.SYMBOL_FUNCTION]
        self.assertTrue(functions)
        for symbol in functions:
            with self.subTest(symbol.name):
                self.assertTrue(symbol.section.flags & vmbase_elf.FLAG_EXECUTABLE)
                begins = [segment.address for segment in self.elf.code]
                self.assertTrue(any(begin <= symbol.address for begin in begins))

    def test_word_is_read_from_its_section(self):
        text = dict(self.elf.sections)[".text"]
        expected = int.from_bytes(DATA[text.offset : text.offset + 8], "little")
        self.assertEqual(self.elf.read_u64(text.address), expected)
        with self.assertRaisesRegex(vmbase_elf.Failure, "has no contents at 0x10$"):
            self.elf.read_u64(0x10)

    def test_move_changes_all_addresses(self):
        distance = 0x12345000
        symbols = self.elf.symbols
        text = dict(self.elf.sections)[".text"]
        word = self.elf.read_u64(text.address)
        self.elf.move(distance)
        self.assertEqual(self.elf.symbols, {name: address + distance for name, address in symbols.items()})
        self.assertEqual(dict(self.elf.sections)[".text"].address, text.address + distance)
        self.assertEqual(self.elf.read_u64(text.address + distance), word)

    def test_other_files_are_refused(self):
        self.assert_refused("is not an ELF file$", b"text")
        self.assert_refused("is an ELF file for 32-bit little-endian Arm, not for", patched(4, b"\1"))
        self.assert_refused("is an ELF file for 64-bit big-endian machine 46848, not for", patched(5, b"\2"))
        self.assert_refused("is an ELF file for 64-bit little-endian x86-64, not for", patched(18, b"\x3e\0"))

    def test_file_that_is_cut_short_is_refused(self):
        # Each cut is inside a header: the file's, a segment's, and the last section's.
        for size in 5, 63, 100, len(DATA) - 1:
            with self.subTest(size):
                self.assert_refused("is an ELF file, but cut short$", DATA[:size])

    def test_object_file_is_not_linked(self):
        elf = vmbase_elf.ElfFile("guest", patched(16, b"\1\0"))
        with self.assertRaisesRegex(vmbase_elf.Failure, "nothing to load; is it linked"):
            elf.need_linked()


if __name__ == "__main__":
    unittest.main(argv=["vmbase_elf_test.py"])
