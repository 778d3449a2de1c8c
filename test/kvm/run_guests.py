#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: run_guests.py [OPTION...] DIRECTORY KERNEL --case NAME IMAGE [CASE-OPTION...] [--case ...]...

Boots an arm64 host once, runs a guest in it for each case, under real KVM, and prints TAP, a test for a case. A guest
that hangs, or that the host did not come to, has failed. Where the host cannot be booted all is skipped.

DIRECTORY is what prepare.py has filled, unless the environment variable VMBASE_KVM_HOST names another.
KERNEL is the name of its kernel there.

Options:
  --vmm FILE                Run guests with this VMM; without it, with QEMU.
  --kernel-argument=WORD    More for the host kernel's command line.
  --cpu MODEL               The host's CPU, as QEMU has it.
  --qemu-from VERSION       Skip all, without booting the host, if the QEMU that runs the host is older: "9.0".
  --host-is PATTERN         Skip all unless the host says this of itself, anywhere: the kernel may be too old.
  --skip REASON             Only print that all is skipped, and why.
  --record FILE IMAGE       Remember in FILE how the cases ended that have --matrix, for any/matrix.py. They are all
                            of this raw image.

Options of a case:
  --tap               The guest has to print a TAP plan and meet it.
  --expect FILE       The guest has to print these lines, as qemu/expect.py has it.
  --line=PATTERN      Likewise, for a line or two: they come behind FILE's.
  --end END           How it has to end: power-off (the default), reset, or, of the VMM, stopped or failed.
  --report=PATTERN    A line of the VMM's report, as a line of --expect. In their absence, what must not be there is
                      a stray access.
  --dtb FILE          A device tree, for the VMM's --dtb.
  --vmm-argument=WORD More for the VMM's command line.
  --matrix VMM FORM   What it is in the matrix: whose machine, and what that takes the image for.
"""

import argparse
import json
import os
import pathlib
import re
import signal
import sys

# The modules' byte code would land in the source tree.
sys.dont_write_bytecode = True
import host

expect = host.load_module(host.HERE.parent / "qemu" / "expect.py")
matrix = host.load_module(host.HERE.parent / "any" / "matrix.py")

# Guests need a second or two, and no machine is so busy that they need this long: only a guest that hangs meets it.
# The VMM's own time-out comes before and tells where the guest is.
JOB_SECONDS = 120
VMM_SECONDS = 100
# Meson's time-out is longer, so that a host that hangs still gets its cases reported.
HOST_SECONDS = 3000

# How much of an output is shown: its end.
SHOWN_LINES = 100
SHOWN_LINE_CHARACTERS = 500


class Vmm:
    """Guests of our own VMM: their serial lines and its report are on its standard output."""

    BY = "its machine in `test/kvm/vmm`"
    ENDS = {0: "power-off", 1: "failed", 2: "reset", 3: "stopped"}
    SERIAL = b"serial1| "
    # Guests with several CPUs run them at the same time.
    HOST_CPUS = 2

    @staticmethod
    def command(image, arguments):
        return ["/vmm", "--timeout", str(VMM_SECONDS), *arguments, image]

    @classmethod
    def end(cls, result):
        return cls.ENDS.get(result.status, f"status {result.status} of the VMM")

    @classmethod
    def serial(cls, result):
        lines = result.files["stdout"].splitlines(keepends=True)
        return b"".join(line[len(cls.SERIAL) :] for line in lines if line.startswith(cls.SERIAL))

    @classmethod
    def report(cls, result):
        lines = result.files["stdout"].splitlines(keepends=True)
        return b"".join(line for line in lines if not line.startswith(cls.SERIAL))


class Qemu:
    """Guests of QEMU/KVM. Its monitor tells of their ends, as in vmbase-run."""

    BY = "QEMU, KVM"
    ENDS = {"guest-shutdown": "power-off", "guest-reset": "reset"}
    # QEMU emulates a single CPU faster, for its atomic accesses then take no locks.
    HOST_CPUS = 1

    @staticmethod
    def command(image, arguments):
        return ["qemu-guest", image, *arguments]

    @classmethod
    def end(cls, result):
        if result.status != 0:
            return f"status {result.status} of QEMU"
        for line in result.files["stdout"].splitlines():
            message = json.loads(line)
            if message.get("event") == "SHUTDOWN":
                return cls.ENDS.get(message["data"]["reason"], message["data"]["reason"])
        return "an end that QEMU did not tell"

    @staticmethod
    def serial(result):
        return result.files.get("serial", b"")

    @staticmethod
    def report(_):
        return b""


def text(data):
    return data.decode("utf-8", "backslashreplace")


def find_fault(case, machine, result):
    """Returns a sentence on what is wrong with the result of a case, or None."""
    if result is None:
        return "it was never run"
    if result.status is None:
        return "the host ended while it ran"
    if result.status == 128 + signal.SIGKILL:
        return f"it was still running after {result.ended - result.started:.0f} seconds, or was killed for its memory"
    if result.status == 128 + signal.SIGXFSZ:
        return "it printed without an end"
    end = machine.end(result)
    if end != case.end:
        return f"it ended with {end}, not {case.end}"
    if case.tap:
        tap = host.vmbase_run.Tap()
        tap.feed(machine.serial(result))
        if fault := tap.finish():
            return fault
    patterns = (expect.read_patterns(case.expect) if case.expect else []) + case.line
    if patterns and (fault := expect.find_mismatch(patterns, text(machine.serial(result)))):
        return fault
    if fault := expect.find_mismatch(case.report or ["!vmm: stray .*"], text(machine.report(result))):
        return f"of the VMM's report: {fault}"
    return None


def print_diagnostic(title, data):
    """Prints bytes from a guest so that no line of them can count as TAP."""
    for line in text(data).splitlines()[-SHOWN_LINES:]:
        shown = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in line[:SHOWN_LINE_CHARACTERS])
        print(f"# {title}: {shown}")


def print_test(number, case, fault, result):
    print(f"{'not ok' if fault else 'ok'} {number} - {case.name}")
    if fault:
        print(f"# {fault}")
        for name, data in result.files.items() if result else ():
            print_diagnostic(name, data)
    if result and result.ended is not None:
        print(f"# {result.ended - result.started:.2f} s")


def record(case, machine, kernel, fault):
    """Returns a row's part of the matrix."""
    vmm, form = case.matrix
    version = kernel.removeprefix("linux-")
    details = {
        "host": f"Linux {version}" if "." in version else f"Linux {version}.x",
        "VM": "protected VM" if "--protected" in case.vmm_argument else "ordinary VM",
    }
    return matrix.Record(vmm=vmm, form=form, by=machine.BY, details=details, passed=not fault)


