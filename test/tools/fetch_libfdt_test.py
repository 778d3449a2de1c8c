#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests cross/debian/fetch_libfdt.py, with other programs in the place of apt's."""

import contextlib
import io
import os
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "cross" / "debian"))
import apt_sources
import fetch_libfdt

MIRROR = apt_sources.Source("http://mirror.example/debian", ["bookworm"], ["main"], {})

APT_GET = """#!/bin/sh
for word; do
	case $word in
	update) echo update >>"$LOG" ;;
	download) echo download >>"$LOG"; echo package >libfdt-dev.deb ;;
	esac
done
"""
DPKG_DEB = """#!/bin/sh
mkdir -p "$3/usr/include" "$3/usr/lib/aarch64-linux-gnu"
for header in fdt libfdt libfdt_env; do
	echo "of the package" >"$3/usr/include/$header.h"
done
echo archive >"$3/usr/lib/aarch64-linux-gnu/libfdt.a"
"""
FAILING = """#!/bin/sh
echo "E: Unable to fetch http://mirror.example/debian/dists" >&2
exit 100
"""


class FetchTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="vmbase-libfdt-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.target = self.root / "build" / "libfdt"
        self.usr = self.root / "usr"
        self.log = self.root / "log"
        self.log.touch()
        self.bin = self.root / "bin"
        self.bin.mkdir()
        self.add_program("apt-get", APT_GET)
        self.add_program("apt-cache", "#!/bin/sh\n")
        self.add_program("dpkg-deb", DPKG_DEB)

    def add_program(self, name, text):
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def fetch(self, found=(MIRROR,)):
        """Runs the script with these sources; returns what it printed and the calls of apt-get."""
        self.log.write_text("")
        environment = {"PATH": f"{self.bin}:{os.environ['PATH']}", "LOG": str(self.log)}
        printed = io.StringIO()
        with contextlib.ExitStack() as stack:
            stack.enter_context(mock.patch.dict(os.environ, environment))
            stack.enter_context(mock.patch("apt_sources.read", lambda: list(found)))
            stack.enter_context(mock.patch("sys.argv", ["fetch_libfdt.py", str(self.target)]))
            stack.enter_context(mock.patch("fetch_libfdt.USR", self.usr))
            stack.enter_context(contextlib.redirect_stdout(printed))
            fetch_libfdt.main()
        return printed.getvalue(), self.log.read_text().split()

    def files(self):
        root = self.target.parent
        return sorted(str(path.relative_to(root)) for path in root.glob("**/*") if path.is_file())

    def test_the_package_is_fetched_and_nothing_is_left_beside_it(self):
        _, calls = self.fetch()
        self.assertEqual(calls, ["update", "download"])
        headers = ["libfdt/include/fdt.h", "libfdt/include/libfdt.h", "libfdt/include/libfdt_env.h"]
        self.assertEqual(self.files(), [*headers, "libfdt/lib/libfdt.a"])
        self.assertEqual((self.target / "lib" / "libfdt.a").read_text(), "archive\n")

    def test_what_is_there_is_not_fetched_again(self):
        self.fetch()
        self.assertEqual(self.fetch(), ("", []))

    def test_half_of_it_is_fetched_anew(self):
        (self.target / "include").mkdir(parents=True)
        self.fetch()
        self.assertEqual(len(self.files()), 4)

    def test_the_machines_own_is_taken(self):
        (self.usr / "lib" / "aarch64-linux-gnu").mkdir(parents=True)
        (self.usr / "lib" / "aarch64-linux-gnu" / "libfdt.a").write_text("own")
        (self.usr / "include").mkdir()
        for name in fetch_libfdt.HEADERS:
            (self.usr / "include" / name).write_text("own")
        self.assertEqual(self.fetch()[1], [])
        self.assertEqual((self.target / "lib" / "libfdt.a").read_text(), "own")

    def test_without_it_there_is_a_reason_that_does_not_name_the_mirror(self):
        self.add_program("apt-get", FAILING)
        printed, _ = self.fetch()
        self.assertRegex(printed, "is not to be had.*Unable to fetch")
        self.assertNotIn("mirror.example", printed)
        self.assertEqual(self.files(), [])
        self.assertFalse(self.target.exists())

    def test_without_a_mirror_there_is_a_reason(self):
        printed, calls = self.fetch(found=())
        self.assertIn("no mirror of Debian", printed)
        self.assertEqual(calls, [])


if __name__ == "__main__":
    unittest.main()
