#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests what run_guests.py makes of a host's results: whatever is not right has to be seen."""

import contextlib
import io
import os
import pathlib
import re
import sys
import tempfile
import unittest
from unittest import mock

sys.dont_write_bytecode = True
import results
import run_guests

OFF = b'{"QMP": {}}\n{"event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-shutdown"}}\r\n'
RESET = OFF.replace(b"guest-shutdown", b"guest-reset")
REPORT = b"serial1| Hello\nvmm: hypercalls 5\nserial2| aside\nserial1| world\n"


def stream(*parts):
    """Returns what init sends: a string is a line, a tuple the name and the contents of a file."""
    data = b""
    for part in parts:
        data += part.encode() + b"\n" if isinstance(part, str) else b"file %b %d\n%b" % (part[0], len(part[1]), part[1])
    return data


def result(status=0, seconds=1, tainted=0, **files):
    contents = {"stdout": b"", "stderr": b"", **files}
    return results.Result(started=1, ended=1 + seconds, status=status, tainted=tainted, files=contents)


class ParseTest(unittest.TestCase):
    WHOLE = stream(
        "host 6.1", "start 0 1.5", (b"stdout", b"\0end 0 0 9 0\n\r\xff"), (b"x", b""), "end 0 2 2.5 512", "done 3"
    )

    def test_a_whole_stream(self):
        whole = results.parse(self.WHOLE)
        files = {"stdout": b"\0end 0 0 9 0\n\r\xff", "x": b""}
        job = results.Result(1.5, 2.5, 2, 512, files)
        self.assertEqual(whole, results.Results("6.1", {0: job}, 3))

    def test_a_stream_that_stops_has_no_end(self):
        for length in range(len(self.WHOLE)):
            with self.subTest(self.WHOLE[:length]):
                part = results.parse(self.WHOLE[:length])
                self.assertIsNone(part.done)
                for job in part.jobs.values():
                    self.assertTrue(job.status is None or length >= self.WHOLE.index(b"done"))

    def test_nothing_counts_behind_noise(self):
        self.assertEqual(results.parse(b"\0\n" + self.WHOLE), results.Results())


class FaultTest(unittest.TestCase):
    def setUp(self):
        file = tempfile.NamedTemporaryFile("w", suffix=".expect")
        self.addCleanup(file.close)
        file.write("Hello\nwo.*\n!.*crash.*\n")
        file.flush()
        self.hello = ["--expect", file.name]

    def fault(self, machine, words, outcome):
        _, (case,) = run_guests.parse_command_line(["directory", "linux", "--case", "name", "image", *words])
        return run_guests.find_fault(case, machine, outcome)

    def assert_fault(self, pattern, machine, words, outcome):
        self.assertRegex(str(self.fault(machine, words, outcome)), pattern)

    def test_lines_of_the_command_line(self):
        good = result(stdout=REPORT)
        self.assertIsNone(self.fault(run_guests.Vmm, [*self.hello, "--line=!.*panic.*"], good))
        self.assertIsNone(self.fault(run_guests.Vmm, ["--line=Hello"], good))
        self.assert_fault("no line for: Hullo", run_guests.Vmm, ["--line=Hullo"], good)
        self.assert_fault("no line for: Hullo", run_guests.Vmm, [*self.hello, "--line=Hullo"], good)

    def test_what_did_not_come_to_an_end(self):
        for machine in (run_guests.Vmm, run_guests.Qemu):
            self.assert_fault("never run", machine, ["--tap"], None)
            self.assert_fault("host ended", machine, ["--tap"], results.Result(1))
            self.assert_fault("still running after 20 s", machine, ["--tap"], result(128 + 9, 20))
            self.assert_fault("without an end", machine, ["--tap"], result(128 + 25))

    def test_ends_of_the_vmm(self):
        for status, end in ((0, "power-off"), (2, "reset"), (1, "failed"), (3, "stopped")):
            outcome = result(status, stdout=REPORT)
            self.assertIsNone(self.fault(run_guests.Vmm, [*self.hello, "--end", end], outcome))
            other = "reset" if end == "power-off" else "power-off"
            self.assert_fault(f"with {end}, not {other}", run_guests.Vmm, [*self.hello, "--end", other], outcome)
        self.assert_fault("status 127", run_guests.Vmm, self.hello, result(127, stdout=REPORT))

    def test_ends_of_qemu(self):
        tap = ["--tap"]
        good = b"1..1\nok 1\n"
        self.assertIsNone(self.fault(run_guests.Qemu, tap, result(stdout=OFF, serial=good)))
        self.assertIsNone(self.fault(run_guests.Qemu, [*tap, "--end", "reset"], result(stdout=RESET, serial=good)))
        self.assert_fault("with reset", run_guests.Qemu, tap, result(stdout=RESET, serial=good))
        self.assert_fault("with power-off", run_guests.Qemu, [*tap, "--end", "reset"], result(stdout=OFF, serial=good))
        self.assert_fault("did not tell", run_guests.Qemu, tap, result(serial=good))
        self.assert_fault("status 1 of QEMU", run_guests.Qemu, tap, result(1, stdout=OFF, serial=good))

    def test_tap_has_to_be_met(self):
        self.assert_fault("no TAP plan", run_guests.Qemu, ["--tap"], result(stdout=OFF))
        failed = b"serial1| 1..1\nserial1| not ok 1\n"
        self.assert_fault("test 1 is not ok", run_guests.Vmm, ["--tap"], result(stdout=failed))
        # Only what the guest says on its console is TAP.
        elsewhere = b"1..1\nok 1\nserial2| 1..1\nserial2| ok 1\n"
        self.assert_fault("no TAP plan", run_guests.Vmm, ["--tap"], result(stdout=elsewhere))

    def test_lines_have_to_be_there(self):
        self.assertIsNone(self.fault(run_guests.Vmm, self.hello, result(stdout=REPORT)))
        elsewhere = b"serial1| Hello\nserial2| world\n"
        self.assert_fault("no line for: wo", run_guests.Vmm, self.hello, result(stdout=elsewhere))
        self.assert_fault("must not", run_guests.Vmm, self.hello, result(stdout=REPORT + b"serial1| crash\n"))

    def test_the_report_of_the_vmm(self):
        stray = REPORT + b"vmm: stray write 0x2000 size 4\n"
        self.assert_fault("report: .*must not", run_guests.Vmm, self.hello, result(stdout=stray))
        expected = [*self.hello, "--report=vmm: hypercalls [1-5]", "--report=vmm: stray write 0x2000 .*"]
        self.assertIsNone(self.fault(run_guests.Vmm, expected, result(stdout=stray)))
        self.assert_fault("report: no line for: vmm: stray", run_guests.Vmm, expected, result(stdout=REPORT))
        # The guest's own words are no report.
        forged = REPORT + b"serial1| vmm: stray write 0x2000 size 4\n"
        self.assert_fault("no line", run_guests.Vmm, [*self.hello, "--report=.*stray write.*"], result(stdout=forged))


