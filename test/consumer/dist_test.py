#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The tarball that `meson dist` makes has all files of the tree, and builds and passes tests without git."""

import os
import pathlib
import re
import tarfile
import tempfile
import unittest

import support
from consumer_test import make_repository

PROJECT = re.search(
    r"project\(\s*'(\w+)'.*?\bversion: '([^']+)'",
    (support.SOURCE / "meson.build").read_text(encoding="utf-8"),
    re.DOTALL,
)
NAME = f"{PROJECT[1]}-{PROJECT[2]}"
# A guest, and tests of the objects and of the sources.
TESTS = (
    "hello",
    "headers - each public header compiles alone, twice, and as C++",
    "layering - a layer includes lower layers only",
    "symbols - each global symbol has the prefix of the library",
)


def properties(path):
    """Returns what a file of the tarball has to share with the tree's: the link's target, or who may execute it."""
    return os.readlink(path) if path.is_symlink() else os.access(path, os.X_OK)


class DistTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="vmbase-dist-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()

    def setup(self, tree):
        """Configures a tree with the libraries under test, and returns the build directory."""
        options = [word.replace("-Dvmbase:", "-D") for word in support.options()]
        support.succeed("meson", "setup", "build", *support.cross_files("."), *options, cwd=tree)
        return tree / "build"

    def test_tarball_is_complete_and_passes(self):
        names = make_repository(self.root / "checkout")
        build = self.setup(self.root / "checkout")
        support.succeed("meson", "dist", "-C", build, "--no-tests", "--formats", "gztar")
        with tarfile.open(build / "meson-dist" / f"{NAME}.tar.gz") as tarball:
            tarball.extractall(self.root / "unpacked")
        tree = self.root / "unpacked" / NAME

        found = [path.relative_to(tree) for path in tree.rglob("*") if path.is_symlink() or not path.is_dir()]
        self.assertEqual(sorted(map(str, found)), sorted(names))
        for name in names:
            self.assertEqual(properties(tree / name), properties(support.SOURCE / name), name)

        output = support.succeed("meson", "test", "-C", self.setup(tree), *TESTS)
        self.assertRegex(output, rf"\bOk: +{len(TESTS)}\b")


if __name__ == "__main__":
    unittest.main(argv=["dist_test.py"])
