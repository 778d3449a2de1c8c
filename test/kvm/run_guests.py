#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: run_guests.py [OPTION...] DIRECTORY KERNEL --case NAME IMAGE [CASE-OPTION...] [--case ...]...

Boots an arm64 host once, runs a guest in it for each case, under real KVM, and prints TAP, a test for a case. A guest
that hangs, or that the host did not come to, has failed. Where the host cannot be booted all is skipped.

The host's kernel is emulated and may fail itself: in one of some thousand VMs it warns, gives the VMM wrong registers
or panics. If a case fails after the kernel has reported a fault of its own, that case and all after that report run
once more, in a freshly booted host, which decides. On a sound host no case runs twice.

DIRECTORY is what prepare.py has filled, unless the environment variable VMBASE_KVM_HOST names another.
KERNEL is the name of its kernel there.

Options:
  --vmm FILE                Run guests with this VMM; without it, with QEMU.
  --kernel-argument=WORD    More for the host kernel's command line.
  --cpu MODEL               The host's CPU, as QEMU has it.
  --cpus COUNT              The host's CPUs: 1, unless this says more. A guest's CPUs take turns on it.
  --qemu-from VERSION       Skip all, without booting the host, if the QEMU that runs the host is older: "9.0".
  --host-is PATTERN         Skip all unless the host says this of itself, anywhere: the kernel may be too old.
  --skip REASON             Only print that all is skipped, and why.
  --record FILE IMAGE       Remember in FILE how the cases ended that have --matrix, for generic/matrix.py. They are all
                            of this raw image.

Options of a case:
  --tap               The guest has to print a TAP plan and meet it.
  --expect FILE       The guest has to print these lines, as guest/expect.py has it.
  --line=PATTERN      Likewise, for a line or two: they come behind FILE's.
  --end END           How it has to end: power-off (the default), reset, or, of the VMM, stopped or failed.
  --report=PATTERN    A line of the VMM's report, as a line of --expect. In their absence, what must not be there is
                      a stray access.
  --dtb FILE          A device tree, for the VMM's --dtb.
  --vmm-argument=WORD More for the VMM's command line.
  --matrix VMM FORM   What it is in the matrix: whose machine, and what that takes the image for.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import re
import signal
import sys
import time
import typing

# The modules' byte code would land in the source tree.
sys.dont_write_bytecode = True
import host

expect = host.load_module(host.HERE.parent / "guest" / "expect.py")
matrix = host.load_module(host.HERE.parent / "generic" / "matrix.py")

# Guests need a second or two, and no machine is so busy that they need this long: only a guest that hangs meets it.
# The VMM's own time-out comes before and tells where the guest is.
JOB_SECONDS = 120
VMM_SECONDS = 100
# Both hosts together, where a second one is booted.
# Meson's time-out is longer, so that a host that hangs still gets its cases reported.
HOST_SECONDS = 3000

# Bits of /proc/sys/kernel/tainted that tell of a fault of the kernel itself (Linux, Tainted kernels).
KERNEL_FAULTS = {5: "found a bad page", 7: "oopsed", 9: "warned"}

# The first line of a kernel's report of a fault of its own, as in init.
KERNEL_REPORT = re.compile(rb"cut here|WARNING: |BUG: |Unable to handle kernel|Internal error: |Kernel panic")

# How much of an output is shown: its end.
SHOWN_LINES = 100
SHOWN_LINE_CHARACTERS = 500


class Vmm:
    """Guests of our own VMM: their serial lines and its report are on its standard output."""

    BY = "its machine in `test/kvm/vmm`"
    ENDS = {0: "power-off", 1: "failed", 2: "reset", 3: "stopped"}
    SERIAL = b"serial1| "

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


def find_kernel_fault(result, console):
    """Returns a sentence on a fault that the host's kernel reported before the end of a job, or None."""
    if result is None or result.status is None:
        panic = re.search(rb"Kernel panic - not syncing.*", console)
        return f"the host's kernel panicked: {text(panic[0]).strip()}" if panic else None
    words = [word for bit, word in KERNEL_FAULTS.items() if result.tainted & 1 << bit]
    return f"the host's kernel {' and '.join(words)}" if words else None


@dataclasses.dataclass
class Verdict:
    """What one host says of a case. The faults are sentences, or None."""

    result: typing.Optional[host.results.Result]
    fault: typing.Optional[str]
    kernel_fault: typing.Optional[str]  # one that the host's kernel reported before the case's end, in any case


