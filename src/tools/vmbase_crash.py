# SPDX-License-Identifier: Apache-2.0
"""Reads crash reports of guests, and tells the function, file and line of each address of a backtrace."""

import contextlib
import itertools
import os
import re
import shutil
import subprocess

from vmbase_elf import ElfFile, Failure

# llvm-symbolizer has one of these numbers in its name if there is none without a number.
LLVM_VERSIONS = range(40, 10, -1)

# The lines that src/crash/report.c prints. Other text may stand before them in the line.
HEADER = re.compile(rb"crash report of build ([0-9a-f]*), offset 0x([0-9a-f]{16})\s*\Z")
BACKTRACE = re.compile(rb"backtrace:\s*\Z")
ADDRESS = re.compile(rb"  0x([0-9a-f]{16})(?: [^ ]+\+0x[0-9a-f]+)?(\s*)\Z")

# The function from which a handler is called: the next address is that of the interrupted instruction.
VECTORS = "vmb_vectors"


def find_llvm_symbolizer():
    names = ["llvm-symbolizer", *(f"llvm-symbolizer-{version}" for version in LLVM_VERSIONS)]
    if named := os.environ.get("LLVM_SYMBOLIZER"):
        names = [named]
    for name in names:
        if path := shutil.which(name):
            return path
    raise Failure(f"there is no {names[0]}; Debian's package llvm has it")


def has_build(data, build):
    """Returns whether an image or an ELF file contains a report's build id, which is in hexadecimal."""
    # A shorter id might be there by chance.
    return len(build) >= 16 and len(build) % 2 == 0 and data.find(bytes.fromhex(build.decode())) >= 0


class Program:
    """A guest's ELF file, and an llvm-symbolizer that reads it, which is started at the first question."""

    def __init__(self, path):
        self.path = path
        self.process = None
        elf = ElfFile(path)
        elf.need_linked()
        if not elf.has_symbols:
            raise Failure(f"{path} has no symbols; take the file that was not stripped")
        self.data = elf.data
        self.code = [(segment.address, segment.address + segment.memory_size) for segment in elf.code]

    def frames(self, address):
        """Returns a list of (function, place) for a linked address, the innermost inlined function first."""
        # llvm-symbolizer would take any symbol before the address for a function.
        if not any(begin <= address < end for begin, end in self.code):
            return []
        if self.process is None:
            command = [find_llvm_symbolizer(), f"--obj={self.path}", "--output-style=LLVM"]
            try:
                self.process = subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
                )
            except OSError as error:
                raise Failure(f"cannot start {command[0]}: {error.strerror}") from error
        lines = []
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(b"%#x\n" % address)
            self.process.stdin.flush()
        # The answer has two lines for each frame, then an empty line.
        while line := self.process.stdout.readline().decode("utf-8", "surrogateescape").strip():
            lines.append(line)
        if not lines:
            raise Failure(f"llvm-symbolizer ended while it read {self.path}")
        return [
            (function, place(where))
            for function, where in zip(lines[::2], lines[1::2])
            if function != "??"
        ]

    def close(self):
        if self.process:
            # close() writes again the bytes that the process did not read.
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.close()
            self.process.stdout.close()
            self.process.wait()


def place(where):
    """Returns FILE:LINE:COLUMN without the unknown parts, and with a normalized path."""
    path, line, column = where.rsplit(":", 2)
    if path == "??":
        return ""
    known = [number for number in (line, column) if number != "0"]
    return ":".join([os.path.normpath(path), *known])


class Symbolizer:
    """Adds functions, files and lines to the crash reports of a log, line by line."""

    def __init__(self, programs, warn):
        self.programs = programs
        self.warn = warn
        self.program = None  # of the current report
        self.offset = 0
        self.in_backtrace = False
        self.is_return_address = False
        self.unknown_reports = 0

    def line(self, line):
        """Returns the line, or its replacement, with the same line end."""
        if header := HEADER.search(line):
            self._begin(header[1], int(header[2], 16))
        elif self.program and BACKTRACE.search(line):
            self.in_backtrace = True
            self.is_return_address = False
        elif self.in_backtrace and (address := ADDRESS.search(line)):
            return self._address(line, address)
        else:
            self.in_backtrace = False
        return line

    def _begin(self, build, offset):
        self.in_backtrace = False
        self.offset = offset
        self.program = next((program for program in self.programs if has_build(program.data, build)), None)
        if self.program is None:
            self.unknown_reports += 1
            names = ", ".join(program.path for program in self.programs)
            self.warn(f"a report is of build {build.decode() or 'unknown'}, which is not that of {names}")

    def _address(self, line, match):
        # A return address may be the first address of the next line, or even function: look before it.
        linked = (int(match[1], 16) - self.offset - self.is_return_address) % 2**64
        frames = self.program.frames(linked)
        self.is_return_address = not (frames and frames[0][0] == VECTORS)
        if not frames:
            return line
        end = match[2] or b"\n"
        texts = [f"{function} at {where}" if where else function for function, where in frames]
        indent = line[: match.start()] + b" " * len("  0x0123456789abcdef: ")
        first = line[: match.start(2)] + b": " + texts[0].encode("utf-8", "surrogateescape")
        inlined = [indent + b"inlined into " + text.encode("utf-8", "surrogateescape") for text in texts[1:]]
        # The last line of the log may have no end.
        return end.join([first, *inlined]) + match[2]


class CrashReport:
    """Finds the crash report of an image's own build in the guest's output, which arrives in pieces of any size."""

    # A report has fewer lines, and they are shorter.
    LINES_LIMIT = 100
    LINE_LIMIT_BYTES = 4096

    def __init__(self, image_data):
        self.image_data = image_data
        self.partial_line = b""
        self.lines = []

    def feed(self, data):
        *lines, partial = (self.partial_line + data).split(b"\n")
        self.partial_line = partial[: self.LINE_LIMIT_BYTES]
        for line in lines:
            header = HEADER.search(line)
            # The report of another build is a quotation, or comes from a guest inside this guest.
            if header and has_build(self.image_data, header[1]):
                self.lines = [line]
            elif self.lines and len(self.lines) < self.LINES_LIMIT:
                self.lines.append(line)

    def explain(self, path, tell):
        """Calls tell() with what happened and, if `path` is the image's ELF file and not None, with where."""
        # The lines from the second one up to the registers, which are indented.
        words = itertools.takewhile(lambda line: not line.startswith(b"  "), self.lines[1:])
        what = b"; ".join(line.strip() for line in words) or b"its report faulted"
        tell(f"the guest crashed: {what.decode('utf-8', 'backslashreplace')}")
        if path is None:
            return
        try:
            with contextlib.closing(Program(path)) as program:
                symbolizer = Symbolizer([program], tell)
                for line in self.lines:
                    symbolized = symbolizer.line(line)
                    if symbolizer.in_backtrace:
                        for piece in symbolized.decode("utf-8", "surrogateescape").splitlines():
                            tell(piece)
        except Failure as failure:
            tell(f"cannot tell where: {failure}")
