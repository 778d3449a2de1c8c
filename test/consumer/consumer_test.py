#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds and boots projects outside the tree that get vmbase through a wrap file."""

import os
import pathlib
import re
import shlex
import shutil
import tempfile
import unittest

import support

TAG = "under-test"

WRAP = """[wrap-git]
url = {url}
revision = {revision}
depth = 1

[provide]
dependency_names = vmbase
"""


def make_repository(path):
    """Makes a git repository of the working tree, to be cloned; returns the names of its files."""
    names = support.copy_sources(path)
    # The user's own configuration may sign commits or run hooks.
    env = support.environment(GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_NOSYSTEM="1")
    who = ("-c", "user.name=consumer", "-c", "user.email=consumer@localhost")
    for command in (
        ("init", "--quiet"),
        # All files: what the tree ignores has not been copied.
        ("add", "--all", "--force"),
        (*who, "commit", "--quiet", "--message", "The tree under test"),
        ("tag", TAG),
    ):
        support.succeed("git", *command, cwd=path, env=env)
    return names


class Consumer:
    """A project in a directory of its own, made with the commands that the README tells a stranger."""

    def __init__(self, root, name):
        self.path = root / name
        self.vmbase = self.path / "subprojects" / "vmbase"
        shutil.copytree(support.HERE / name, self.path)
        self.vmbase.parent.mkdir()
        wrap = WRAP.format(url=(root / "vmbase.git").as_uri(), revision=TAG)
        (self.path / "subprojects" / "vmbase.wrap").write_text(wrap)

        self.run("meson", "subprojects", "download", "vmbase")
        self.setup_output = self.run(
            "meson", "setup", "build", *support.cross_files("subprojects/vmbase"), *support.options()
        )
        self.compile()

    def run(self, *command):
        return support.succeed(*command, cwd=self.path)

    def compile(self):
        return self.run("meson", "compile", "-C", "build")

    def boot(self, image):
        return self.run(self.vmbase / "src" / "tools" / "vmbase-run", "--tap", f"build/{image}")

    def append(self, name, text):
        with (self.path / name).open("a") as file:
            file.write(text)


class ConsumerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="vmbase-consumer-")
        cls.addClassCleanup(folder.cleanup)
        # A path with a link in it would differ from those that tools print.
        cls.root = pathlib.Path(folder.name).resolve()
        cls.names = make_repository(cls.root / "vmbase.git")
        cls.qemu = Consumer(cls.root, "qemu")
        cls.custom = Consumer(cls.root, "custom")
        cls.cxx = Consumer(cls.root, "cxx")

    def test_the_wrap_fetches_the_tree_under_test(self):
        for consumer in (self.qemu, self.custom, self.cxx):
            for name in self.names:
                copy = consumer.vmbase / name
                self.assertTrue(copy.is_symlink() or copy.is_file(), f"{name} is not in the clone")

    def test_setup_prints_no_warning(self):
        for consumer in (self.qemu, self.custom, self.cxx):
            self.assertNotIn("WARNING", consumer.setup_output)

    def test_meson_test_boots_the_guest(self):
        for consumer in (self.qemu, self.custom, self.cxx):
            with self.subTest(consumer.path.name):
                output = consumer.run("meson", "test", "--timeout-multiplier", "20", "-C", "build")
                self.assertRegex(output, r" hello +OK .* \d+ subtests passed")
                if consumer is not self.custom and pathlib.Path(support.LIBFDT).is_dir():
                    self.assertRegex(output, r" hello for generic +OK .* \d+ subtests passed")

    def test_vmbase_run_boots_the_image(self):
        self.assertEqual(self.qemu.boot("hello-qemu.bin"), "1..1\nok 1\n")
        self.assertEqual(self.custom.boot("hello.bin"), "1..1\nok 1\n")

    def test_a_guest_in_cxx_that_calls_a_pure_virtual_function_says_so(self):
        run = self.cxx.vmbase / "src" / "tools" / "vmbase-run"
        status, output = support.run(run, self.cxx.path / "build" / "pure_virtual-qemu.bin")
        self.assertEqual(status, 5, output)
        self.assertIn("panic: C++: a pure virtual function was called", output)

    def test_one_build_directory_links_a_program_for_two_platforms(self):
        build = self.qemu.path / "build"
        entries = {}
        for platform in ("qemu", "crosvm"):
            # Raw, for vmbase-run would boot an ELF file as well.
            self.assertNotIn((build / f"hello-{platform}.bin").read_bytes()[:4], (b"", b"\x7fELF"))
            names = support.succeed(support.NM, build / f"hello-{platform}").splitlines()
            entries[platform] = next(int(line[:16], 16) for line in names if line.endswith(" _start"))
        self.assertEqual(entries, {"qemu": 0x40080000, "crosvm": 0x80200000})

    def test_nothing_is_left_to_build(self):
        for consumer in (self.qemu, self.custom, self.cxx):
            self.assertIn("no work to do", consumer.compile())

    def check_rebuild(self, consumer, name, text, symbol, elf, image):
        """Appends to a source file and expects the symbol that it defines in a new ELF file and image."""
        consumer.compile()
        times = [(consumer.path / "build" / file).stat().st_mtime_ns for file in (elf, image)]
        consumer.append(name, text)
        consumer.compile()
        self.assertIn(symbol, support.symbols(consumer.path / "build" / elf))
        for before, file in zip(times, (elf, image)):
            self.assertGreater((consumer.path / "build" / file).stat().st_mtime_ns, before, file)

    def test_an_edit_of_the_image_script_relinks(self):
        self.check_rebuild(
            self.custom, "image.ld", "edit_of_image = 1;\n", "edit_of_image", "hello", "hello.bin"
        )

    def test_an_edit_of_the_map_relinks(self):
        edit = "\n\t.global edit_of_idmap\n\t.set edit_of_idmap, 1\n"
        self.check_rebuild(self.custom, "idmap.S", edit, "edit_of_idmap", "hello", "hello.bin")

    def test_an_edit_of_a_script_of_the_library_relinks(self):
        for name in ("sections.ld", "qemu.ld"):
            with self.subTest(name):
                symbol = "edit_of_" + name.replace(".", "_")
                self.check_rebuild(
                    self.qemu,
                    f"subprojects/vmbase/linker/{name}",
                    f"{symbol} = 1;\n",
                    symbol,
                    "hello-qemu",
                    "hello-qemu.bin",
                )


