#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs example/run in a copy of the tree: on a machine that lacks tools, and on one that has them."""

import os
import pathlib
import shutil
import tempfile
import unittest

import support

# What example/run itself takes from a bare system, beside the shell.
BARE_TOOLS = ("dirname", "env", "id")

# Answers for apt-get, and for sudo in front of it, so that no test changes the machine.
RECORDER = """#!/bin/sh
echo "apt-get got: $*"
"""
SUDO = """#!/bin/sh
exec "$@"
"""


def write_tool(folder, name, text):
    (folder / name).write_text(text)
    (folder / name).chmod(0o755)


class RunTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="vmbase-run-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        self.tree = self.root / "tree"
        self.bin = self.root / "bin"
        self.bin.mkdir()
        support.copy_sources(self.tree)

    def add_tools(self, *names):
        for name in names:
            (self.bin / name).symlink_to(shutil.which(name))

    def example(self, *arguments, path=None):
        """Runs example/run from another directory, as it may be."""
        env = support.environment(PATH=path or str(self.bin))
        return support.run(self.tree / "example" / "run", *arguments, cwd=self.root, env=env)

    def test_without_apt_it_names_what_is_missing(self):
        self.add_tools(*BARE_TOOLS, "clang", "llvm-ar")
        status, output = self.example()
        self.assertEqual(status, 1)
        first, second = output.splitlines()
        tools = first.partition("install these first:")[2].split()
        for name in ("python3", "meson", "ninja", "ld.lld", "llvm-objcopy", "qemu-system-aarch64"):
            self.assertIn(name, tools)
        for name in ("clang", "llvm-ar"):
            self.assertNotIn(name, tools)
        for package in ("python3", "meson", "ninja-build", "lld", "llvm", "qemu-system-arm"):
            self.assertRegex(second, rf"\b{package}\b")
        self.assertFalse((self.tree / "build").exists())

    def test_with_apt_it_installs_what_is_missing_and_nothing_else(self):
        self.add_tools(*BARE_TOOLS, "clang", "meson", "ninja", "python3", "llvm-ar", "llvm-objcopy")
        write_tool(self.bin, "apt-get", RECORDER)
        write_tool(self.bin, "sudo", SUDO)
        _, output = self.example()
        calls = [line for line in output.splitlines() if line.startswith("apt-get got: ")]
        self.assertEqual(calls[0], "apt-get got: update")
        packages = [word for word in calls[1].split()[3:] if not word.startswith("-")]
        self.assertLessEqual({"lld", "qemu-system-arm"}, set(packages))
        self.assertLessEqual(
            set(packages), {"lld", "qemu-system-arm", "picolibc-aarch64-linux-gnu"}
        )

    def test_it_boots_hello_and_configures_once(self):
        # Where a tool is missing after all, the machine stays as it is and the test says so.
        write_tool(self.bin, "apt-get", "#!/bin/sh\necho 'a tool is missing' >&2\nexit 1\n")
        path = f"{self.bin}{os.pathsep}{os.environ['PATH']}"
        # What a machine has fetched once is there.
        platform = "qemu"
        if os.path.isdir(support.LIBFDT):
            shutil.copytree(support.LIBFDT, self.tree / "build" / "libfdt")
            platform = "generic"

        status, first = self.example(path=path)
        self.assertEqual(status, 0, first)
        lines = first.splitlines()
        commands = [line for line in lines if line.startswith("+ ") and "fetch_libfdt" not in line]
        self.assertEqual(
            commands,
            [
                "+ meson setup build/hello example/hello --cross-file cross/aarch64-clang.ini",
                "+ meson compile -C build/hello",
                f"+ src/tools/vmbase-run build/hello/hello-{platform}.bin",
            ],
        )
        self.assertEqual(lines[-2:], [commands[2], "Hello world"])

        status, second = self.example("hello", path=path)
        self.assertEqual(status, 0, second)
        self.assertNotIn("meson setup", second)
        self.assertNotIn("The Meson build system", second)
        self.assertEqual(second.splitlines()[-2:], [commands[2], "Hello world"])

    def test_it_refuses_an_example_that_is_not_there(self):
        self.add_tools(*BARE_TOOLS)
        status, output = self.example("nothing")
        self.assertEqual(status, 1)
        self.assertTrue(output.startswith("usage: "), output)


if __name__ == "__main__":
    unittest.main(argv=["run_test.py"])
