#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: qemu_test.py [--record FILE] [--form FORM] hello|tap|halt IMAGE [ELF]
   or: qemu_test.py big-endian IMAGE PROGRAM

Boots one image for platform `any` in QEMU in every way that there is, and prints TAP, a test for each: as raw data at
an address that QEMU knows nothing of, as an Image, and as an ELF file; with each GIC, at EL1 and EL2, with little and
much RAM, on several CPUs; with --form only as `raw`, `Image` or `ELF`, at EL1 and EL2. `hello` and `tap` say what the guest prints. `halt` expects of it that it stops without a
word, at EL3; `big-endian` the same where PROGRAM, loaded to PROGRAM_ADDRESS, enters it.

With --record, what ran is remembered for matrix.py. The environment variable QEMU_SYSTEM_AARCH64 may name another QEMU.
"""

import argparse
import concurrent.futures
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
sys.path[:0] = [str(HERE), str(HERE.parent / "kvm")]

import host
import matrix

# A place for raw data, far from where the image was linked, at no multiple of 2 MiB, and in the smallest RAM.
RAW_ADDRESS = 0x40FED000
IMAGE_ADDRESS = 0x40200000
PROGRAM_ADDRESS = 0x41000000

CPUS = ["cortex-a53", "cortex-a72", "neoverse-n1", "max"]
MEMORIES_MIB = [32, 64, 128, 512, 3072, 8192]
FORMS = ("raw", "Image", "ELF")

# Nothing takes so long; only a guest that hangs is still running then.
PATIENCE_SECONDS = 30
# How long a guest that halts is watched.
HALT_SECONDS = 2


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
    """Every combination of what concerns the CPU, and all sizes of RAM."""
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
        return words + enter(options.image, RAW_ADDRESS)
    return words + ["-kernel", options.elf if case.form == "ELF" else options.image]


def run(words, seconds):
    """Returns what the guest printed, and how it ended: power-off, reset, or None if it was still running."""
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
                timeout=seconds,
                preexec_fn=host.vmbase_run.die_with_parent(),
                check=True,
            )
        except subprocess.TimeoutExpired as timeout:
            return timeout.stdout or b"", None
        ended = "power-off" if trace.exists() and b"shutdown_request" in trace.read_bytes() else "reset"
        return result.stdout, ended


def find_fault(expected, output, end):
    """Returns a sentence on what is wrong, or None."""
    if expected == "halt":
        return f"it printed, or ended by {end}" if output or end else None
    if end != "power-off":
        return f"it ended by {end}" if end else f"it was still running after {PATIENCE_SECONDS} seconds"
    if expected == "hello":
        return None if re.fullmatch(rb"Hello world\n", output) else "it printed something else"
    tap = host.vmbase_run.Tap()
    tap.feed(output)
    return tap.finish()


def parse_command_line():
    parser = argparse.ArgumentParser(usage=__doc__.replace("usage: ", "", 1), add_help=False)
    parser.add_argument("--record")
    parser.add_argument("--form", choices=FORMS)
    parser.add_argument("expected", choices=["hello", "tap", "halt", "big-endian"])
    parser.add_argument("image")
    parser.add_argument("elf", nargs="?")
    return parser.parse_args()


def commands(options):
    """Returns the tests: their names, cases if they are ways to boot, QEMU's arguments."""
    if options.expected == "halt":
        return [("at EL3", None, arguments(Case("raw", el=3), options))]
    if options.expected == "big-endian":
        tests = []
        for el in (1, 2):
            words = arguments(Case("Image", el=el), options)[:-2]
            words += enter(options.elf, PROGRAM_ADDRESS) + loader(options.image, IMAGE_ADDRESS)
            tests.append((f"big-endian at EL{el}", None, words))
        return tests
    cases = [Case(options.form, el=el) for el in (1, 2)] if options.form else all_cases()
    return [(str(case), case, arguments(case, options)) for case in cases]


def main():
    options = parse_command_line()
    halts = options.expected in ("halt", "big-endian")
    expected = "halt" if halts else options.expected
    tests = commands(options)
    records = []
    failed = False
    print(f"1..{len(tests)}", flush=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        seconds = HALT_SECONDS if halts else PATIENCE_SECONDS
        results = pool.map(lambda test: run(test[2], seconds), tests)
        for number, ((name, case, _), (output, end)) in enumerate(zip(tests, results), 1):
            fault = find_fault(expected, output, end)
            failed = failed or bool(fault)
            print(f"{'not ' if fault else ''}ok {number} - {name}", flush=True)
            if fault:
                print(f"# {fault}")
                print("".join(f"# {line}\n" for line in output.decode("utf-8", "backslashreplace").splitlines()))
            if case:
                records.append(matrix.Record(
                    vmm="QEMU", form=case.form, by="QEMU, TCG",
                    details={
                        "GIC": f"GICv{case.gic}", "EL": f"EL{case.el}", "RAM": case.memory_mib, "CPU": case.cpu,
                    },
                    passed=not fault,
                ))
    if options.record:
        matrix.write(options.record, options.image, records)
    return failed


if __name__ == "__main__":
    sys.exit(main())
