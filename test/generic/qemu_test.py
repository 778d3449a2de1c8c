#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: qemu_test.py [--record FILE] [--form FORM] hello|tap|silent|halt IMAGE [ELF]
   or: qemu_test.py tap|big-endian IMAGE ELF PROGRAM

Boots one image for platform `generic` in QEMU in every way, and prints TAP, a test for each: as raw data at an address
that QEMU does not know, as an Image, and as an ELF file; with each GIC, at EL1 and EL2, with little and much RAM, on
several CPUs. The RAM after raw data is never zero. With --form, only as `raw`, `Image` or `ELF`, at EL1 and EL2.
  hello       The guest prints the example's line.
  tap         The guest prints TAP. With PROGRAM, PROGRAM enters the image from EL2.
  silent      The image finds no device tree, and has to power off without output.
  halt        The image is entered at EL3, and has to halt.
  big-endian  PROGRAM, loaded to PROGRAM_ADDRESS, enters the image big-endian. It has to halt.

With --record, the results are written to FILE for matrix.py. Environment: QEMU_SYSTEM_AARCH64 names another QEMU.
"""

import argparse
import concurrent.futures
import contextlib
import dataclasses
import itertools
import os
import pathlib
import re
import subprocess
import sys
import tempfile

# The modules' byte code would land in the source tree.
sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
TOOLS = HERE.parents[1] / "src" / "tools"
sys.path[:0] = [str(HERE), str(HERE.parent / "kvm"), str(HERE.parent / "map"), str(TOOLS)]

import host
import matrix
from gdb_remote import Failure, Guest, end_on_sigterm
from vmbase_elf import ElfFile

# A place for raw data, far from where the image was linked, at no multiple of 2 MiB, and in the smallest RAM.
RAW_ADDRESS = 0x40FED000
IMAGE_ADDRESS = 0x40200000
PROGRAM_ADDRESS = 0x41000000
# In a GiB that does not begin with QEMU's device tree, nor with RAM that could be taken for it.
TREELESS_ADDRESS = 0x80000000

# The contents of RAM after raw data, where variables, stacks and tables go: no instruction, no descriptor, no address.
DIRT = bytes([0xA5]) * 0x200000

CPUS = ["cortex-a53", "cortex-a72", "neoverse-n1", "max"]
MEMORIES_MIB = [32, 64, 128, 512, 3072, 8192]
FORMS = ("raw", "Image", "ELF")

# Only a guest that hangs runs longer, even on a busy machine.
PATIENCE_SECONDS = 600


@dataclasses.dataclass(frozen=True)
class Case:
    form: str
    gic: int = 3
    el: int = 1
    memory_mib: int = 256
    cpu: str = "max"

    def __str__(self):
        return f"{self.form}, GICv{self.gic}, EL{self.el}, {self.memory_mib} MiB, {self.cpu}"


def all_cases():
    """Returns every combination of form, GIC, exception level and CPU, and all sizes of RAM."""
    cases = [Case(form, gic, el, cpu=cpu) for form, gic, el, cpu in itertools.product(FORMS, (2, 3), (1, 2), CPUS)]
    return cases + [Case(form, memory_mib=mib) for form, mib in itertools.product(FORMS, MEMORIES_MIB)]


def loader(path, address):
    return ["-device", f"loader,file={path.replace(',', ',,')},addr={address:#x},force-raw=on"]


def enter(path, address):
    first, second = loader(path, address)
    return [first, second + ",cpu-num=0"]


def arguments(case, options):
    virtualization = "on" if case.el == 2 else "off"
    machine = f"virt,gic-version={case.gic},virtualization={virtualization},secure={'on' if case.el == 3 else 'off'}"
    words = ["-M", machine, "-cpu", case.cpu, "-m", f"{case.memory_mib}M"]
    if case.form == "raw":
        address = TREELESS_ADDRESS if options.expected == "silent" else RAW_ADDRESS
        dirty = address + pathlib.Path(options.image).stat().st_size
        return words + enter(options.image, address) + loader(options.dirt, dirty)
    if case.form == "program":
        # Only the largest CPU has FEAT_MTE, if the machine has memory for tags.
        words[1] += ",mte=on" if case.cpu == "max" else ""
        return words + enter(options.program, PROGRAM_ADDRESS) + loader(options.image, IMAGE_ADDRESS)
    return words + ["-kernel", options.elf if case.form == "ELF" else options.image]


def run(words):
    """Returns the guest's output and its end: "power-off", "reset", or None if it was still running."""
    with tempfile.TemporaryDirectory() as directory:
        trace = pathlib.Path(directory, "trace")
        command = [
            os.environ.get("QEMU_SYSTEM_AARCH64") or "qemu-system-aarch64",
            *words,
            "-nodefaults", "-display", "none", "-serial", "stdio",
            # A reset ends QEMU as a power-off does; only the latter asks for a shutdown.
            "-no-reboot", "-trace", "qemu_system_shutdown_request", "-D", str(trace),
        ]
        try:
            result = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                timeout=PATIENCE_SECONDS,
                preexec_fn=host.vmbase_run.die_with_parent(),
                check=True,
            )
        except subprocess.TimeoutExpired as timeout:
            return timeout.stdout or b"", None
        ended = "power-off" if trace.exists() and b"shutdown_request" in trace.read_bytes() else "reset"
        return result.stdout, ended


