#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds and boots a guest with settings that a user may have for a project of his own.

Each build combines settings that do not conflict, since each compiles the library once more.
"""

import pathlib
import shutil
import tempfile
import unittest

import support

HAS_FDT = pathlib.Path(support.LIBFDT).is_dir()
PLATFORMS = ("qemu", "generic") if HAS_FDT else ("qemu",)
GREETING = "Hello world\n2147483647\n"


class SettingsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="vmbase-settings-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()

    def build(self, *settings, where="project"):
        """Builds the project in a directory of that name, and returns its build directory."""
        project = self.root / where
        shutil.copytree(support.HERE / "settings", project)
        vmbase = project / "subprojects" / "vmbase"
        support.copy_sources(vmbase)
        build = project / "build"
        support.succeed(
            "meson", "setup", build, project, *support.cross_files(vmbase), *support.options(), *settings
        )
        support.succeed("ninja", "-C", build, *(f"guest-{platform}.bin" for platform in PLATFORMS))
        return build

    def boot(self, build):
        """Boots the guest on each platform; returns the exit statuses and what was printed."""
        runner = support.SOURCE / "src" / "tools" / "vmbase-run"
        return [support.run(runner, build / f"guest-{platform}.bin") for platform in PLATFORMS]

    def check_boots(self, *settings, **options):
        self.assertEqual(self.boot(self.build(*settings, **options)), [(0, GREETING)] * len(PLATFORMS))

    def test_unoptimised_in_an_odd_place(self):
        self.check_boots(
            "-Dunity=on", "-Doptimization=0", "-Dwarning_level=everything", "-Dc_std=c11",
            "-Ddefault_library=both", "-Db_pie=true", "-Db_coverage=true",
            where="a,b c'd \"e\" é $1 #2 (x) & ;%s",
        )

    def test_lto(self):
        self.check_boots("-Dbuildtype=release", "-Db_lto=true", "-Db_ndebug=true", "-Dstrip=true", "-Db_pgo=generate")

    def test_thin_lto_in_a_long_path(self):
        self.check_boots(
            "-Dbuildtype=plain", "-Db_lto=true", "-Db_lto_mode=thin", "-Dc_args=-Oz -fshort-enums -fPIC",
            where="/".join(["long" * 50] * 5),
        )

    def test_sanitizer(self):
        # Once by Meson's option for the guest, which traps its own errors; once among the arguments of every file.
        build = self.build(
            "-Db_sanitize=undefined", "-Db_lundef=false", "-Dc_args=-fsanitize=undefined", "-Dwerror=true"
        )
        for status, output in self.boot(build):
            self.assertEqual(status, 5, output)
            self.assertRegex(output, r"^Hello world\n\s*crash report of build ")
            self.assertIn("undefined behaviour, add overflow", output)


if __name__ == "__main__":
    unittest.main(argv=["settings_test.py"])
