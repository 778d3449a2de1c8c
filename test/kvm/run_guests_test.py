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


def result(status=0, seconds=1, **files):
    contents = {"stdout": b"", "stderr": b"", **files}
    return results.Result(started=1, ended=1 + seconds, status=status, files=contents)


class ParseTest(unittest.TestCase):
    WHOLE = stream("host 6.1", "start 0 1.5", (b"stdout", b"\0end 0 0 9\n\r\xff"), (b"x", b""), "end 0 2 2.5", "done 3")

    def test_a_whole_stream(self):
        whole = results.parse(self.WHOLE)
        job = results.Result(1.5, 2.5, 2, {"stdout": b"\0end 0 0 9\n\r\xff", "x": b""})
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
                for version, skips in (("7.2.22 (Debian)", True), ("8.10.0", True), ("9.0.0", False), ("10.0.13", False)):
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


if __name__ == "__main__":
    unittest.main()
