#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests vmbase-run --gdb and vmbase-gdb.py with a real gdb.

usage: gdb_test.py VMBASE_RUN DATA_ABORT_BIN PANIC_IN_HANDLER_BIN NULL_CALL_BIN STACK_OVERFLOW_BIN CROSVM_BIN
                   [GENERIC_BIN]

The guests are those of test/guest/crash, with their ELF files beside them; CROSVM_BIN is one that is linked for another
machine, GENERIC_BIN data_abort for the platform `generic`.
"""

import os
import pathlib
import pty
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

if len(sys.argv) not in (7, 8):
    sys.exit(__doc__)
VMBASE_RUN, DATA_ABORT, PANIC_IN_HANDLER, NULL_CALL, STACK_OVERFLOW, CROSVM, *ANY = map(os.path.abspath, sys.argv[1:])
GDB = os.environ.get("GDB") or "gdb-multiarch"

# The guest data_abort where its report begins.
DATA_ABORT_FRAMES = [
    r"vmb_report_exception \(.*report\.c:\d+",
    r"sync_exception_current \(.*default_handlers\.c:\d+",
    r"<synchronous exception out of main: data abort, address 0x123456780> \(\)",
    r"innermost \(address=0x123456780\) at .*data_abort\.c:9",
    r"crash \(\) at .*data_abort\.c:15",
    r"guest \(.*data_abort\.c:19",
    r"vmb_start \(.*start\.c:\d+",
]

# Nothing here takes so long; it only keeps a broken tool from stopping the test for ever.
PATIENCE_SECONDS = 600

# How Meson is told that a test has not been run.
SKIPPED = 77


def gdb(image, *commands):
    """Runs gdb's commands on a guest that has stopped at main. Returns the exit status, and what gdb said."""
    words = ["-batch", "-nx", *(word for command in commands for word in ("-ex", command))]
    result = subprocess.run(
        [VMBASE_RUN, "--gdb-arguments", shlex.join(words), image],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        # Apart, for QEMU writes its own there in the middle of gdb's lines.
        stderr=subprocess.PIPE,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    return result.returncode, (result.stdout + result.stderr).decode("utf-8", "backslashreplace")


def frames(output):
    """Returns the lines of a backtrace, without numbers and addresses."""
    lines = [line for line in output.splitlines() if re.match(r"#\d", line)]
    return [re.sub(r"^#\d+ +(0x[0-9a-f]+ (\[PAC\] )?in )?", "", line) for line in lines]


class GdbTest(unittest.TestCase):
    def assert_frames(self, output, *patterns):
        lines = frames(output)
        self.assertEqual(len(lines), len(patterns), output)
        for line, pattern in zip(lines, patterns):
            self.assertRegex(line, rf"\A{pattern}\Z", output)

    def test_stops_at_main(self):
        # It has not printed anything yet.
        status, output = gdb(DATA_ABORT, "bt", "print $pc == (unsigned long)&guest", "kill")
        self.assert_frames(output, r"guest \(arg0=.*data_abort\.c:\d+", r"vmb_start \(.*start\.c:\d+")
        self.assertIn("$1 = 1", output)
        self.assertNotIn("before", output)
        self.assertEqual(status, 0)

    def test_guest_goes_on_and_its_end_counts(self):
        status, output = gdb(DATA_ABORT, "continue", "continue")
        self.assertIn("before\n", output)
        self.assertIn("the guest crashed: sync_exception_current: data abort", output)
        self.assertEqual(status, 5)

    def test_stops_at_a_crash_before_its_report(self):
        for image in DATA_ABORT, PANIC_IN_HANDLER, *ANY[:1]:
            with self.subTest(image):
                _, output = gdb(image, "continue", "bt", "kill")
                self.assertIn("The guest has crashed: ", output)
                self.assertNotIn("crash report of build", output)
                self.assertRegex(frames(output)[0], r"vmb_report_(exception|panic) \(")
                self.assertRegex(frames(output)[-1], r"vmb_start \(")

    def test_goes_from_an_exception_to_what_it_interrupted(self):
        _, output = gdb(
            DATA_ABORT,
            "hbreak vmb_report_exception",
            "continue",
            "bt",
            "print *frame",
            "up 3",
            "info registers x8 sp pc",
            "kill",
        )
        self.assert_frames(
            output.partition("\n$1 = ")[0],
            *DATA_ABORT_FRAMES,
        )
        # The frame that the handler is given, in words.
        words = r"\$1 = data abort, address 0x123456780 at 0x[0-9a-f]+ in innermost = \{x0 = 0x[0-9a-f]+"
        self.assertRegex(output, words)
        self.assertRegex(output, r"elr = 0x[0-9a-f]+ <innermost\+\d+>.*, far = 0x123456780\}")
        # The interrupted code's own registers.
        self.assertRegex(output, r"(?m)^x8 +0x123456780 ")
        self.assertRegex(output, r"(?m)^sp +0x4101[0-9a-f]{4} ")
        self.assertRegex(output, r"(?m)^pc +.*<innermost\+\d+>")

    def test_backtrace_goes_through_a_panic_in_a_handler(self):
        _, output = gdb(PANIC_IN_HANDLER, "hbreak vmb_report_panic", "continue", "bt", "kill")
        self.assert_frames(
            output,
            r"vmb_report_panic \(.*report\.c:\d+",
            r"<panic> \(\)",
            r"sync_exception_current \(.*panic_in_handler\.c:12",
            r"<synchronous exception out of main: SVC> \(\)",
            r"guest \(.*",
            r"vmb_start \(.*start\.c:\d+",
        )

    def test_backtrace_goes_through_a_call_of_nothing(self):
        _, output = gdb(NULL_CALL, "hbreak vmb_report_exception", "continue", "bt", "kill")
        lines = frames(output)
        self.assertEqual(lines[2], "<synchronous exception out of main: instruction abort, address 0x0> ()")
        self.assertTrue(lines[4].startswith("crash () at "), output)

    def test_backtrace_of_a_stack_overflow_ends_in_main(self):
        _, output = gdb(STACK_OVERFLOW, "hbreak vmb_report_exception", "continue", "bt -3", "kill")
        lines = frames(output)
        self.assertRegex(lines[-1], r"vmb_start \(.*start\.c:\d+")

    @unittest.skipUnless(ANY, "there is no platform generic")
    def test_image_that_relocates_itself(self):
        _, output = gdb(ANY[0], "bt", "hbreak vmb_report_exception", "continue", "bt", "kill")
        self.assert_frames(
            output,
            r"guest \(arg0=.*data_abort\.c:\d+",
            r"vmb_start \(.*start\.c:\d+",
            *DATA_ABORT_FRAMES,
        )

    def test_symbols_are_where_the_image_is(self):
        # Linked for 0x80200000, loaded at 0x40080000, it resets before its main.
        status, output = gdb(CROSVM, "info symbol 0x40080000")
        self.assertIn("_start in section .text", output)
        self.assertIn("did not come to its main", output)
        self.assertEqual(status, 2)

    def test_debugger_on_a_terminal_is_started(self):
        # A stand-in, which shows that it has the terminal and what it was asked to do.
        with tempfile.TemporaryDirectory() as folder:
            script = pathlib.Path(folder, "gdb")
            script.write_text('#!/bin/sh\nprintf "<%s> " "$@"\ntest -t 0 && test -t 1 && echo on a terminal\nexit 7\n')
            script.chmod(0o755)
            terminal, process_terminal = pty.openpty()
            with open(terminal, "rb", buffering=0) as reader, subprocess.Popen(
                [VMBASE_RUN, "--gdb", DATA_ABORT],
                stdin=process_terminal, stdout=process_terminal, stderr=process_terminal,
                env={**os.environ, "GDB": str(script)},
            ) as process:
                os.close(process_terminal)
                output = b""
                try:
                    while piece := reader.read(4096):
                        output += piece
                except OSError:
                    pass  # how Linux tells that nobody has the terminal open any more
                self.assertEqual(process.wait(PATIENCE_SECONDS), 7)
        self.assertRegex(
            output.decode(),
            r"\A<-x> <\S+/vmbase-gdb\.py> <\S+/data_abort> <-ex> <target remote 127\.0\.0\.1:\d+> <-ex> <vmbase-main> "
            r"on a terminal\s+\Z",
        )

    def test_missing_debugger_gives_4(self):
        result = subprocess.run(
            [VMBASE_RUN, "--gdb-arguments=", DATA_ABORT],
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            env={**os.environ, "GDB": "/nonexistent"},
            check=False,
        )
        self.assertEqual(result.returncode, 4)
        self.assertIn(b"cannot start /nonexistent: ", result.stderr)


if __name__ == "__main__":
    if not shutil.which(GDB):
        print(f"skipped: there is no {GDB}")
        sys.exit(SKIPPED)
    unittest.main(argv=sys.argv[:1])
