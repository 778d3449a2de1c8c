#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests vmbase-symbolize, and what vmbase-run tells of a crash, with the reports of real guests.

usage: vmbase_symbolize_test.py TOOLS NM DATA_ABORT DATA_ABORT_BIN PANIC PANIC_BIN

TOOLS is the directory of vmbase-symbolize and vmbase-run; then come the guests of test/guest/crash, ELF file and raw
image.
"""

import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

# The scripts' byte code would land in the source tree.
sys.dont_write_bytecode = True

if len(sys.argv) != 7:
    sys.exit(__doc__)
TOOLS, NM, DATA_ABORT, DATA_ABORT_BIN, PANIC, PANIC_BIN = map(os.path.abspath, sys.argv[1:])
SYMBOLIZE = os.path.join(TOOLS, "vmbase-symbolize")
RUN = os.path.join(TOOLS, "vmbase-run")
CRASH_SOURCES = pathlib.Path(__file__).resolve().parent.parent / "guest" / "crash"

# Nothing here takes so long; it only keeps a broken tool from stopping the test for ever.
PATIENCE_SECONDS = 600

ADDRESS = re.compile(rb"0x[0-9a-f]{16}")


def run(*command, log=b"", **options):
    return subprocess.run(
        [str(word) for word in command], input=log, capture_output=True, timeout=PATIENCE_SECONDS, **options
    )


def boot(image):
    """Returns the log of a guest that crashes, and what vmbase-run says to it."""
    result = run(RUN, image)
    if result.returncode != 5:
        raise AssertionError(f"{image} ended with {result.returncode}: {result.stderr.decode()}")
    return result.stdout, result.stderr.decode()


def line_of(source, text):
    """Returns the number of the only line of a guest's source that has the text."""
    numbers = [
        number
        for number, line in enumerate((CRASH_SOURCES / source).read_text().splitlines(), 1)
        if text in line
    ]
    assert len(numbers) == 1, f"{source} has {text} in lines {numbers}"
    return numbers[0]


def symbols(elf):
    lines = run(NM, "--format=posix", elf).stdout.decode().splitlines()
    return {line.split()[0]: int(line.split()[2], 16) for line in lines}