def judge(cases, machine, results, console):
    """Returns the Verdicts of one host on cases, all by number."""
    verdicts = {}
    kernel_fault = None
    for number, case in cases.items():
        result = results.jobs.get(number)
        kernel_fault = kernel_fault or find_kernel_fault(result, console)
        verdicts[number] = Verdict(result, find_fault(case, machine, result), kernel_fault)
    return verdicts


def from_kernel_report(log):
    """Returns the kernel's log from its first report of a fault of its own on; all of it if it has none."""
    report = KERNEL_REPORT.search(log)
    return log[log.rfind(b"\n", 0, report.start()) + 1 :] if report else log


def print_diagnostic(title, data, count=SHOWN_LINES):
    """Prints the last lines of bytes from a guest so that none of them can count as TAP. A count of 0 means all."""
    for line in text(data).splitlines()[-count:]:
        shown = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in line[:SHOWN_LINE_CHARACTERS])
        print(f"# {title}: {shown}")


def print_verdict(verdict):
    result = verdict.result
    if verdict.fault:
        print(f"# {verdict.fault}")
        for name, data in result.files.items() if result else ():
            # print_host() has printed the kernel's log.
            if name != "kernel":
                print_diagnostic(name, data)
    if result and result.ended is not None:
        print(f"# {result.ended - result.started:.2f} s")


def print_test(number, case, first, second):
    """Prints the test of a case. `second` is the Verdict of a second host, which decides, or None."""
    print(f"{'not ok' if (second or first).fault else 'ok'} {number} - {case.name}")
    print_verdict(first)
    if second:
        print(f"# {first.kernel_fault}; run again in another host:")
        print_verdict(second)


def print_host(results, console):
    """Prints how a host came to its end, and what its kernel reported of itself."""
    print(f"# host: {results.host}")
    if results.done is None:
        print(f"# the host died, or did not come to its end in {HOST_SECONDS} seconds; what its kernel printed:")
        log = from_kernel_report(console)
        print_diagnostic("console", log, SHOWN_LINES if log == console else 0)
    elif results.jobs:
        start = min(job.started for job in results.jobs.values())
        print(f"# {start} s to the first guest, {results.done - start:.1f} s for all")
    for number, job in results.jobs.items():
        if "kernel" in job.files:
            print(f"# the host's kernel reported a fault of its own before the end of test {number + 1}:")
            print_diagnostic("kernel", job.files["kernel"], 0)
            break


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
    parser.add_argument("--cpus", type=int, default=host.Host.CPUS)
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
    arm64 = host.Host(directory, options.kernel, options.kernel_argument, options.cpus, options.cpu)
    jobs = {}
    for number, case in enumerate(cases):
        image = f"images/{number}"
        arm64.files[image] = case.image
        arguments = case.vmm_argument
        if case.dtb:
            arm64.files[f"{image}.dtb"] = case.dtb
            arguments = [*arguments, "--dtb", f"/{image}.dtb"]
        jobs[number] = host.Job(machine.command(f"/{image}", arguments), JOB_SECONDS)
    deadline = time.monotonic() + HOST_SECONDS
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
    print_host(results, arm64.console)
    verdicts = judge(dict(enumerate(cases)), machine, results, arm64.console)
    # A pass proves as little as a failure after the kernel's report.
    damaged = {number: cases[number] for number, verdict in verdicts.items() if verdict.kernel_fault}
    second_verdicts = {}
    if any(verdicts[number].fault for number in damaged):
        results = arm64.run({number: jobs[number] for number in damaged}, max(deadline - time.monotonic(), 0))
        print_host(results, arm64.console)
        second_verdicts = judge(damaged, machine, results, arm64.console)
        for verdict in second_verdicts.values():
            if verdict.kernel_fault:
                verdict.fault = f"{verdict.fault or 'it passed'}; in this host too {verdict.kernel_fault}"
    records = []
    for number, case in enumerate(cases):
        second = second_verdicts.get(number)
        print_test(number + 1, case, verdicts[number], second)
        if case.matrix:
            records.append(record(case, machine, options.kernel, (second or verdicts[number]).fault))
    if options.record:
        matrix.write(*options.record, records)


if __name__ == "__main__":
    main()
