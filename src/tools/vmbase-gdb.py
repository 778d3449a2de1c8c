# SPDX-License-Identifier: Apache-2.0
"""Teaches gdb about guests of vmbase: exceptions in backtraces, exception frames, and a command that runs to main.

`vmbase-run --gdb` loads this script; in a gdb that runs already, `source vmbase-gdb.py` does. gdb itself finds the code
that an exception interrupted (src/exception/frame_cfi.h); this script adds a line to the backtrace that says what the
exception was. It prints a struct vmbase_exception_frame in words. The command `vmbase-main` runs the guest to the
function that VMBASE_MAIN names; after that, a crash stops the guest before it prints its report.
"""

import pathlib
import re

import gdb
import gdb.printing
from gdb.FrameDecorator import FrameDecorator

# src/exception/frame.h: what is at sp for as long as a handler runs.
FRAME_ESR = 272
FRAME_FAR = 280
REGISTER_BYTES = 8

# src/crash/report_entry.S: where a report begins, after an exception and after a panic.
REPORTS = ("vmb_report_exception", "vmb_report_panic")

# src/exception/vectors.S: sixteen slots, of which the first, third, … of each four belong to one handler.
SLOT_BYTES = 128
SLOTS = 16
KINDS = ("synchronous exception", "IRQ", "FIQ", "SError")
ORIGINS = ("main", "a handler", "EL0", "EL0 in AArch32 state")

# The classes that have an address in FAR_EL1.
ABORTS = (0x20, 0x21, 0x22, 0x24, 0x25, 0x34, 0x35)


def read_classes():
    """Returns the names of the exception classes, of src/arch/esr_classes.inc, which is installed with this file."""
    folder = pathlib.Path(__file__).resolve().parent
    name = "esr_classes.inc"
    file = next(path for path in (folder / name, folder.parent / "arch" / name) if path.exists())
    row = re.compile(r'"\\x([0-9a-f]{2})\\x([0-9a-f]{2})" "([^"\\]+)')
    names = {}
    for first, last, text in row.findall(file.read_text(encoding="utf-8")):
        names.update(dict.fromkeys(range(int(first, 16), int(last, 16) + 1), text))
    return names


CLASSES = read_classes()


def address_of(symbol):
    """Returns the address of a symbol of the guest, or None where gdb has no such symbol."""
    try:
        return int(gdb.parse_and_eval(f"(unsigned long)&{symbol}"))
    except gdb.error:
        return None


def read_word(address):
    return int.from_bytes(gdb.selected_inferior().read_memory(address, REGISTER_BYTES), "little")


def slot_of(pc):
    """Returns the number of the vectors' slot that an address is in, or None."""
    vectors = address_of("vmb_vectors")
    if vectors is None or not vectors <= pc < vectors + SLOTS * SLOT_BYTES:
        return None
    return (pc - vectors) // SLOT_BYTES


def describe(esr, far):
    """Returns a syndrome in words."""
    ec = esr >> 26 & 0x3F
    text = CLASSES.get(ec, f"exception class {ec:#x}")
    return f"{text}, address {far:#x}" if ec in ABORTS else text


def function_at(pc):
    """Returns the function that an instruction is in, as gdb has it, or None."""
    try:
        block = gdb.block_for_pc(pc)
    except (RuntimeError, gdb.error):
        return None
    while block and not block.function:
        block = block.superblock
    return block.function if block else None


class SavedFrameDecorator(FrameDecorator):
    """What has saved a struct vmb_frame: a slot of the vectors, or vmbase_panic()."""

    def function(self):
        frame = self.inferior_frame()
        slot = slot_of(frame.pc())
        if slot is None:
            return "<panic>"
        kind = KINDS[slot % len(KINDS)]
        text = f"{kind} out of {ORIGINS[slot // len(KINDS)]}"
        if slot % len(KINDS) == 0:
            sp = int(frame.read_register("sp"))
            text += f": {describe(read_word(sp + FRAME_ESR), read_word(sp + FRAME_FAR))}"
        return f"<{text}>"

    def filename(self):
        return None

    def line(self):
        return None

    def frame_args(self):
        return None


class SavedFrameFilter:
    def __init__(self):
        self.name = "vmbase exception"
        self.priority = 100
        self.enabled = True
        gdb.frame_filters[self.name] = self

    def filter(self, frames):
        for frame in frames:
            inferior = frame.inferior_frame()
            if inferior.type() == gdb.SIGTRAMP_FRAME:
                yield SavedFrameDecorator(frame)
            # Nobody called the first function of all.
            elif inferior.pc() != 0 or inferior.older():
                yield frame


class ExceptionFramePrinter:
    """A struct vmbase_exception_frame: what happened, then the registers."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        elr = int(self.value["elr"])
        function = function_at(elr)
        where = f" in {function}" if function else ""
        return f"{describe(int(self.value['esr']), int(self.value['far']))} at {elr:#x}{where}"

    def children(self):
        # As pointers they are printed in hexadecimal, with the symbols that they are near.
        pointer = gdb.lookup_type("void").pointer()
        for number in range(31):
            yield f"x{number}", self.value["x"][number].cast(pointer)
        for name in ("sp", "elr", "spsr", "esr", "far"):
            yield name, self.value[name].cast(pointer)


class CrashStop(gdb.Breakpoint):
    """Stops before a report, with a line that says so."""

    def __init__(self, address):
        super().__init__(f"*{address:#x}", gdb.BP_HARDWARE_BREAKPOINT, internal=True)
        self.silent = True

    def stop(self):
        print("The guest has crashed: `bt` shows where, and `continue` lets it report.")
        return True


class MainCommand(gdb.Command):
    """Run to the function that VMBASE_MAIN names."""

    def __init__(self):
        super().__init__("vmbase-main", gdb.COMMAND_RUNNING)

    def invoke(self, argument, from_tty):
        # Only there an image that relocates itself has the function's address where it will be.
        if not self._run_to(address_of("vmb_start")):
            raise gdb.GdbError("The symbols are not those of a guest of vmbase, or it did not come to its main.")
        self._run_to(read_word(address_of("vmbase_main")))
        for function in REPORTS:
            if (address := address_of(function)) is not None:
                CrashStop(address)

    @staticmethod
    def _run_to(address):
        if address is None:
            return False
        breakpoint = gdb.Breakpoint(
            f"*{address:#x}", gdb.BP_HARDWARE_BREAKPOINT, internal=True, temporary=True
        )
        breakpoint.silent = True
        gdb.execute("continue")
        return gdb.selected_inferior().pid != 0 and gdb.newest_frame().pc() == address


def register():
    SavedFrameFilter()
    printers = gdb.printing.RegexpCollectionPrettyPrinter("vmbase")
    printers.add_printer("exception frame", "^vmbase_exception_frame$", ExceptionFramePrinter)
    gdb.printing.register_pretty_printer(None, printers, replace=True)
    MainCommand()


register()
