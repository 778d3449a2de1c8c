#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests prepare.py and the reading of apt's sources, with other programs in the place of apt's."""

import os
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

sys.dont_write_bytecode = True
import prepare
import apt_sources

MIRROR = apt_sources.Source("http://mirror.example/debian", ["bookworm"], ["main"], {})

# It packs what is asked for as a file of that name; what is unpacked from it is a kernel and busybox.
APT_GET = """#!/bin/sh
while [ "$#" -gt 0 ]; do
	case $1 in
	update) echo update >>"$LOG"; exit ;;
	download) echo "download $2" >>"$LOG"; echo "$2" >"$2.deb"; exit ;;
	install) echo "E: Unable to locate package $2 at http://mirror.example/debian" >&2; exit 100 ;;
	esac
	shift
done
"""
APT_CACHE = """#!/bin/sh
case $* in
*show*) echo "Depends: linux-image-9.9-cloud-arm64 (= 9.9-1)" ;;
*pkgnames*) echo linux-image-9.9-cloud-arm64 ;;
esac
"""
DPKG_DEB = """#!/bin/sh
mkdir -p "$3/boot" "$3/bin"
cp "$2" "$3/boot/vmlinuz-9.9"
cp "$2" "$3/bin/busybox"
"""


def sources(one_line="", deb822=""):
    return apt_sources.parse_one_line(one_line) + apt_sources.parse_deb822(deb822)


def mirrors(*texts):
    return [source.uri for source in apt_sources.debian_mirrors(sources(*texts))]


class AptSourcesTest(unittest.TestCase):
    def test_one_line_with_options(self):
        options = "[ arch=amd64,arm64 signed-by=/a/b.gpg trusted=yes ]"
        (source,) = sources(f"deb {options} http://m/debian sid main contrib # x\n")
        self.assertEqual((source.uri, source.suites), ("http://m/debian", ["sid"]))
        self.assertEqual(source.components, ["main", "contrib"])
        self.assertEqual(source.options, {"signed-by": "/a/b.gpg", "trusted": "yes"})

    def test_comments_and_sources_of_sources_are_none(self):
        self.assertEqual(sources("# deb http://m/debian sid main\ndeb-src http://m/debian sid main\n"), [])
        self.assertEqual(sources(deb822="Types: deb-src\nURIs: http://m/debian\nSuites: sid\nComponents: main\n"), [])

    def test_deb822_with_comments_and_an_embedded_key(self):
        text = (
            "# a comment\nTypes: deb deb-src\n# another\nURIs: http://a/debian http://b/debian\nSuites: sid\n trixie\n"
            "Components: main\nArchitectures: amd64\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n xyz=\n"
            "\n"
            "Enabled: no\nTypes: deb\nURIs: http://c/debian\nSuites: sid\nComponents: main\n"
        )
        first, second = sources(deb822=text)
        self.assertEqual([first.uri, second.uri], ["http://a/debian", "http://b/debian"])
        self.assertEqual(first.suites, ["sid", "trixie"])
        self.assertEqual(first.options, {"signed-by": "-----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n xyz="})
        again = sources(deb822=apt_sources.deb822(first, "bookworm"))
        self.assertEqual(again, [apt_sources.Source(first.uri, ["bookworm"], ["main"], first.options)])

    def test_only_mirrors_of_debian_count(self):
        self.assertEqual(
            mirrors(
                "deb http://a/ubuntu jammy main\n"
                "deb http://b/debian-security bookworm-security main\n"
                "deb http://c/docker bookworm stable\n"
                "deb http://d/cloud cloud-sdk-bookworm main\n"
                "deb cdrom:[Debian]/ bookworm main\n"
            ),
            [],
        )

    def test_the_main_archive_comes_first_and_once(self):
        self.assertEqual(
            mirrors(
                "deb http://vendor/apt bookworm main\n"
                "deb http://m/debian bookworm-updates main\n"
                "deb http://n/debian/ bookworm main\n"
                "deb http://n/debian bookworm-backports main\n"
            ),
            ["http://n/debian/", "http://m/debian", "http://vendor/apt"],
        )

    def test_read_takes_both_formats_and_no_other_file(self):
        with tempfile.TemporaryDirectory() as name:
            parts = pathlib.Path(name) / "sources.list.d"
            parts.mkdir()
            (parts.parent / "sources.list").write_text("deb http://1/debian sid main\n")
            (parts / "b.sources").write_text("Types: deb\nURIs: http://3/debian\nSuites: sid\nComponents: main\n")
            (parts / "a.list").write_text("deb http://2/debian sid main\n")
            (parts / "c.list.save").write_text("deb http://4/debian sid main\n")
            self.assertEqual([source.uri[7] for source in apt_sources.read(name)], ["1", "2", "3"])
            self.assertEqual(apt_sources.read(f"{name}/nothing"), [])


class PrepareTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="vmbase-prepare-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.directory = self.root / "kvm-host"
        self.log = self.root / "log"
        self.log.touch()
        self.bin = self.root / "bin"
        self.bin.mkdir()
        self.add_program("apt-get", APT_GET)
        self.add_program("apt-cache", APT_CACHE)
        self.add_program("dpkg-deb", DPKG_DEB)

    def add_program(self, name, text):
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def prepare(self, found=(MIRROR,)):
        """Runs prepare.py with these sources; returns the calls of apt-get."""
        self.log.write_text("")
        environment = {"PATH": f"{self.bin}:{os.environ['PATH']}", "LOG": str(self.log)}
        with mock.patch.dict(os.environ, environment), mock.patch("apt_sources.read", lambda: list(found)):
            with mock.patch("sys.argv", ["prepare.py", str(self.directory)]), mock.patch("builtins.print"):
                prepare.main()
        return self.log.read_text().splitlines()

    def pieces(self):
        return sorted(path.name for path in self.directory.iterdir() if path.name not in ("lock", "recipe"))

    def reason(self, name):
        return (self.directory / f"{name}.missing").read_text()

    def test_what_can_be_had_is_there_and_the_rest_has_a_reason(self):
        self.prepare()
        self.assertEqual(self.pieces(), ["busybox", "linux-6.1", "linux-7", "qemu.missing"])
        self.assertEqual((self.directory / "linux-7").read_text(), "linux-image-9.9-cloud-arm64\n")
        self.assertIn("Unable to locate package", self.reason("qemu"))

    def test_a_reason_does_not_name_the_mirror(self):
        self.prepare()
        self.assertNotIn("mirror.example", self.reason("qemu"))

    def test_what_is_there_is_not_fetched_again(self):
        self.prepare()
        (self.directory / "qemu").mkdir()
        self.assertEqual(self.prepare(), [])

    def test_only_what_is_missing_is_fetched(self):
        self.prepare()
        (self.directory / "linux-7").unlink()
        (self.directory / "qemu").mkdir()
        self.assertEqual(self.prepare(), ["update", "download linux-image-9.9-cloud-arm64"])

    def test_what_an_interrupted_call_left_is_not_taken_for_a_piece(self):
        (self.directory / "apt-bookworm").mkdir(parents=True)
        (self.directory / "busybox.partial").write_text("half of it")
        self.prepare()
        self.assertEqual(self.pieces(), ["busybox", "linux-6.1", "linux-7", "qemu.missing"])
        self.assertEqual((self.directory / "busybox").read_text(), "busybox-static\n")

    def test_an_interruption_leaves_no_piece(self):
        def copy_half(_, target):
            target.write_text("half of it")
            raise KeyboardInterrupt

        with mock.patch("prepare.shutil.copy2", copy_half), self.assertRaises(KeyboardInterrupt):
            self.prepare()
        self.assertNotIn("busybox", self.pieces())

    def test_another_recipe_starts_anew(self):
        self.prepare()
        (self.directory / "recipe").write_text("0")
        (self.directory / "busybox").write_text("old")
        self.prepare()
        self.assertEqual((self.directory / "busybox").read_text(), "busybox-static\n")

    def test_without_a_mirror_all_is_missing(self):
        self.assertEqual(self.prepare(found=()), [])
        self.assertEqual(len(self.pieces()), 4)
        self.assertIn("no mirror of Debian", self.reason("busybox"))

    def test_the_next_mirror_is_tried(self):
        self.add_program("apt-cache", "#!/bin/sh\ngrep -q mirror.example debian.sources || exit 1\n" + APT_CACHE)
        self.prepare(found=(apt_sources.Source("http://vendor/debian", ["bookworm"], ["main"], {}), MIRROR))
        self.assertIn("busybox", self.pieces())

    def test_a_network_that_hangs_is_given_up(self):
        self.add_program("apt-get", "#!/bin/sh\nexec sleep 60\n")
        with mock.patch("prepare.DEADLINE_SECONDS", 0):
            self.prepare()
        self.assertIn("took too long", self.reason("busybox"))

    def test_once_it_can_be_had_the_reason_goes(self):
        self.prepare(found=())
        self.prepare()
        self.assertEqual(self.pieces(), ["busybox", "linux-6.1", "linux-7", "qemu.missing"])


if __name__ == "__main__":
    unittest.main()
