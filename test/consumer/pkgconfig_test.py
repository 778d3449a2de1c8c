#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Installs the build directory somewhere else and builds guests from there with make and pkg-config."""

import os
import pathlib
import re
import shutil
import tempfile
import unittest

import support

# Only with libfdt is there one more.
HAS_FDT = (support.BUILD / "src" / "libvmbase-fdt.a").exists()
PACKAGES = ("vmbase", "vmbase-crosvm", "vmbase-custom", "vmbase-qemu") + (("vmbase-generic",) if HAS_FDT else ())


class PkgConfigTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="vmbase-pkgconfig-")
        cls.addClassCleanup(folder.cleanup)
        cls.root = pathlib.Path(folder.name).resolve()
        cls.installed = support.Installation(support.BUILD, cls.root / "destdir")

    def make(self, target):
        """Builds a target of the Makefile in a directory of its own and returns the directory."""
        root = self.root / f"make-{target}"
        for name in ("make", "custom"):
            shutil.copytree(support.HERE / name, root / name)
        output = support.succeed(
            "make",
            target,
            "CC=" + " ".join(support.CC),
            f"OBJCOPY={support.OBJCOPY}",
            "PKG_CONFIG=pkg-config --define-prefix",
            cwd=root / "make",
            env=self.installed.environment,
        )
        self.assertNotIn("warning", output)
        return root / "make"

    def boot(self, image):
        runner = self.installed.prefix / "bin" / "vmbase-run"
        return support.succeed(runner, "--tap", image)

    def test_all_is_installed(self):
        prefix = self.installed.prefix
        expected = {prefix / "bin" / name for name in ("vmbase-run", "vmbase-symbolize")}
        expected.add(prefix / "share" / "meson" / "cross" / "aarch64-clang.ini")
        expected.add(prefix / "share" / "meson" / "cross" / "clang-19.ini")
        for name in ("crosvm.ld", "custom.ld", "esr_classes.inc", "qemu.ld", "sections.ld", "vmbase-gdb.py"):
            expected.add(prefix / "share" / "vmbase" / name)
        for name in ("crash", "elf", "image", "output"):
            expected.add(prefix / "share" / "vmbase" / f"vmbase_{name}.py")
        for header in (support.SOURCE / "include" / "vmbase").glob("*.h"):
            expected.add(prefix / "include" / "vmbase" / header.name)
        for package in PACKAGES:
            expected.add(self.installed.pkgconfig.parent / f"lib{package}.a")
            expected.add(self.installed.pkgconfig / f"{package}.pc")
        if HAS_FDT:
            expected.add(prefix / "share" / "vmbase" / "generic.ld")
            expected.add(prefix / "lib" / "libvmbase-fdt.a")
            expected.add(prefix / "lib" / "vmbase" / "libfdt.a")
        # Compared both ways: no file of the tests or of a subproject is installed with them.
        found = {path for path in prefix.glob("**/*") if not path.is_dir()}
        self.assertEqual(found, expected)

    def test_it_takes_no_guest(self):
        # What `meson compile` runs, and `meson install` before it installs: no link of a guest.
        commands = support.succeed("ninja", "-C", support.BUILD, "-t", "commands", "all")
        self.assertIn("libvmbase-qemu.a", commands)
        links = [line for line in commands.splitlines() if "--gc-sections" in line]
        self.assertEqual([re.search(r" -o (\S+)", line)[1] for line in links], [])

    def test_the_helpers_are_executable(self):
        for name in ("vmbase-run", "vmbase-symbolize"):
            self.assertTrue(os.access(self.installed.prefix / "bin" / name, os.X_OK))

    def test_the_helper_finds_what_gdb_needs(self):
        runner = self.installed.prefix / "bin" / "vmbase-run"
        # In gdb's place, what shows the first word behind -x.
        stand_in = self.root / "gdb"
        stand_in.write_text('#!/bin/sh\necho "$2"\n')
        stand_in.chmod(0o755)
        env = {**self.installed.environment, "GDB": str(stand_in)}
        script = support.succeed(runner, "--gdb-arguments=", support.HELLO, env=env).strip()
        self.assertTrue(pathlib.Path(script).samefile(self.installed.prefix / "share/vmbase/vmbase-gdb.py"))

    def test_the_packages_name_only_what_is_installed(self):
        # By --define-prefix each path of vmbase's own is one of the destination directory.
        for package in PACKAGES:
            words = self.installed.flags(package, "--cflags") + self.installed.flags(package, "--libs")
            paths = [re.sub(r"^-[ILT]", "", word) for word in words]
            paths = [pathlib.Path(path) for path in paths if path.startswith("/")]
            self.assertTrue(paths)
            for path in paths:
                with self.subTest(package=package, path=str(path)):
                    self.assertTrue(path.exists())
                    homes = (self.installed.prefix, pathlib.Path(support.PICOLIBC))
                    if path.suffix != ".a":
                        self.assertTrue(any(home in (path, *path.parents) for home in homes))
            self.assertNotIn(str(support.BUILD), " ".join(words))
            self.assertNotIn(str(support.SOURCE), " ".join(words))

    def test_the_packages_have_the_version_of_the_project(self):
        words = ("meson", "introspect", "--projectinfo", support.BUILD)
        version = re.search(r'"version": "([^"]+)"', support.succeed(*words))[1]
        for package in PACKAGES:
            words = ("pkg-config", "--modversion", package)
            output = support.succeed(*words, env=self.installed.environment)
            self.assertEqual(output.strip(), version)

    def test_a_guest_for_qemu_boots(self):
        folder = self.make("hello.bin")
        self.assertEqual(self.boot(folder / "hello.bin"), "1..1\nok 1\n")

    @unittest.skipUnless(HAS_FDT, "there is no libfdt")
    def test_a_guest_for_any_machine_boots(self):
        folder = self.make("generic.bin")
        self.assertEqual(self.boot(folder / "generic.bin"), "1..1\nok 1\n")

    def test_a_guest_with_its_own_memory_and_map_boots(self):
        folder = self.make("custom.bin")
        self.assertEqual(self.boot(folder / "custom.bin"), "1..1\nok 1\n")


if __name__ == "__main__":
    unittest.main(argv=["pkgconfig_test.py"])