class MainTest(unittest.TestCase):
    def run_main(self, *words):
        output = io.StringIO()
        with mock.patch("sys.argv", ["run_guests.py", *words]), contextlib.redirect_stdout(output):
            run_guests.main()
        return output.getvalue()

    def run_with(self, outcome):
        with mock.patch("host.Host.run", lambda *_: outcome), mock.patch("host.Host.find", lambda *_: None):
            cases = ("--case", "a", "image", "--tap", "--case", "b", "image", "--tap")
            return self.run_main("--vmm", "vmm", "directory", "linux", *cases)

    def test_a_host_that_never_came_up_fails_all(self):
        lines = self.run_with(results.Results()).splitlines()
        self.assertEqual(lines[0], "1..2")
        self.assertEqual([line for line in lines if line[0] != "#"][1:], ["not ok 1 - a", "not ok 2 - b"])

    def test_a_host_that_lacks_what_is_wanted_skips_all(self):
        words = ("--vmm", "vmm", "--host-is", "NV2", "directory", "linux", "--case", "a", "image", "--tap")
        for said, skips in (("6.1, kvm [1]: VHE mode", True), ("7.3, kvm [1]: VHE+NV2 mode", False)):
            with mock.patch("host.Host.run", lambda *_, said=said: results.Results(said, {}, 9)):
                with mock.patch("host.Host.find", lambda *_: None):
                    self.assertEqual(self.run_main(*words).startswith("1..0 # SKIP"), skips)

    def test_an_old_qemu_skips_all_before_the_host_boots(self):
        words = ("--vmm", "vmm", "--qemu-from", "9.0", "directory", "linux", "--case", "a", "image", "--tap")
        boots = mock.Mock(return_value=results.Results("6.1", {}, 9))
        with tempfile.TemporaryDirectory() as name, mock.patch("host.Host.run", boots):
            program = pathlib.Path(name, "qemu")
            with mock.patch.dict(os.environ, {"QEMU_SYSTEM_AARCH64": str(program)}):
                self.assertRegex(self.run_main(*words), r"^1\.\.0 # SKIP QEMU does not say its version: .*\n$")
                versions = {"7.2.22 (Debian)": True, "8.10.0": True, "9.0.0": False, "10.0.13": False}
                for version, skips in versions.items():
                    program.write_text(f"#!/bin/sh\necho 'QEMU emulator version {version}'\n", encoding="utf-8")
                    program.chmod(0o755)
                    boots.reset_mock()
                    skipped = re.match(r"1\.\.0 # SKIP QEMU is version .*, older than 9\.0\n$", self.run_main(*words))
                    self.assertEqual((bool(skipped), boots.called), (skips, not skips), version)

    def test_output_of_a_guest_is_no_tap(self):
        forged = result(stdout=b"ok 1\n1..1\r\nserial1| ok 1\rok 2\x0bok 3\0")
        lines = self.run_with(results.Results("6.1", {0: forged}, 9)).splitlines()
        self.assertEqual([line for line in lines if line[0] != "#"], ["1..2", "not ok 1 - a", "not ok 2 - b"])
        self.assertIn("# stdout: ok 3\\x00", lines)

    def test_a_missing_piece_skips_all_with_its_reason(self):
        with tempfile.TemporaryDirectory() as name:
            with mock.patch.dict(os.environ, {"VMBASE_KVM_HOST": name}):
                words = ("--vmm", "vmm", "elsewhere", "linux", "--case", "a", "image", "--tap")
                self.assertRegex(self.run_main(*words), r"^1\.\.0 # SKIP no linux: run .*prepare.py /.*\n$")
                with open(f"{name}/linux.missing", "w", encoding="utf-8") as file:
                    file.write("it is gone\n")
                self.assertEqual(self.run_main(*words), "1..0 # SKIP no linux: it is gone\n")