def moved(log, distance):
    """Returns the log as it would be if the image had been loaded elsewhere."""

    def add(match):
        return b"0x%016x" % ((int(match[0], 16) + distance) % 2**64)

    head, mark, backtrace = log.partition(b"backtrace:\n")
    head, offset, rest = head.partition(b"offset 0x0000000000000000")
    assert mark and offset
    offset = b"offset 0x%016x" % (distance % 2**64)
    return head + offset + rest + mark + ADDRESS.sub(add, backtrace)


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.data_abort, cls.data_abort_told = boot(DATA_ABORT_BIN)
        cls.panic, cls.panic_told = boot(PANIC_BIN)
        cls.data_abort_places = [
            f"innermost at {CRASH_SOURCES}/data_abort.c:{line_of('data_abort.c', '*address = 1;')}:",
            f"crash at {CRASH_SOURCES}/data_abort.c:{line_of('data_abort.c', 'innermost((')}:",
            f"guest at {CRASH_SOURCES}/data_abort.c:{line_of('data_abort.c', 'CRASH(crash)')}:",
            "vmb_start at ",
        ]

    def changed_elf(self, name, change):
        """Returns the path of a guest's ELF file after change() of its bytes."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name, name)
        data = bytearray(pathlib.Path(DATA_ABORT).read_bytes())
        change(data)
        path.write_bytes(data)
        return path

    def cut_short(self):
        return self.changed_elf("cut", lambda data: data.__delitem__(slice(100, None)))

    def patched(self, name, offset, patch):
        return self.changed_elf(name, lambda data: data.__setitem__(slice(offset, offset + len(patch)), patch))

    def stripped(self):
        def strip(data):
            (sections,) = struct.unpack_from("<Q", data, 40)
            size, count = struct.unpack_from("<HH", data, 58)
            for header in range(sections, sections + count * size, size):
                if struct.unpack_from("<I", data, header + 4) == (2,):
                    struct.pack_into("<I", data, header + 4, 0)

        return self.changed_elf("stripped", strip)

    def symbolize(self, log, *elfs, status=0, stderr="", **options):
        result = run(SYMBOLIZE, *elfs, log=log, **options)
        self.assertEqual(result.returncode, status, result.stderr)
        self.assertRegex(result.stderr.decode(), rf"\A{stderr}\Z")
        return result.stdout

    def backtrace(self, log):
        """Returns the lines behind `backtrace:`."""
        return log.decode().partition("backtrace:")[2].splitlines()[1:]

    def assert_is_symbolized(self, output, log):
        lines = self.backtrace(log)
        told = self.backtrace(output)
        self.assertEqual(len(told), len(self.data_abort_places))
        for line, address, place in zip(told, lines, self.data_abort_places):
            self.assertTrue(line.startswith(f"{address}: {place}"), line)


class Symbolize(Case):
    def test_addresses_get_function_file_and_line(self):
        self.assert_is_symbolized(self.symbolize(self.data_abort, DATA_ABORT), self.data_abort)

    def test_inlined_functions_have_lines_of_their_own(self):
        first, second, third = self.backtrace(self.symbolize(self.panic, PANIC))
        call = line_of("panic.c", "vmbase_panic(")
        self.assertRegex(first, rf"\A  0x[0-9a-f]{{16}}.*: crash at {CRASH_SOURCES}/panic\.c:{call}:\d+\Z")
        last = line_of("panic.c", "CRASH(crash)")
        self.assertRegex(second, rf"\A {{22}}inlined into guest at {CRASH_SOURCES}/panic\.c:{last}:\d+\Z")
        self.assertIn(": vmb_start at ", third)

    def test_other_lines_stay_byte_for_byte(self):
        noise = bytes(range(256)) + b"\r\n\n  0x0000000040080000\nbacktrace:\n  0x0000000040080000\r\n \xff\xfe\n\0"
        log = noise + b"\n" + self.data_abort + noise
        output = self.symbolize(log, DATA_ABORT)
        self.assertNotEqual(output, log)
        self.assertEqual(re.sub(rb"(?m)^(  0x[0-9a-f]{16}[^:\r\n]*): [^\r\n]*", rb"\1", output), log)
        self.assertEqual(self.symbolize(noise, DATA_ABORT), noise)

    def test_addresses_behind_the_backtrace_stay(self):
        log = self.data_abort + b"and\n  0x0000000040080000\n"
        self.assertTrue(self.symbolize(log, DATA_ABORT).endswith(b"and\n  0x0000000040080000\n"))

    def test_lines_may_end_in_cr_lf(self):
        log = self.panic.replace(b"\n", b"\r\n")
        output = self.symbolize(log, PANIC)
        self.assertEqual(output, self.symbolize(self.panic, PANIC).replace(b"\n", b"\r\n"))

    def test_last_line_needs_no_end(self):
        output = self.symbolize(self.data_abort.rstrip(b"\n"), DATA_ABORT)
        self.assertEqual(output + b"\n", self.symbolize(self.data_abort, DATA_ABORT))

    def test_something_may_stand_before_each_line(self):
        def prefix(log):
            return b"".join(b"serial1| " + line for line in log.splitlines(keepends=True))

        # Not in a line that was not there.
        expected = prefix(self.symbolize(self.panic, PANIC))
        self.assertEqual(self.symbolize(prefix(self.panic), PANIC), expected)

    def test_image_may_have_been_anywhere(self):
        for distance in 0x3FE00000, -0x40080000, 2**48:
            with self.subTest(distance):
                log = moved(self.data_abort, distance)
                self.assert_is_symbolized(self.symbolize(log, DATA_ABORT), log)

    def test_names_of_the_guest_stay(self):
        head, mark, backtrace = self.data_abort.partition(b"backtrace:\n")
        # There may be names already: an option of the build.
        plain = b"".join(b"  " + address + b"\n" for address in ADDRESS.findall(backtrace))
        log = head + mark + plain.replace(b"\n", b" some_name+0x1c\n")
        self.assert_is_symbolized(self.symbolize(log, DATA_ABORT), log)

    def test_address_that_is_nowhere_stays(self):
        head, mark, _ = self.data_abort.partition(b"backtrace:\n")
        log = head + mark + b"  0x0000000000000000\n  0x0000000123456780\n  0x0000000041028000\n"
        self.assertEqual(self.symbolize(log, DATA_ABORT), log)

    def test_return_addresses_are_those_behind_a_call(self):
        head, mark, _ = self.data_abort.partition(b"backtrace:\n")
        addresses = symbols(DATA_ABORT)
        innermost, vectors = addresses["innermost"], addresses["vmb_vectors"]
        names = {address: name for name, address in addresses.items() if address < innermost and name[0] != "$"}
        before = names[max(names)]

        def functions(*lines):
            log = head + mark + b"".join(b"  0x%016x\n" % address for address in lines)
            told = self.backtrace(self.symbolize(log, DATA_ABORT))
            return [line.partition(": ")[2].partition(" at ")[0] for line in told]

        # The first one is that of an instruction, and so is what an exception interrupted.
        self.assertEqual(functions(innermost, innermost), ["innermost", before])
        self.assertEqual(
            functions(innermost, vectors + 24, innermost, innermost),
            ["innermost", "vmb_vectors", "innermost", before],
        )

    def test_another_build_is_left_alone_and_warned_of(self):
        build = re.search(rb"build ([0-9a-f]{40})", self.data_abort)[1].decode()
        output = self.symbolize(
            self.data_abort, PANIC, status=1, stderr=rf"vmbase-symbolize: .* {build}, which is not that of {PANIC}\n"
        )
        self.assertEqual(output, self.data_abort)

    def test_build_without_an_id_is_unknown(self):
        log = re.sub(rb"build [0-9a-f]+", b"build ", self.data_abort)
        output = self.symbolize(log, DATA_ABORT, status=1, stderr="vmbase-symbolize: .* build unknown,.*\n")
        self.assertEqual(output, log)

    def test_the_file_of_the_build_is_found_among_several(self):
        output = self.symbolize(self.data_abort + self.panic, PANIC, DATA_ABORT)
        self.assertEqual(
            output, self.symbolize(self.data_abort, DATA_ABORT) + self.symbolize(self.panic, PANIC)
        )

    def test_line_comes_out_when_it_has_gone_in(self):
        with subprocess.Popen([SYMBOLIZE, DATA_ABORT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            for line in self.data_abort.splitlines(keepends=True):
                process.stdin.write(line)
                process.stdin.flush()
                self.assertTrue(process.stdout.readline().startswith(line.rstrip()))
            process.stdin.close()
            self.assertEqual(process.wait(PATIENCE_SECONDS), 0)

    def test_reader_that_leaves_ends_it_quietly(self):
        pipe = subprocess.PIPE
        with subprocess.Popen([SYMBOLIZE, DATA_ABORT], stdin=pipe, stdout=pipe, stderr=pipe) as process:
            process.stdout.close()
            process.stdin.write(self.data_abort)
            process.stdin.close()
            self.assertEqual(process.stderr.read(), b"")
            self.assertEqual(process.wait(PATIENCE_SECONDS), 141)

    def test_files_that_cannot_be_used_are_refused(self):
        for words, reason in (
            ((), ".*--help.*"),
            (("--no-such-option",), ".*--help.*"),
            (("/nonexistent",), "cannot read /nonexistent: .*"),
            ((__file__,), ".* is not an ELF file"),
            ((self.cut_short(),), ".* is an ELF file, but cut short"),
            (
                (self.patched("machine", 18, b"\x3e\0"),),
                ".* is an ELF file for .*x86-64, not for 64-bit little-endian Arm",
            ),
            ((self.patched("class", 4, b"\1"),), ".* is an ELF file for 32-bit .*, not for .*"),
            ((self.patched("object", 16, b"\1\0"),), ".* nothing to load; is it linked\\?"),
            # One that could be used beside it does not help.
            ((DATA_ABORT, self.patched("machine", 18, b"\x3e\0")), ".*, not for .*"),
            ((self.stripped(),), ".*stripped has no symbols; .*"),
        ):
            with self.subTest(words):
                stderr = f"vmbase-symbolize: {reason}\n"
                self.assertEqual(self.symbolize(b"log\n", *words, status=2, stderr=stderr), b"")

    def test_help_is_the_manual(self):
        self.assertIn(b"Exit status:\n  0 ", self.symbolize(b"", "--help"))


class LlvmSymbolizer(Case):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.bin = pathlib.Path(folder.name)
        (self.bin / "python3").symlink_to(sys.executable)
        self.environment = {"PATH": str(self.bin)}

    def test_one_with_a_version_in_its_name_is_found(self):
        path = shutil.which("llvm-symbolizer")
        (self.bin / "llvm-symbolizer-14").symlink_to(path)
        output = self.symbolize(self.data_abort, DATA_ABORT, env=self.environment)
        self.assert_is_symbolized(output, self.data_abort)

    def test_named_one_is_run(self):
        env = {**self.environment, "LLVM_SYMBOLIZER": shutil.which("llvm-symbolizer")}
        self.assert_is_symbolized(self.symbolize(self.data_abort, DATA_ABORT, env=env), self.data_abort)

    def test_missing_one_is_named(self):
        stderr = "vmbase-symbolize: there is no llvm-symbolizer; .*\n"
        self.symbolize(self.data_abort, DATA_ABORT, status=2, stderr=stderr, env=self.environment)

    def test_one_that_ends_is_named(self):
        env = {**os.environ, "LLVM_SYMBOLIZER": shutil.which("true")}
        stderr = "vmbase-symbolize: llvm-symbolizer ended .*\n"
        self.symbolize(self.data_abort, DATA_ABORT, status=2, stderr=stderr, env=env)


class Run(Case):
    def test_tells_where_the_guest_crashed(self):
        lines = [line.partition("vmbase-run: ")[2] for line in self.data_abort_told.splitlines()]
        self.assertRegex(lines[0], "the guest crashed: sync_exception_current: data abort, .*")
        self.assertEqual(lines[1], "backtrace:")
        output = self.symbolize(self.data_abort, DATA_ABORT).decode().splitlines()
        self.assertEqual(lines[2:], output[output.index("backtrace:") + 1 :])
        # Inlined ones as well.
        self.assertRegex(self.panic_told, "vmbase-run:  +inlined into guest at ")

    def test_says_that_there_are_no_symbols(self):
        stripped = self.stripped()
        _, told = boot(stripped)
        self.assertRegex(told, r"\A.* the guest crashed: .*\n.* cannot tell where: .*stripped has no symbols; .*\n\Z")

    def test_says_what_keeps_it_from_telling_where(self):
        with tempfile.TemporaryDirectory() as folder:
            image = shutil.copy(DATA_ABORT_BIN, f"{folder}/image.bin")
            log, told = boot(image)
            self.assertEqual(log, self.data_abort)
            self.assertRegex(told, r"\A.* the guest crashed: .*\n\Z")
            shutil.copy(PANIC, f"{folder}/image")
            self.assertRegex(boot(image)[1], r"\A.*\n.* is of build .*, which is not that of .*/image\n\Z")
            shutil.copy(DATA_ABORT, f"{folder}/image")
            self.assertIn("innermost at ", boot(image)[1])
            result = run(RUN, image, env={**os.environ, "LLVM_SYMBOLIZER": "/nonexistent"})
            self.assertEqual(result.returncode, 5)
            self.assertRegex(result.stderr.decode(), "cannot tell where: there is no /nonexistent")

    def test_elf_file_tells_where_too(self):
        self.assertIn("innermost at ", boot(DATA_ABORT)[1])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