class ReadmeTest(unittest.TestCase):
    """The project that the README shows, word for word."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="vmbase-readme-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        self.project = self.root / "project"
        (self.project / "subprojects").mkdir(parents=True)
        make_repository(self.root / "vmbase.git")
        readme = (support.SOURCE / "README.md").read_text(encoding="utf-8")
        self.sections = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", readme, re.MULTILINE | re.DOTALL))
        (self.project / "main.c").write_text(self.block("Hello world", "c"))
        (self.project / "meson.build").write_text(self.block("In your own project", "meson"))
        wrap = self.block("In your own project", "ini")
        wrap = re.sub("^url = .*", f"url = {(self.root / 'vmbase.git').as_uri()}", wrap, flags=re.MULTILINE)
        wrap = re.sub("^revision = .*", f"revision = {TAG}", wrap, flags=re.MULTILINE)
        (self.project / "subprojects" / "vmbase.wrap").write_text(wrap)

    def block(self, section, language):
        """Returns the first block of code in a section."""
        return re.search(rf"^```{language}\n(.*?)^```$", self.sections[section], re.MULTILINE | re.DOTALL)[1]

    def run_commands(self, *cross_files):
        """Runs the commands of the README, and returns what each of them printed."""
        outputs = {}
        for line in self.block("In your own project", "sh").splitlines():
            command = shlex.split(line, comments=True)
            if command[0].endswith("fetch_libfdt.py"):
                # The machine has it already.
                shutil.copytree(support.LIBFDT, self.project / "subprojects" / "vmbase" / "build" / "libfdt")
                continue
            if command[:2] == ["meson", "setup"]:
                command += support.cross_files("subprojects/vmbase")[2:]
                command += [f"-Dvmbase:picolibc={support.PICOLIBC}", *cross_files]
            outputs[line] = support.succeed(*command, cwd=self.project)
        return outputs

    @unittest.skipUnless(os.path.isdir(support.LIBFDT), "there is no libfdt")
    def test_the_snippets_pass_together(self):
        outputs = self.run_commands()
        tests = [output for line, output in outputs.items() if "meson test" in line]
        self.assertRegex(tests[0], r" hello +OK ")
        self.assertRegex(tests[0], r"Fail: +0\b")
        runs = [output for line, output in outputs.items() if "meson compile -C build run" in line]
        # Meson may print its own lines after those of the guest.
        self.assertRegex(runs[0], r"(?m)^Hello world$")
        self.assertEqual(support.run("meson", "devenv", "-C", "build", "vmbase-run", "--help", cwd=self.project)[0], 0)

        # A guest that prints something else fails.
        source = self.project / "main.c"
        source.write_text(source.read_text().replace("Hello world", "Hello"))
        status, output = support.run("meson", "test", "-C", "build", cwd=self.project)
        self.assertNotEqual(status, 0)
        self.assertRegex(output, r" hello +FAIL ")

    @unittest.skipUnless(os.path.isdir(support.LIBFDT), "there is no libfdt")
    def test_meson_runs_a_guest_by_itself(self):
        version = tuple(int(number) for number in re.findall(r"\d+", support.succeed("meson", "--version"))[:2])
        if version < (1, 3):
            self.skipTest("Meson before 1.3 does not know @DIRNAME@ in cross files")
        with (self.project / "meson.build").open("a") as file:
            file.write("test('the program itself', hello)\n")
        outputs = self.run_commands("--cross-file", "subprojects/vmbase/cross/vmbase-run.ini")
        tests = [output for line, output in outputs.items() if "meson test" in line]
        self.assertRegex(tests[0], r" the program itself +OK ")


if __name__ == "__main__":
    unittest.main(argv=["consumer_test.py"])
