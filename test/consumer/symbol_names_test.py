#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds the tree with -Dsymbol_names=true, and compares the names in guests and their reports with the linker's."""

import pathlib
import re
import tempfile
import unittest

import support

# ADDRESS NAME+OFFSET, in a backtrace.
LINE = re.compile(r"  0x([0-9a-f]{16}) (\S+)\+0x([0-9a-f]+)")

GUESTS = ("data_abort", "panic_at_end", "panic_in_handler")
TARGETS = ["libvmbase.a", "libvmbase-crosvm.a", "libvmbase-custom.a", "libvmbase-qemu.a"]
HELLOS = ["hello-qemu"]
if pathlib.Path(support.LIBFDT).is_dir():
    TARGETS.append("libvmbase-generic.a")
    HELLOS.append("hello-generic")


class SymbolNamesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="vmbase-names-")
        cls.addClassCleanup(folder.cleanup)
        cls.root = pathlib.Path(folder.name).resolve()
        cls.build = cls.root / "build"
        support.succeed(
            "meson", "setup", cls.build, support.SOURCE, *support.cross_files(support.SOURCE), "--werror",
            "-Dsymbol_names=true", f"-Dpicolibc={support.PICOLIBC}",
        )
        images = [f"test/guest/{name}.bin" for name in GUESTS]
        libraries = [f"src/{name}" for name in TARGETS]
        images += [f"test/{name}.bin" for name in HELLOS]
        support.succeed("ninja", "-C", cls.build, *images, *libraries)

    def functions(self, elf):
        """Returns the names of each address in the text section."""
        names = {}
        for line in support.succeed(support.NM, "--format=posix", elf).splitlines():
            name, kind, address = line.split()[:3]
            if kind in "tTwW":
                names.setdefault(int(address, 16), set()).add(name)
        return names

    def table(self, elf):
        """Returns (address, name) of each entry of the table in an ELF file, as symbol_names.h has it."""
        symbols = {name: address for address, names in self.all_symbols(elf).items() for name in names}
        binary = self.root / "rodata"
        support.succeed(support.OBJCOPY, "-O", "binary", "--only-section=.rodata", elf, binary)
        begin = symbols["vmb_symbol_names_begin"] - symbols["vmb_rodata_begin"]
        end = symbols["vmb_symbol_names_end"] - symbols["vmb_rodata_begin"]
        data = iter(binary.read_bytes()[begin:end])
        address, name = symbols["vmb_text_begin"], ""
        entries = []
        for byte in data:
            instructions = shift = 0
            while byte >= 0x80:
                instructions |= (byte & 0x7F) << shift
                shift += 7
                byte = next(data)
            address += 4 * (instructions | byte << shift)
            name = name[: next(data)]
            while (byte := next(data)) < 0x80:
                name += chr(byte)
            name += chr(byte & 0x7F)
            entries.append((address, name))
        return entries

    def all_symbols(self, elf):
        names = {}
        for line in support.succeed(support.NM, "--format=posix", elf).splitlines():
            words = line.split()
            names.setdefault(int(words[2], 16), []).append(words[0])
        return names

    def test_table_has_all_functions(self):
        for elf in ("guest/data_abort", *HELLOS):
            elf = self.build / "test" / elf
            with self.subTest(elf.name):
                functions = self.functions(elf)
                entries = self.table(elf)
                start = min(address for address, names in functions.items() if "_start" in names)
                self.assertEqual(entries[0], (start, "_start"))
                self.assertEqual(entries, sorted(set(entries)))
                for address, name in entries:
                    self.assertIn(name, {it[:63] for it in functions[address]})
                # The text's end is no function, and something without a place is at 0.
                missing = set(functions) - {address for address, _ in entries}
                names = {name for address in missing if address != 0 for name in functions[address]}
                self.assertLessEqual(names, {"vmb_text_end"})

    def test_backtrace_has_names(self):
        expected = {
            "data_abort": ["innermost", "crash", "guest", "vmb_start"],
            "panic_at_end": ["fail", "guest", "vmb_start"],
            "panic_in_handler": ["sync_exception_current", "vmb_vectors", "guest", "vmb_start"],
        }
        for guest, names in expected.items():
            for image in (f"{guest}.bin", guest):
                with self.subTest(image):
                    path = self.build / "test" / "guest" / image
                    status, output = support.run(support.SOURCE / "src/tools/vmbase-run", path)
                    self.assertEqual(status, 5, output)
                    # What the guest itself printed ends before vmbase-run's own lines.
                    lines = output.partition("vmbase-run: ")[0].partition("backtrace:\n")[2].splitlines()
                    matches = [LINE.fullmatch(line) for line in lines]
                    self.assertTrue(all(matches), output)
                    self.assertEqual([match[2] for match in matches], names)
                    addresses = {
                        name: address
                        for address, others in self.functions(path.with_suffix("")).items()
                        for name in others
                    }
                    for match in matches:
                        self.assertEqual(int(match[1], 16), addresses[match[2]] + int(match[3], 16))

    def test_cost_is_the_table_and_its_reader(self):
        sizes = [
            image.stat().st_size for image in (self.build / "test" / "hello-qemu.bin", support.HELLO)
        ]
        print(f"# hello with names {sizes[0]} bytes, without {sizes[1]}")
        self.assertGreater(sizes[0], sizes[1])
        # Text is rounded up to a page, which may have been as good as full.
        self.assertLess(sizes[0] - sizes[1], 2048 + 4096)

    def test_installed_flags_link_a_guest_with_names(self):
        installation = support.Installation(self.build, self.root / "installed")
        elf = self.root / "guest"
        support.succeed(
            *support.CC, "-fuse-ld=lld", *installation.flags("vmbase-qemu", "--cflags"),
            support.HERE / "make" / "main.c", *installation.flags("vmbase-qemu", "--libs"), "-o", elf,
            env=installation.environment,
        )
        self.assertIn("vmb_start", {name for _, name in self.table(elf)})

    def test_link_that_fails_says_what_the_linker_says(self):
        tool = support.SOURCE / "src" / "tools" / "vmbase-ld"
        status, output = support.run(tool, "--vmbase-linker=/bin/false", "-o", self.root / "out")
        self.assertEqual((status, output), (1, ""))
        status, output = support.run(tool, "-o", self.root / "out")
        self.assertEqual(status, 1)
        self.assertIn("usage: vmbase-ld", output)

    def test_image_without_symbols_is_refused(self):
        tool = support.SOURCE / "src" / "tools" / "vmbase-ld"
        copy = self.root / "copy"
        # In the linker's place, what writes an ELF file without symbols.
        copy.write_text(
            f'#!/bin/sh\nwhile [ $# -gt 1 ]; do [ "$1" = -o ] && out=$2; shift; done\n'
            f'exec {support.OBJCOPY} --strip-all {self.build}/test/hello-qemu "$out"\n'
        )
        copy.chmod(0o755)
        status, output = support.run(tool, f"--vmbase-linker={copy}", "-o", self.root / "out", "last")
        self.assertEqual(status, 1)
        self.assertRegex(output, "vmbase-ld: .* has no symbol vmb_text_begin")

    def test_functions_that_move_are_refused(self):
        tool = support.SOURCE / "src" / "tools" / "vmbase-ld"
        mover = self.root / "mover"
        # In the linker's place, what gives another image when it is called for the second time.
        mover.write_text(
            f'#!/bin/sh\nwhile [ $# -gt 1 ]; do [ "$1" = -o ] && out=$2; shift; done\n'
            f'image=hello-qemu\n[ "${{1%names.o}}" = "$1" ] || image=guest/data_abort\n'
            f'exec cp {self.build}/test/$image "$out"\n'
        )
        mover.chmod(0o755)
        out = self.root / "moved"
        status, output = support.run(tool, f"--vmbase-linker={mover}", "-o", out, "last")
        self.assertEqual(status, 1)
        self.assertRegex(output, "vmbase-ld: functions moved")
        self.assertFalse(out.exists())


if __name__ == "__main__":
    unittest.main(argv=["symbol_names_test.py"])
