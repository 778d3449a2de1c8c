#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: tidy_cache_test.py COMPILER...

tidy_test.py checks a file again whenever something has changed that clang-tidy looks at, and only then. A stand-in
for clang-tidy notes what it is asked to check, and finds fault with files that contain FAULT.
"""

import json
import pathlib
import shlex
import subprocess
import sys
import tempfile
import unittest

import llvm

COMPILER = sys.argv[1:]
TIDY_TEST = pathlib.Path(__file__).resolve().parent / "tidy_test.py"

STAND_IN = f"""#!{sys.executable}
import pathlib, sys
here = pathlib.Path(__file__).parent
if sys.argv[1:] == ["--version"]:
    print("LLVM version {llvm.SUPPORTED}.0.0 " + (here / "version").read_text())
    sys.exit()
source = pathlib.Path(sys.argv[-1])
with open(here / "checked", "a") as file:
    print(source.name, file=file)
sys.exit("FAULT" in source.read_text())
"""


class CacheTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="vmbase tidy ")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        self.tidy = self.root / "clang-tidy"
        self.write("clang-tidy", STAND_IN)
        self.tidy.chmod(0o755)
        self.write("version", "one")
        self.write(".clang-tidy", "Checks: '*'\n")
        self.write("src/a.c", '#include "both.h"\nint a = BOTH;\n')
        self.write("src/b.c", '#include "both.h"\n#include "b only.h"\nint b = BOTH;\n')
        self.write("late/both.h", "#define BOTH 1\n")
        self.write("late/b only.h", "")
        (self.root / "early").mkdir()
        (self.root / "build").mkdir()
        self.configure()

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    def configure(self, *more):
        """Writes the commands as Meson does."""
        commands = []
        for name in "a", "b":
            words = [*COMPILER, *more, "-I../early", "-I../late", "-MD", "-MQ", f"{name}.o", "-MF", f"{name}.d"]
            words += ["-o", f"{name}.o", "-c", f"../src/{name}.c"]
            commands.append({
                "directory": str(self.root / "build"), "command": shlex.join(words), "file": f"../src/{name}.c",
            })
        self.write("build/compile_commands.json", json.dumps(commands))

    def checked(self, status=0):
        """Runs the test, which has to end with the status, and returns the names of what was checked."""
        note = self.root / "checked"
        note.write_text("")
        command = [sys.executable, "-B", TIDY_TEST, self.tidy, self.root, self.root / "build", *COMPILER]
        result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        self.assertEqual(result.returncode, status, result.stdout)
        names = sorted(note.read_text().split())
        self.assertIn(f"2 files, {len(names)} of them checked", result.stdout)
        return names

    def test_what_has_passed_is_not_checked_again(self):
        self.assertEqual(self.checked(), ["a.c", "b.c"])
        self.assertEqual(self.checked(), [])

    def test_change_of_a_file_or_a_header(self):
        self.checked()
        for name, text, again in (
            ("src/a.c", '#include "both.h"\nint a = 1 + BOTH;\n', ["a.c"]),
            # Of the same size.
            ("late/both.h", "#define BOTH 2\n", ["a.c", "b.c"]),
            # clang-tidy reads comments too.
            ("late/b only.h", "// NOLINT\n", ["b.c"]),
            # It comes before the other one.
            ("early/both.h", "#define BOTH 2\n", ["a.c", "b.c"]),
            (".clang-tidy", "Checks: '-*'\n", ["a.c", "b.c"]),
            ("version", "two", ["a.c", "b.c"]),
        ):
            with self.subTest(name):
                self.write(name, text)
                self.assertEqual(self.checked(), again)
                self.assertEqual(self.checked(), [])

    def test_other_arguments(self):
        self.checked()
        self.configure("-DNDEBUG")
        self.assertEqual(self.checked(), ["a.c", "b.c"])
        self.assertEqual(self.checked(), [])

    def test_another_clang_tidy_of_the_same_version(self):
        self.checked()
        self.write("clang-tidy", STAND_IN + "\n")
        self.assertEqual(self.checked(), ["a.c", "b.c"])

    def test_what_has_findings_is_checked_again_until_it_has_none(self):
        self.write("src/a.c", "int FAULT;\n")
        self.assertEqual(self.checked(1), ["a.c", "b.c"])
        self.assertEqual(self.checked(1), ["a.c"])
        self.write("src/a.c", "int a;\n")
        self.assertEqual(self.checked(), ["a.c"])

    def test_what_does_not_compile_is_always_checked(self):
        self.write("src/a.c", '#include "missing.h"\n')
        for _ in range(2):
            self.assertIn("a.c", self.checked())

    def test_marks_do_not_pile_up(self):
        for number in range(3):
            self.write("src/a.c", f"int a = {number};\n")
            self.checked()
            self.assertEqual(len(list((self.root / "build" / "tidy-passed").iterdir())), 2)


if __name__ == "__main__":
    llvm.skip_unless_supported(COMPILER)
    unittest.main(argv=sys.argv[:1])