class DamagedHostTest(unittest.TestCase):
    """Cases a, b and c in hosts of which each is given as its Results and its console."""

    GOOD = b"serial1| 1..1\nserial1| ok 1\n"
    BAD = b"serial1| 1..1\nserial1| not ok 1\n"
    WARNED, OOPSED, BAD_PAGE = 1 << 9, 1 << 7, 1 << 5
    # A module that is not the kernel's own; a CPU that was busy for long, as on a busy machine.
    HARMLESS = 1 << 12 | 1 << 14
    PANIC = b"[ 1.0] ---[ cut here ]---\n[ 1.1] WARNING: mm\n[ 1.2] Kernel panic - not syncing: Oops\n[ 1.3] end\n"

    def host(self, *jobs, tainted=(0, 0, 0), console=b"", numbers=(0, 1, 2)):
        """Returns a host; a job is what the guest printed. Those that are missing were never run."""
        ended = {}
        for number, stdout, bits in zip(numbers, jobs, tainted):
            kernel = {"kernel": b"[ 1.0] WARNING: the head\n" + 200 * b"more\n"} if bits else {}
            ended[number] = result(tainted=bits, stdout=stdout, **kernel) if stdout else results.Result(1)
        return results.Results("7.3", ended, 9 if len(ended) == len(numbers) else None), console

    def run_in(self, *hosts):
        """Returns which tests passed, the jobs that each host was given, and the output."""
        left = list(hosts)
        given = []

        def run(arm64, jobs, _):
            given.append(list(jobs))
            outcome, arm64.console = left.pop(0)
            return outcome

        words = ["run_guests.py", "--vmm", "vmm", "directory", "linux"]
        for name in "abc":
            words += ["--case", name, "image", "--tap"]
        output = io.StringIO()
        with mock.patch("host.Host.run", run), mock.patch("sys.argv", words), contextlib.redirect_stdout(output):
            run_guests.main()
        self.assertEqual(left, [], "a host was not booted")
        tests = re.findall(r"^(ok|not ok) \d+ - (.)$", output.getvalue(), re.MULTILINE)
        self.assertEqual([name for _, name in tests], list("abc"))
        return "".join(name for word, name in tests if word == "ok"), given, output.getvalue()

    def test_a_failure_on_a_sound_host_is_final(self):
        for tainted in (0, self.HARMLESS):
            passed, given, output = self.run_in(self.host(self.GOOD, self.BAD, self.GOOD, tainted=3 * [tainted]))
            self.assertEqual((passed, given), ("ac", [[0, 1, 2]]))
            self.assertNotIn("again", output)

    def test_a_failure_before_the_kernels_report_is_final(self):
        sound = self.host(self.GOOD, self.BAD, self.GOOD, tainted=(0, 0, self.WARNED))
        self.assertEqual(self.run_in(sound)[:2], ("ac", [[0, 1, 2]]))
        damaged = self.host(self.BAD, self.BAD, self.GOOD, tainted=(0, self.WARNED, self.WARNED))
        passed, given, _ = self.run_in(damaged, self.host(self.GOOD, self.GOOD, numbers=(1, 2)))
        self.assertEqual((passed, given), ("bc", [[0, 1, 2], [1, 2]]))

    def test_what_comes_after_the_kernels_report_runs_again_however_the_host_ended(self):
        first = self.host(self.GOOD, self.GOOD, None, tainted=(0, self.WARNED, 0), console=b"stuck\n")
        passed, given, _ = self.run_in(first, self.host(self.GOOD, self.GOOD, numbers=(1, 2)))
        self.assertEqual((passed, given), ("abc", [[0, 1, 2], [1, 2]]))

    def test_a_host_that_died_without_a_panic_is_final(self):
        self.assertEqual(self.run_in(self.host(self.GOOD, None, console=b"stuck\n"))[:2], ("a", [[0, 1, 2]]))

    def test_a_damaged_host_without_a_failure_is_only_told(self):
        damaged = self.host(self.GOOD, self.GOOD, self.GOOD, tainted=(0, self.WARNED, self.WARNED))
        passed, given, output = self.run_in(damaged)
        self.assertEqual((passed, given), ("abc", [[0, 1, 2]]))
        self.assertIn("fault of its own before the end of test 2:\n# kernel: [ 1.0] WARNING: the head\n", output)

    def test_a_second_host_decides_after_the_kernels_report(self):
        for bit, word in ((self.WARNED, "warned"), (self.OOPSED, "oopsed"), (self.BAD_PAGE, "found a bad page")):
            damaged = self.host(self.GOOD, self.BAD, self.GOOD, tainted=(0, bit, bit))
            # A pass in a damaged host proves nothing either.
            for b, c in ((self.GOOD, self.GOOD), (self.BAD, self.GOOD), (self.GOOD, self.BAD)):
                passed, given, output = self.run_in(damaged, self.host(b, c, numbers=(1, 2)))
                expected = "a" + "b" * (b == self.GOOD) + "c" * (c == self.GOOD)
                self.assertEqual((passed, given), (expected, [[0, 1, 2], [1, 2]]))
                self.assertIn(f"# the host's kernel {word}; run again in another host:", output)
                # What the first host said of it stays.
                self.assertIn("# test 1 is not ok", output)
                self.assertIn("# stdout: serial1| not ok 1", output)
                # All of the kernel's report, once.
                self.assertEqual(output.count("WARNING: the head"), 1)

    def test_a_second_host_decides_after_a_panic(self):
        first = self.host(self.GOOD, None, console=b"boot\n" + self.PANIC)
        passed, given, output = self.run_in(first, self.host(self.GOOD, self.BAD, numbers=(1, 2)))
        self.assertEqual((passed, given), ("ab", [[0, 1, 2], [1, 2]]))
        self.assertIn("# the host's kernel panicked: Kernel panic - not syncing: Oops; run again", output)
        self.assertRegex(output, r"printed:\n# console: .*cut here.*\n")

    def test_a_second_damaged_host_is_a_failure(self):
        first = self.host(self.GOOD, self.BAD, self.GOOD, tainted=(0, self.WARNED, self.WARNED))
        second = self.host(self.GOOD, self.GOOD, tainted=(0, self.OOPSED), numbers=(1, 2))
        passed, _, output = self.run_in(first, second)
        self.assertEqual(passed, "ab")
        self.assertIn("it passed; in this host too the host's kernel oopsed", output)
        self.assertEqual(self.run_in(first, self.host(None, console=self.PANIC, numbers=(1, 2)))[0], "a")


