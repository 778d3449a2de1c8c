#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests what matrix.py makes of records."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import matrix


def record(vmm="QEMU", form="raw", by="QEMU", passed=True, **details):
    return matrix.Record(vmm=vmm, form=form, by=by, details=details, passed=passed)


class TableTest(unittest.TestCase):
    HEAD = "| VMM | image | run by | on | passed |\n|---|---|---|---|---|\n"

    def test_boots_of_one_kind_share_a_row(self):
        records = [record(CPU="max", RAM=8192), record(CPU="a53", RAM=32), record(CPU="max", RAM=32)]
        row = "| QEMU | raw | QEMU | 32 MiB to 8 GiB; a53, max | 3 of 3 |\n"
        self.assertEqual(matrix.table(records), self.HEAD + row)

    def test_a_failure_is_counted(self):
        records = [record(), record(passed=False)]
        self.assertIn("| 1 of 2 |", matrix.table(records))

    def test_qemu_comes_first(self):
        lines = matrix.table([record(vmm="libkrun"), record(vmm="crosvm"), record()]).splitlines()
        self.assertEqual([line.split("|")[1].strip() for line in lines[2:]], ["QEMU", "crosvm", "libkrun"])


class FileTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        for name in ("one", "other"):
            (self.folder / name).write_text(name)

    def test_what_is_written_is_read(self):
        records = [record(CPU="max"), record(passed=False, RAM=32)]
        matrix.write(self.folder / "new" / "a.json", self.folder / "one", records)
        self.assertEqual(matrix.read(self.folder / "new"), records)

    def test_records_of_different_images_are_no_table(self):
        matrix.write(self.folder / "a.json", self.folder / "one", [record()])
        matrix.write(self.folder / "b.json", self.folder / "other", [record()])
        with self.assertRaisesRegex(ValueError, "different images"):
            matrix.read(self.folder)

    def check(self, readme, names):
        """Returns what matrix.py --check exits with."""
        (self.folder / "README").write_text(readme)
        command = [sys.executable, "-B", matrix.__file__, "--check", self.folder / "README", names, self.folder / "new"]
        return subprocess.run(command, capture_output=True, check=False).returncode

    def test_readme_has_to_have_the_table(self):
        records = [record(CPU="max")]
        matrix.write(self.folder / "new" / "a.json", self.folder / "one", records)
        self.assertEqual(self.check("Text.\n\n" + matrix.table(records) + "\nText.\n", "a"), 0)
        self.assertEqual(self.check(matrix.table(records).replace("1 of 1", "0 of 1"), "a"), 1)

    def test_without_all_records_nothing_is_checked(self):
        matrix.write(self.folder / "new" / "a.json", self.folder / "one", [record()])
        self.assertEqual(self.check("", "a,b"), 77)
        matrix.write(self.folder / "new" / "b.json", self.folder / "other", [record()])
        self.assertEqual(self.check("", "a,b"), 77)

    def test_no_records_are_no_table(self):
        with self.assertRaisesRegex(ValueError, "no records"):
            matrix.read(self.folder)


if __name__ == "__main__":
    unittest.main()