def find_fault(expected, output, end):
    """Returns a sentence on what is wrong, or None."""
    if end != "power-off":
        return f"it ended by {end}" if end else f"it was still running after {PATIENCE_SECONDS} seconds"
    if expected == "silent":
        return "it printed something" if output else None
    if expected == "hello":
        return None if re.fullmatch(rb"Hello world\n", output) else "it printed something else"
    tap = host.vmbase_run.Tap()
    tap.feed(output)
    return tap.finish()


def parse_command_line():
    parser = argparse.ArgumentParser(usage=__doc__.replace("usage: ", "", 1), add_help=False)
    parser.add_argument("--record")
    parser.add_argument("--form", choices=FORMS)
    parser.add_argument("expected", choices=["hello", "tap", "silent", "halt", "big-endian"])
    parser.add_argument("image")
    parser.add_argument("elf", nargs="?")
    parser.add_argument("program", nargs="?")
    return parser.parse_args()


def boot(options):
    """Boots in every way and prints TAP. Returns whether a test failed."""
    if options.expected == "silent":
        cases = [Case("raw", el=el, memory_mib=3072) for el in (1, 2)]
    elif options.program:
        cases = [Case("program", gic, el=2, cpu=cpu) for gic, cpu in itertools.product((2, 3), CPUS)]
    elif options.form:
        cases = [Case(options.form, el=el) for el in (1, 2)]
    else:
        cases = all_cases()
    records = []
    print(f"1..{len(cases)}", flush=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda case: run(arguments(case, options)), cases)
        for number, (case, (output, end)) in enumerate(zip(cases, results), 1):
            fault = find_fault(options.expected, output, end)
            print_test(number, case, fault, output)
            details = {"GIC": f"GICv{case.gic}", "EL": f"EL{case.el}", "RAM": case.memory_mib, "CPU": case.cpu}
            records.append(matrix.Record("QEMU", case.form, "QEMU, TCG", details, not fault))
    if options.record:
        matrix.write(options.record, options.image, records)
    return not all(record.passed for record in records)


def print_test(number, name, fault, output=b""):
    print(f"{'not ' if fault else ''}ok {number} - {name}", flush=True)
    if fault:
        print(f"# {fault}")
        print("".join(f"# {line}\n" for line in output.decode("utf-8", "backslashreplace").splitlines()), end="")


def run_tests(tests):
    """Runs functions, by name, that return a fault or None, and prints TAP. Returns whether a test failed."""
    failed = False
    print(f"1..{len(tests)}", flush=True)
    for number, (name, test) in enumerate(tests.items(), 1):
        try:
            fault = test()
        except Failure as failure:
            fault = str(failure)
        failed = failed or fault is not None
        print_test(number, name, fault)
    return failed


def halt(options):
    """Enters the image in a state in which it must not run, and prints TAP. Returns whether a test failed."""
    elf = ElfFile(options.elf)

    def reaches_halt(case, address):
        with Guest(arguments(case, options)) as guest:
            guest.run_until(address + elf.symbols["vmb_halt"] - elf.symbols["_start"])

    if options.expected == "halt":
        return run_tests({"at EL3": lambda: reaches_halt(Case("raw", el=3), RAW_ADDRESS)})
    return run_tests(
        {
            f"big-endian at EL{el}": lambda el=el: reaches_halt(Case("program", el=el), IMAGE_ADDRESS)
            for el in (1, 2)
        }
    )


@contextlib.contextmanager
def dirt():
    """Gives the path of a file of DIRT, for the options of arguments()."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(DIRT)
        file.flush()
        yield file.name


def main():
    end_on_sigterm()
    options = parse_command_line()
    with dirt() as options.dirt:
        return (halt if options.expected in ("halt", "big-endian") else boot)(options)


if __name__ == "__main__":
    sys.exit(main())
