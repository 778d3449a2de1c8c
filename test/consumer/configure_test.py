#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Configures projects in ways that cannot work, and expects a sentence that says what to do."""

import pathlib
import tempfile
import unittest

import support

PROJECT = """project('bare', 'c')
vmbase = subproject('vmbase')
executable('guest', 'main.c', kwargs: vmbase.get_variable('vmbase_elf')['PLATFORM'])
"""

# A cross file of somebody who has another compiler.
CROSS_FILE = """[binaries]
c = {compiler}
ar = 'ar'
objcopy = 'objcopy'

[host_machine]
system = '{system}'
cpu_family = 'aarch64'
cpu = 'armv8-a'
endian = '{endian}'

[properties]
needs_exe_wrapper = true
"""


class ConfigureTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="vmbase-configure-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        self.write_project("qemu")
        (self.root / "main.c").write_text("")
        (self.root / "subprojects").mkdir()
        (self.root / "subprojects" / "vmbase").symlink_to(support.SOURCE)
        self.cross_files = support.cross_files(support.SOURCE)

    def write_project(self, platform):
        (self.root / "meson.build").write_text(PROJECT.replace("PLATFORM", platform))

    def write_cross_file(self, name, **values):
        path = self.root / f"{name}.ini"
        defaults = {"compiler": "'gcc'", "system": "none", "endian": "little"}
        path.write_text(CROSS_FILE.format(**{**defaults, **values}))
        return ("--cross-file", str(path))

    def check_fails(self, sentence, *words):
        status, output = support.run("meson", "setup", "build", *words, cwd=self.root)
        self.assertNotEqual(status, 0, output)
        self.assertIn(sentence, " ".join(output.split()))

    def test_another_machine(self):
        cross_file = f"{self.root}/subprojects/vmbase/cross/aarch64-clang.ini"
        sentence = f"for bare little-endian aarch64 machines: configure with --cross-file {cross_file}"
        for name, words in {
            "native": (),
            "linux": self.write_cross_file("linux", system="linux"),
            "big": self.write_cross_file("big", endian="big"),
        }.items():
            with self.subTest(name):
                self.check_fails(sentence, *words)

    def test_another_compiler_or_linker(self):
        sentence = f"configure with --cross-file {self.root}/subprojects/vmbase/cross/aarch64-clang.ini"
        self.check_fails(
            f"vmbase needs clang and ld.lld; this is gcc and ld.bfd: {sentence}", *self.write_cross_file("gcc")
        )

    def test_a_directory_without_the_library(self):
        for option, file in (("picolibc", "include/stdio.h"), ("libfdt", "include/libfdt.h")):
            with self.subTest(option):
                setting = f"-Dvmbase:{option}=/nope"
                self.check_fails(f"{setting}: this directory has no {file}", *self.cross_files, setting)
                setting = f"-Dvmbase:{option}=nope"
                self.check_fails(f"{setting}: the path is not absolute", *self.cross_files, setting)

    def test_a_directory_with_half_of_the_library(self):
        (self.root / "half" / "include").mkdir(parents=True)
        (self.root / "half" / "include" / "libfdt.h").write_text("")
        setting = f"-Dvmbase:libfdt={self.root}/half"
        self.check_fails(f"{setting}: this directory has no lib/libfdt.a", *self.cross_files, setting)

    def test_no_objcopy(self):
        path = self.root / "objcopy.ini"
        path.write_text("[binaries]\nobjcopy = 'no-such-objcopy'\n")
        sentence = "llvm-objcopy is missing (Debian: package llvm)"
        self.check_fails(sentence, *self.cross_files, "--cross-file", path)

    def test_an_unknown_platform(self):
        self.write_project("quemu")
        self.check_fails("platforms in vmbase_elf: crosvm, custom, qemu", *self.cross_files)


if __name__ == "__main__":
    unittest.main(argv=["configure_test.py"])