class HostTest(unittest.TestCase):
    """The real host, and what its init sends of a kernel that has reported a fault."""

    DIRECTORY = "kvm-host"

    def test_faults_of_the_kernel(self):
        directory = pathlib.Path(os.environ.get("VMBASE_KVM_HOST") or self.DIRECTORY)
        arm64 = run_guests.host.Host(directory, "linux-7", [])
        # Each is what the kernel itself does, apart from the words.
        warn = "echo '<4>WARNING: head' >/dev/kmsg; echo tail >/dev/kmsg; echo 512 >/proc/sys/kernel/tainted; exit 3"
        scripts = {4: "exit 2", 6: warn, 7: "exit 0", 9: "echo c >/proc/sysrq-trigger; cat"}
        jobs = {number: run_guests.host.Job(["sh", "-c", script], 100) for number, script in scripts.items()}
        try:
            outcome = arm64.run(jobs, run_guests.HOST_SECONDS)
        except run_guests.host.NotPrepared as reason:
            self.skipTest(reason)
        ends = {number: (job.status, job.tainted) for number, job in outcome.jobs.items()}
        self.assertEqual(ends, {4: (2, 0), 6: (3, 512), 7: (0, 512), 9: (None, 0)})
        self.assertNotIn("kernel", outcome.jobs[4].files)
        for number in (6, 7):
            self.assertRegex(outcome.jobs[number].files["kernel"], rb"^\[.*\] WARNING: head\n.* tail\n$")
        self.assertIsNone(outcome.done)
        self.assertRegex(
            arm64.console, rb"WARNING: head\r?\n(.*\n)*.*Kernel panic - not syncing: sysrq triggered crash"
        )
        self.assertRegex(run_guests.find_kernel_fault(outcome.jobs[9], arm64.console), "kernel panicked: .*sysrq")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        HostTest.DIRECTORY = sys.argv.pop()
    unittest.main()
