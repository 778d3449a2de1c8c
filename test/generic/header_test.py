#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: header_test.py IMAGE ELF

Checks the header of an image for platform `generic` against Linux, Documentation/arch/arm64/booting.rst.
"""

import pathlib
import struct
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "src" / "tools"))

from vmbase_elf import ElfFile

IMAGE, ELF = sys.argv[1:]
LITTLE_ENDIAN = 0 << 0
PAGE_SIZE_4K = 1 << 1
ANYWHERE = 1 << 3


class HeaderTest(unittest.TestCase):
    def setUp(self):
        header = pathlib.Path(IMAGE).read_bytes()[:64]
        names = ("code0", "code1", "text_offset", "image_size", "flags", "res2", "res3", "res4", "magic", "res5")
        self.fields = dict(zip(names, struct.unpack("<IIQQQQQQ4sI", header)))
        self.symbols = ElfFile(ELF).symbols

    def test_magic_number(self):
        self.assertEqual(self.fields["magic"], b"ARM\x64")

    def test_goes_to_multiples_of_2_mib(self):
        self.assertEqual(self.fields["text_offset"], 0)

    def test_size_is_all_that_is_written_to(self):
        size = self.symbols["vmb_image_end"] - self.symbols["_start"]
        self.assertEqual(self.fields["image_size"], size)
        self.assertGreater(size, pathlib.Path(IMAGE).stat().st_size)

    def test_flags(self):
        self.assertEqual(self.fields["flags"], LITTLE_ENDIAN | PAGE_SIZE_4K | ANYWHERE)

    def test_the_rest_is_reserved(self):
        for name in ("res2", "res3", "res4", "res5"):
            self.assertEqual(self.fields[name], 0, name)

    def test_begins_with_a_branch(self):
        # B, whose opcode is in the upper six bits (DDI 0487, issue K.a, B); it is no EFI binary.
        self.assertEqual(self.fields["code0"] >> 26, 0b000101)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