def parse_command_line(words):
    split = words.index("--case") if "--case" in words else len(words)
    usage = __doc__.replace("usage: ", "", 1)
    parser = argparse.ArgumentParser(usage=usage, add_help=False, allow_abbrev=False)
    parser.add_argument("--vmm")
    parser.add_argument("--kernel-argument", action="append", default=[])
    parser.add_argument("--cpu", default=host.Host.CPU)
    parser.add_argument("--qemu-from")
    parser.add_argument("--host-is")
    parser.add_argument("--skip")
    parser.add_argument("--record", nargs=2)
    parser.add_argument("directory")
    parser.add_argument("kernel")
    options = parser.parse_args(words[:split])

    case_parser = argparse.ArgumentParser(usage=usage, add_help=False, allow_abbrev=False)
    case_parser.add_argument("name")
    case_parser.add_argument("image")
    case_parser.add_argument("--tap", action="store_true")
    case_parser.add_argument("--expect")
    case_parser.add_argument("--line", action="append", default=[])
    case_parser.add_argument("--end", default="power-off")
    case_parser.add_argument("--report", action="append", default=[])
    case_parser.add_argument("--dtb")
    case_parser.add_argument("--vmm-argument", action="append", default=[])
    case_parser.add_argument("--matrix", nargs=2)
    cases = []
    while split < len(words):
        begin = split + 1
        split = words.index("--case", begin) if "--case" in words[begin:] else len(words)
        case = case_parser.parse_args(words[begin:split])
        if not (case.tap or case.expect or case.line or case.report):
            case_parser.error(f"nothing is expected of {case.name}")
        cases.append(case)
    if not cases:
        parser.error("there are no cases")
    return options, cases


def main():
    options, cases = parse_command_line(sys.argv[1:])
    if options.skip:
        print(f"1..0 # SKIP {options.skip}")
        return
    # Meson's way of saying that the time is over; temporary files are not left behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    directory = pathlib.Path(os.environ.get("VMBASE_KVM_HOST") or options.directory)
    machine = Vmm if options.vmm else Qemu
    arm64 = host.Host(directory, options.kernel, options.kernel_argument, machine.HOST_CPUS, options.cpu)
    jobs = []
    for number, case in enumerate(cases):
        image = f"images/{number}"
        arm64.files[image] = case.image
        arguments = case.vmm_argument
        if case.dtb:
            arm64.files[f"{image}.dtb"] = case.dtb
            arguments = [*arguments, "--dtb", f"/{image}.dtb"]
        jobs.append(host.Job(machine.command(f"/{image}", arguments), JOB_SECONDS))
    try:
        if options.qemu_from:
            host.require_qemu(options.qemu_from)
        if options.vmm:
            arm64.files["vmm"] = options.vmm
        else:
            arm64.add_qemu()
        results = arm64.run(jobs, HOST_SECONDS)
    except host.NotPrepared as reason:
        print(f"1..0 # SKIP {reason}")
        return

    if options.host_is and results.host and not re.search(options.host_is, results.host):
        print(f"1..0 # SKIP the host is '{results.host}', which lacks '{options.host_is}'")
        return

    print(f"1..{len(cases)}")
    print(f"# host: {results.host}")
    records = []
    for number, case in enumerate(cases):
        result = results.jobs.get(number)
        fault = find_fault(case, machine, result)
        print_test(number + 1, case, fault, result)
        if case.matrix:
            records.append(record(case, machine, options.kernel, fault))
    if options.record:
        matrix.write(*options.record, records)
    if results.done is None:
        print(f"# the host did not come to its end in {HOST_SECONDS} seconds; what its kernel printed:")
        print_diagnostic("console", arm64.console)
    elif results.jobs:
        start = results.jobs[0].started
        print(f"# {start} s to the first guest, {results.done - start:.1f} s for all")


if __name__ == "__main__":
    main()
