#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests vmbase-run with real guests in a real QEMU.

usage: vmbase_run_test.py VMBASE-RUN CC...

CC is the cross compiler with its arguments, such as clang --target=aarch64-none-elf. The
environment variables OBJCOPY and QEMU_SYSTEM_AARCH64 may name other tools than llvm-objcopy and
qemu-system-aarch64.
"""

import contextlib
import fcntl
import importlib.machinery
import importlib.util
import mmap
import os
import pathlib
import pty
import re
import select
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest
from unittest import mock

# The script is imported below, and its byte code would land in the source tree.
sys.dont_write_bytecode = True

if len(sys.argv) < 3:
    sys.exit(__doc__)
VMBASE_RUN = os.path.abspath(sys.argv[1])
CC = sys.argv[2:]
OBJCOPY = shlex.split(os.environ.get("OBJCOPY", "llvm-objcopy"))
QEMU = os.environ.get("QEMU_SYSTEM_AARCH64") or "qemu-system-aarch64"

# Nothing here takes so long; it only keeps a broken vmbase-run from stopping the test for ever.
PATIENCE_SECONDS = 600

# A guest that has to end may take as long.
os.environ["VMBASE_RUN_TIMEOUT"] = str(PATIENCE_SECONDS)

# Runs vmbase-run on a clock that stands still until the guest has printed so many bytes, and then is far beyond any
# time-out: how fast the machine is does not matter.
CLOCK = '''
import importlib.machinery, importlib.util, os, sys, time
path, wanted = sys.argv[1], int(sys.argv[2])
del sys.argv[0], sys.argv[1]
printed = 0
real_monotonic, real_write = time.monotonic, os.write
def write(descriptor, data):
    global printed
    written = real_write(descriptor, data)
    printed += written if descriptor == 1 else 0
    return written
os.write = write
time.monotonic = lambda: 1e6 + real_monotonic() if printed >= wanted else 0
loader = importlib.machinery.SourceFileLoader("vmbase_run", path)
sys.dont_write_bytecode = True
module = importlib.util.module_from_spec(importlib.util.spec_from_loader("vmbase_run", loader))
loader.exec_module(module)
sys.exit(module.main())
'''

RAW_ADDRESS = 0x40080000

PSCI_CALL = "mov w0, #{}\n movk w0, #0x8400, lsl #16\n hvc #0"
ENDINGS = {
    "off": PSCI_CALL.format(8),
    "reset": PSCI_CALL.format(9),
    "hang": "3: wfi\n b 3b",
    "flood": "3: strb w1, [x1]\n b 3b",
}
# Signals that vmbase-run ends by, or that end it.
ENDING_SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)

# Prints what follows it up to a NUL, then ends.
PRINTER = """
    .globl _start
_start:
    mov x1, #0x09000000
    adr x2, 4f
1:  ldrb w3, [x2], #1
    cbz w3, 2f
    strb w3, [x1]
    b 1b
2:  {}
    b .
4:
"""

# Prints x3 as 16 hexadecimal digits, after the code that sets it.
REPORTER = """
    .globl _start
_start:
    {}
    mov x1, #0x09000000
    mov x4, #16
1:  ror x3, x3, #60
    and x5, x3, #15
    add x6, x5, #'0'
    add x7, x5, #('a' - 10)
    cmp x5, #10
    csel x6, x6, x7, lo
    strb w6, [x1]
    subs x4, x4, #1
    b.ne 1b
""" + ENDINGS["off"]

directory = None  # of everything that the tests build
printers = {}  # the code of a raw PRINTER for each ending


def load_vmbase_run():
    loader = importlib.machinery.SourceFileLoader("vmbase_run", VMBASE_RUN)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("vmbase_run", loader))
    loader.exec_module(module)
    return module


vmbase_run = load_vmbase_run()


def build_elf(name, assembly, address=RAW_ADDRESS):
    elf = directory / name
    subprocess.run(
        # Without -n lld gives the ELF header a segment of its own, below the RAM.
        [*CC, "-nostdlib", "-static", "-fuse-ld=lld", "-Wl,-n", f"-Wl,-Ttext={address:#x}"]
        + ["-x", "assembler", "-", "-o", elf],
        input=assembly.encode(),
        check=True,
    )
    return elf


def build_raw(name, assembly):
    raw = directory / name
    elf = build_elf(f"{name}.linked", assembly)
    subprocess.run([*OBJCOPY, "-O", "binary", elf, raw], check=True)
    return raw


def printer(text, ending="off"):
    """A raw image that prints the text."""
    image = directory / "printer.bin"
    image.write_bytes(printers[ending] + text + b"\0")
    return image


def printer_elf(name, text, address=RAW_ADDRESS):
    return build_elf(name, PRINTER.format(ENDINGS["off"]) + f'.asciz "{text}"\n', address)


def setUpModule():
    global directory
    temporary = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(temporary.cleanup)
    directory = pathlib.Path(temporary.name)
    for ending, code in ENDINGS.items():
        printers[ending] = build_raw(f"{ending}.code", PRINTER.format(code)).read_bytes()


def is_alive(process_id):
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    # A dead process whose new parent has not asked after it yet is dead all the same.
    with contextlib.suppress(FileNotFoundError):
        stat = pathlib.Path(f"/proc/{process_id}/stat").read_text()
        return stat.rpartition(")")[2].split()[0] not in "ZX"
    return sys.platform != "linux"


def readable_bytes(pipe):
    """How much lies in a pipe."""
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0]


def wait_until(condition):
    end_time = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > end_time:
            raise AssertionError("it did not come about")
        time.sleep(0.01)


def obey_signals(*ignored):
    """Returns what makes a new process obey signals that this one may ignore, as under nohup, or not."""

    def set_up():
        for number in ENDING_SIGNALS:
            signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)

    return set_up


class Case(unittest.TestCase):
    def run_image(self, *arguments, command=(VMBASE_RUN,), **keywords):
        if "input" not in keywords:
            keywords.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run(
            [*command, *arguments], capture_output=True, timeout=PATIENCE_SECONDS, **keywords
        )

    def run_until_printed(self, wanted_bytes, *arguments):
        """Runs an image whose time is over when it has printed so much, and not before."""
        return self.run_image(*arguments, command=self.clock(wanted_bytes))

    def clock(self, wanted_bytes):
        return [sys.executable, "-c", CLOCK, VMBASE_RUN, str(wanted_bytes)]

    def start_image(self, *arguments, command=(VMBASE_RUN,), ignored_signals=(), **keywords):
        """Starts vmbase-run with unbuffered pipes, to be stopped at the end of the test."""
        keywords.setdefault("stdin", subprocess.DEVNULL)
        process = subprocess.Popen(
            [*command, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            preexec_fn=obey_signals(*ignored_signals),
            **keywords,
        )

        def stop():
            process.terminate()
            process.communicate(timeout=PATIENCE_SECONDS)

        self.addCleanup(stop)
        return process

    def stand_in(self, script):
        """An environment in which the shell script runs in QEMU's place.

        It may start "$QEMU", the real one, and write a process ID to "$NOTE" for noted_process().
        """
        path = directory / "qemu-stand-in"
        note = directory / "process-id"
        path.write_text(f"#!/bin/sh\nQEMU={shlex.quote(QEMU)}\nNOTE={note}\n{script}\n")
        path.chmod(0o755)
        return {**os.environ, "QEMU_SYSTEM_AARCH64": str(path)}

    def noted_process(self):
        return int((directory / "process-id").read_text())

    def assert_ended(self, result, status, stdout=None, stderr=None):
        """stderr is a regular expression for the whole, or None where it has to be empty."""
        words = result.stderr.decode()
        self.assertEqual(result.returncode, status, words)
        if stdout is not None:
            self.assertEqual(result.stdout, stdout)
        self.assertRegex(words, f"\\A{stderr}\\Z" if stderr else r"\A\Z")


NOTED_QEMU = 'echo $$ > "$NOTE"; exec "$QEMU" "$@"'


class ExitStatus(Case):
    def test_power_off_gives_0(self):
        self.assert_ended(self.run_image(printer(b"hello\n")), 0, b"hello\n")

    def test_reset_gives_2(self):
        result = self.run_image(printer(b"hello\n", "reset"))
        self.assert_ended(result, 2, b"hello\n", "vmbase-run: the guest reset\n")

    def test_panic_gives_2(self):
        # Puts the panic device, which is PCI device 1, at 0x10000000, and writes "panicked" to it.
        image = build_raw(
            "panic.bin",
            """
                .globl _start
            _start:
                movz x1, #0x3f00, lsl #16
                movk x1, #0x8000
                mov w2, #0x10000000
                str w2, [x1, #0x10]
                mov w3, #2
                strh w3, [x1, #4]
                mov w3, #1
                strb w3, [x2]
            1:  wfi
                b 1b
            """,
        )
        panic_device = ["-M", "highmem=off", "-device", "pvpanic-pci,addr=1"]
        result = self.run_image(image, "--", *panic_device)
        self.assert_ended(result, 2, b"", "vmbase-run: .*guest-panic.*\n")

    def test_time_out_gives_3_and_keeps_the_output(self):
        result = self.run_until_printed(6, "--timeout", "0.5", printer(b"hello\n", "hang"))
        self.assert_ended(result, 3, b"hello\n", "vmbase-run: .* 0.5 seconds\n")

    def test_output_without_end_does_not_put_off_the_time_out(self):
        result = self.run_until_printed(10000, "--timeout", "0.5", printer(b"", "flood"))
        self.assert_ended(result, 3, None, "vmbase-run: .* 0.5 seconds\n")

    def test_reader_that_sleeps_does_not_put_off_the_time_out(self):
        env = self.stand_in(NOTED_QEMU)
        image = printer(b"", "flood")
        process = self.start_image("--timeout", "0.5", image, env=env, command=self.clock(20000))
        process.stdout.read(1)
        wait_until(lambda: not is_alive(self.noted_process()))
        process.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual(process.returncode, 3)

    def test_missing_qemu_gives_4(self):
        env = {**os.environ, "QEMU_SYSTEM_AARCH64": "/nonexistent"}
        result = self.run_image(printer(b""), env=env)
        self.assert_ended(result, 4, b"", "vmbase-run: cannot start /nonexistent: .*\n")

    def test_argument_that_qemu_refuses_gives_4(self):
        result = self.run_image(printer(b""), "--", "-no-such-option")
        words = ".*-no-such-option: invalid option\nvmbase-run: .* status 1\n"
        self.assert_ended(result, 4, b"", words)

    def test_qemu_that_only_prints_something_gives_4(self):
        self.assertEqual(self.run_image(printer(b""), "--", "-version").returncode, 4)

    def test_qemu_that_dies_gives_4(self):
        result = self.run_image(printer(b""), env=self.stand_in("kill -9 $$"))
        self.assert_ended(result, 4, b"", "vmbase-run: .* status -9\n")

    def test_qemu_that_dies_while_it_is_spoken_to_gives_4(self):
        greet = """monitor.sendall(b'{"QMP": {}}\\n')"""
        for name, steps in (
            ("before it is answered", ["monitor.shutdown(socket.SHUT_RD)", greet]),
            ("before it reads", [greet, "select.select([monitor], [], [])"]),
        ):
            with self.subTest(name):
                lines = [
                    "import re, select, socket, sys",
                    "number = re.search('fd=([0-9]+)', ' '.join(sys.argv))[1]",
                    "monitor = socket.socket(fileno=int(number))",
                    *steps,
                ]
                python = [sys.executable, "-c", "\n".join(lines)]
                env = self.stand_in(f'exec {shlex.join(python)} "$@"')
                result = self.run_image(printer(b""), env=env)
                self.assert_ended(result, 4, b"", "vmbase-run: .* status 0\n")

    def test_qemu_that_is_ended_from_outside_gives_4(self):
        env = self.stand_in(NOTED_QEMU)
        process = self.start_image(printer(b"x", "hang"), env=env)
        process.stdout.read(1)
        os.kill(self.noted_process(), signal.SIGTERM)
        _, stderr = process.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual(process.returncode, 4)
        self.assertIn(b"host-signal", stderr)

    def test_qemu_that_lingers_after_the_power_off_is_ended(self):
        self.assert_ended(self.run_image(printer(b"hello\n"), "--", "-no-shutdown"), 0, b"hello\n")

    def test_wrong_command_line_gives_4(self):
        self.assert_ended(self.run_image("--no-such-option"), 4, b"", "vmbase-run: .*--help.*\n")

    def test_closed_standard_streams_give_4(self):
        for stream in "<&-", ">&-", "2>&-":
            with self.subTest(stream):
                command = f"exec {shlex.quote(VMBASE_RUN)} {printer(b'hello')} {stream}"
                result = subprocess.run(
                    ["sh", "-c", command], capture_output=True, timeout=PATIENCE_SECONDS
                )
                self.assert_ended(result, 4, b"")


BUILD = bytes(range(0x80, 0x94))


def report(build=BUILD):
    header = f"\ncrash report of build {build.hex()}, offset 0x{0:016x}\n"
    return header.encode() + b"panic: x\n  x0 \nbacktrace:\n  0x0000000040080000\n"


class Crash(Case):
    """The image has its id, as the build's note has it, behind what it prints."""

    def crasher(self, text, ending="reset"):
        image = printer(text, ending)
        image.write_bytes(image.read_bytes() + BUILD)
        return image

    def test_reset_after_a_report_gives_5(self):
        text = b"hello\n" + report()
        result = self.run_image(self.crasher(text))
        self.assert_ended(result, 5, text, "vmbase-run: the guest crashed: panic: x\n")

    def test_all_that_happened_is_told(self):
        text = report().replace(b"panic: x\n", b"data abort\r\nmain stack overflow\r\n")
        result = self.run_image(self.crasher(text))
        self.assert_ended(result, 5, text, "vmbase-run: .*: data abort; main stack overflow\n")

    def test_report_that_faults_is_told(self):
        text = report().partition(b"panic")[0]
        result = self.run_image(self.crasher(text))
        self.assert_ended(result, 5, text, "vmbase-run: the guest crashed: its report faulted\n")

    def test_report_that_is_not_the_image_s_own_gives_2(self):
        for name, text in (
            ("another build's", report(bytes(20))),
            ("one without an id", report(b"")),
            ("one whose id is too short to be one", report(BUILD[:7])),
            ("half an id", report().replace(BUILD.hex().encode(), BUILD.hex().encode()[:-1])),
            ("quoted", b"he said: 'crash report of build'\n"),
        ):
            with self.subTest(name):
                result = self.run_image(self.crasher(text))
                self.assert_ended(result, 2, text, "vmbase-run: the guest reset\n")

    def test_report_gives_5_however_the_guest_ends(self):
        crashed = "vmbase-run: the guest crashed: panic: x\n"
        self.assert_ended(self.run_image(self.crasher(report(), "off")), 5, report(), crashed)
        result = self.run_until_printed(len(report()), "--timeout=2", self.crasher(report(), "hang"))
        self.assert_ended(result, 5, report(), "vmbase-run: .*seconds\n" + crashed)

    def test_report_is_found_in_pieces_and_behind_an_endless_line(self):
        watcher = vmbase_run.CrashReport(BUILD)
        for _ in range(1000):
            watcher.feed(b"x" * 4096)
        self.assertLessEqual(len(watcher.partial_line), watcher.LINE_LIMIT_BYTES)
        for value in report() + b"y\n" * 1000:
            watcher.feed(bytes([value]))
        self.assertIn(b"panic: x", watcher.lines)
        self.assertEqual(len(watcher.lines), watcher.LINES_LIMIT)

    def test_crash_wins_over_the_plan(self):
        text = b"1..1\nok 1\n" + report()
        result = self.run_image("--tap", self.crasher(text))
        self.assert_ended(result, 5, text, "vmbase-run: .*crashed: panic: x\n")


class Signals(Case):
    def start_watched(self, script=NOTED_QEMU, **keywords):
        process = self.start_image(printer(b"x", "hang"), env=self.stand_in(script), **keywords)
        self.assertEqual(process.stdout.read(1), b"x")
        self.assertTrue(is_alive(self.noted_process()))
        return process

    def assert_signal_ends(self, process, number, status):
        process.send_signal(number)
        _, stderr = process.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual(process.returncode, status)
        self.assertEqual(stderr, b"")
        wait_until(lambda: not is_alive(self.noted_process()))

    def test_interrupt_gives_130(self):
        self.assert_signal_ends(self.start_watched(), signal.SIGINT, 130)

    def test_terminate_gives_143(self):
        self.assert_signal_ends(self.start_watched(), signal.SIGTERM, 143)

    def test_hangup_gives_129(self):
        self.assert_signal_ends(self.start_watched(), signal.SIGHUP, 129)

    def test_signal_that_is_ignored_stays_ignored(self):
        process = self.start_watched(ignored_signals=[signal.SIGHUP])
        # It comes before the next one, and would decide.
        process.send_signal(signal.SIGHUP)
        self.assert_signal_ends(process, signal.SIGTERM, 143)

    def test_qemu_started_by_a_script_is_ended(self):
        process = self.start_watched('"$QEMU" "$@" & echo $! > "$NOTE"; wait')
        self.assert_signal_ends(process, signal.SIGTERM, 143)

    @unittest.skipUnless(sys.platform == "linux", "only Linux ends a process with its parent")
    def test_kill_leaves_no_qemu_behind(self):
        self.assert_signal_ends(self.start_watched(), signal.SIGKILL, -signal.SIGKILL)


class Output(Case):
    def test_is_complete(self):
        text = b"0123456789abcdefghi\n" * 1000
        self.assert_ended(self.run_image(printer(text)), 0, text)

    def test_is_complete_for_a_slow_reader(self):
        text = bytes(range(1, 256)) * 1000
        process = self.start_image("--tap", printer(text), pipesize=select.PIPE_BUF)
        process.stdout.read(1)
        # What is not read keeps the rest from coming.
        wait_until(lambda: readable_bytes(process.stdout) > 0)
        stdout, _ = process.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual(stdout, text[1:])

    def test_comes_while_the_guest_runs(self):
        process = self.start_image(printer(b"no line end", "hang"))
        text = b""
        while text != b"no line end":
            text += process.stdout.read(100)
        self.assertIsNone(process.poll())

    def test_reader_that_leaves_ends_qemu_quietly(self):
        env = self.stand_in(NOTED_QEMU)
        process = self.start_image(printer(b"", "flood"), env=env)
        process.stdout.read(1)
        process.stdout.close()
        self.assertEqual(process.wait(PATIENCE_SECONDS), 128 + signal.SIGPIPE)
        self.assertEqual(process.stderr.read(), b"")
        self.assertFalse(is_alive(self.noted_process()))


# Sends back each byte that it is sent, up to a q.
ECHO = """
    .globl _start
_start:
    mov x1, #0x09000000
    mov w2, #'>'
    strb w2, [x1]
1:  ldr w2, [x1, #0x18]
    tbnz w2, #4, 1b
    ldrb w3, [x1]
    strb w3, [x1]
    cmp w3, #'q'
    b.ne 1b
""" + ENDINGS["off"]

# Prints '+' if the UART at x1 receives a byte while the guest looks for one, so many times.
MORE = """
    mov x9, #0x10000
6:  ldr w4, [x1, #0x18]
    tbz w4, #4, 7f
    subs x9, x9, #1
    b.ne 6b
    b 8f
7:  mov w3, #'+'
    strb w3, [x1]
8:
"""

# Makes its stdin the terminal of a new session, and runs the rest of its words in the background there.
IN_BACKGROUND = """
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
child = os.fork()
if child == 0:
    os.setpgid(0, 0)
    os.execvp(sys.argv[1], sys.argv[1:])
_, status = os.waitpid(child, os.WUNTRACED)
sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 100)
"""


class Input(Case):
    def setUp(self):
        self.echo = build_raw("echo.bin", ECHO)

    def assert_echoed(self, data):
        self.assert_ended(self.run_image(self.echo, input=data), 0, b">" + data)

    def test_bytes_go_to_the_guest(self):
        self.assert_echoed(bytes(value for value in range(256) if value != ord("q")) + b"q")

    def test_many_bytes_go_to_the_guest(self):
        # More than goes into a pipe at once.
        self.assert_echoed(b"0123456789abcdef" * 1000 + b"q")

    def test_bytes_come_while_the_guest_runs(self):
        process = self.start_image(self.echo, stdin=subprocess.PIPE)
        self.assertEqual(process.stdout.read(1), b">")
        for value in b"a\n\0\x01x\x03q":
            process.stdin.write(bytes([value]))
            self.assertEqual(process.stdout.read(1), bytes([value]))
        self.assertEqual(process.wait(PATIENCE_SECONDS), 0)

    def test_bytes_that_the_guest_does_not_take_do_not_matter(self):
        data = b"x" * 1000000
        self.assert_ended(self.run_image(printer(b"hello\n"), input=data), 0, b"hello\n")
        result = self.run_image(
            "--timeout=0.5", printer(b"hello\n", "hang"), command=self.clock(6), input=data
        )
        self.assert_ended(result, 3, b"hello\n", "vmbase-run: .*seconds\n")

    def test_end_of_the_input_is_not_the_guest_s(self):
        process = self.start_image(printer(b"x", "hang"), stdin=subprocess.PIPE)
        process.stdin.close()
        process.stdin = None
        self.assertEqual(process.stdout.read(1), b"x")
        self.assertIsNone(process.poll())

    def test_end_of_the_input_is_one_control_d(self):
        # The guest waits long before it reads. It reads up to a 4, then waits for one more, which must not come, and
        # would print '+' for it.
        late = "    mov x9, #0x1000000\n5:  subs x9, x9, #1\n    b.ne 5b\n"
        begin, end = ECHO.replace("#'q'", "#4").split("_start:\n")
        code = begin + "_start:\n" + late + end.replace(ENDINGS["off"], MORE + ENDINGS["off"])
        guest = build_raw("end.bin", code)
        for data in (b"", b"a\nb\n", b"no new line", b"x" * 10000):
            with self.subTest(data=data[:8]):
                self.assert_ended(self.run_image(guest, input=data), 0, b">" + data + b"\x04")
                path = directory / "input"
                path.write_bytes(data)
                with open(path, "rb") as file:
                    self.assert_ended(self.run_image(guest, stdin=file), 0, b">" + data + b"\x04")
        self.assert_ended(self.run_image(guest), 0, b">\x04")

    def test_unreadable_input_gives_no_control_d(self):
        code = "    .globl _start\n_start:\n    mov x1, #0x09000000\n" + MORE + ENDINGS["off"]
        guest = build_raw("generic.bin", code)
        with open(os.devnull, "w", encoding="utf-8") as unreadable:
            self.assert_ended(self.run_image(guest, stdin=unreadable), 0, b"")

    def test_input_that_cannot_be_read_has_ended(self):
        with open(os.devnull, "w", encoding="utf-8") as unreadable:
            self.assert_ended(self.run_image(printer(b"hello\n"), stdin=unreadable), 0, b"hello\n")


class Terminal(Case):
    HINT = "vmbase-run: the keys go to the guest; Ctrl-A x ends it\n"

    def setUp(self):
        self.echo = build_raw("echo.bin", ECHO)
        self.master, self.slave = pty.openpty()
        self.addCleanup(os.close, self.slave)
        self.addCleanup(os.close, self.master)
        self.mode = termios.tcgetattr(self.slave)

    def start_on_terminal(self, *arguments, **keywords):
        """Returns the process when the keys are the guest's."""
        process = self.start_image(*arguments, stdin=self.slave, **keywords)
        wait_until(lambda: not termios.tcgetattr(self.slave)[3] & termios.ICANON or process.poll() is not None)
        return process

    def assert_restored(self, process, status, pattern=HINT):
        _, stderr = process.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual(process.returncode, status, stderr)
        self.assertRegex(stderr.decode(), rf"\A{pattern}\Z")
        self.assertEqual(termios.tcgetattr(self.slave), self.mode)

    def type_and_read(self, process, keys, data):
        os.write(self.master, keys)
        read = b""
        while len(read) < len(data):
            read += process.stdout.read(len(data) - len(read))
        self.assertEqual(read, data)

    def test_each_key_goes_to_the_guest(self):
        process = self.start_on_terminal(self.echo)
        self.assertEqual(process.stdout.read(1), b">")
        # Return, and the keys that a terminal in its usual mode does not pass on.
        for value in b"a\r\n\x03\x04\x1a\x1c\x7f\x13\x11\x16\x00":
            key = bytes([value])
            with self.subTest(key):
                self.type_and_read(process, key, key)
        # What follows Ctrl-A is another Ctrl-A, or itself.
        self.type_and_read(process, b"\x01\x01xX", b"\x01xX")
        self.type_and_read(process, b"\x01yx", b"yx")
        # Nothing was echoed by the terminal.
        self.assertEqual(select.select([self.master], [], [], 0)[0], [])
        os.write(self.master, b"q")
        self.assert_restored(process, 0)

    def test_control_a_x_ends_it(self):
        for keys in b"\x01x", b"\x01X", b"abc\x01x":
            with self.subTest(keys):
                process = self.start_on_terminal(self.echo)
                os.write(self.master, keys)
                self.assert_restored(process, 130)
        process = self.start_on_terminal(self.echo)
        os.write(self.master, b"\x01")
        self.type_and_read(process, b"", b">")
        os.write(self.master, b"x")
        self.assert_restored(process, 130)

    def test_terminal_is_as_before_after_any_end(self):
        for number, status in ((signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)):
            with self.subTest(number):
                process = self.start_on_terminal(self.echo)
                process.send_signal(number)
                self.assert_restored(process, status)
        with self.subTest("power-off"):
            self.assert_restored(self.start_on_terminal(printer(b"x")), 0)
        with self.subTest("reset"):
            process = self.start_on_terminal(printer(b"x", "reset"))
            self.assert_restored(process, 2, self.HINT + "vmbase-run: the guest reset\n")
        with self.subTest("time-out"):
            process = self.start_on_terminal("--timeout=0.5", printer(b"x", "hang"), command=self.clock(1))
            self.assert_restored(process, 3, self.HINT + "vmbase-run: .*seconds\n")
        with self.subTest("QEMU fails"):
            process = self.start_on_terminal(printer(b"x"), "--", "-no-such-option")
            self.assert_restored(process, 4, "(?s:.*)vmbase-run: .* status 1\n")
        with self.subTest("nobody reads"):
            process = self.start_on_terminal(printer(b"", "flood"))
            process.stdout.read(1)
            process.stdout.close()
            self.assertEqual(process.wait(PATIENCE_SECONDS), 141)
            self.assertEqual(termios.tcgetattr(self.slave), self.mode)

    def test_in_the_background_the_terminal_is_left_alone(self):
        # Whoever reads a terminal, or changes its mode, in the background is stopped.
        result = self.run_image(
            printer(b"hello\n"), command=[sys.executable, "-c", IN_BACKGROUND, VMBASE_RUN], stdin=self.slave
        )
        self.assert_ended(result, 0, b"hello\n")
        self.assertEqual(termios.tcgetattr(self.slave), self.mode)


# Prints the device tree whose address is in x0, then the ID of the last virtio-mmio transport's device.
DEVICES = """
    .globl _start
_start:
    mov x1, #0x09000000
    ldr w2, [x0, #4]
    rev w2, w2
1:  ldrb w3, [x0], #1
    strb w3, [x1]
    subs w2, w2, #1
    b.ne 1b
    mov x2, #0x0a000000
    add x2, x2, #0x3000
    ldr w3, [x2, #0xe08]
    add w3, w3, #'0'
    strb w3, [x1]
""" + ENDINGS["off"]


class Examples(Case):
    """Those of --help, as a user would type them."""

    def examples(self):
        manual = subprocess.run([VMBASE_RUN, "--help"], capture_output=True, check=True, text=True).stdout
        # Up to the first line that is not indented.
        block = re.split(r"\n(?!  )", manual.partition("Examples:\n")[2])[0]
        return [line.strip() for line in block.replace("\\\n", "").splitlines()]

    def run_example(self, image, code, line):
        folder = directory / "examples"
        folder.mkdir(exist_ok=True)
        shutil.copy(build_raw("example.bin", code), folder / image)
        (folder / "files.cpio").write_bytes(b"070701 files")
        (folder / "disk.img").write_bytes(bytes(1 << 20))
        path = f"{os.path.dirname(VMBASE_RUN)}{os.pathsep}{os.environ['PATH']}"
        command = ["sh", "-c", line]
        result = self.run_image(command=command, cwd=folder, env={**os.environ, "PATH": path})
        self.assert_ended(result, 0)
        return result.stdout

    def test_each_does_what_it_says(self):
        lines = {}
        for line in self.examples():
            for word in ("typed", "-append", "-initrd", "-smp", "-drive", "--print-command", "-m 1G"):
                if word in line:
                    lines[word] = line
                    break
            else:
                lines["plain"] = line
        self.assertEqual(len(lines), 8, lines)
        self.assertEqual(len(self.examples()), 8)

        self.assertEqual(self.run_example("hello.bin", ECHO.replace("#'q'", "#10"), lines["typed"]), b">typed\n")
        plain = self.run_example("hello.bin", DEVICES, lines["plain"])
        size = struct.pack(">QQ", 0x40000000, 256 << 20)
        for word, found in (
            ("-append", b"console=ttyAMA0 debug\0"),
            ("-initrd", b"linux,initrd-start\0"),
            ("-smp", b"cpu@1\0"),
            ("-m 1G", struct.pack(">QQ", 0x40000000, 1 << 30)),
        ):
            with self.subTest(word):
                output = self.run_example("hello.bin", DEVICES, lines[word])
                self.assertIn(found, output)
                self.assertNotIn(found, plain)
                self.assertEqual(size in output, word != "-m 1G")
        self.assertEqual(plain[-1:], b"0")
        # A block device.
        self.assertEqual(self.run_example("hello.bin", DEVICES, lines["-drive"])[-1:], b"2")
        by_hand = self.run_example("hello.bin", DEVICES, lines["--print-command"]).decode()
        self.assertIn(struct.pack(">QQ", 0x40000000, 1 << 30), self.run_example("hello.bin", DEVICES, by_hand))

    def test_command_by_hand_is_printed_for_a_shell(self):
        image = directory / "an image's.bin"
        image.write_bytes(printers["off"] + b"hello\n\0")
        result = self.run_image("--print-command", "--cpu=cortex-a53", image, "--", "-append", "a b")
        self.assert_ended(result, 0)
        words = shlex.split(result.stdout.decode())
        self.assertEqual(words[0], QEMU)
        self.assertEqual(words[words.index("-cpu") + 1], "cortex-a53")
        self.assertEqual(words[words.index("-kernel") + 1], str(image))
        self.assertEqual(words[-2:], ["-append", "a b"])
        self.assertEqual(self.run_image(command=["sh", "-c", result.stdout]).stdout, b"hello\n")


class Image(Case):
    def assert_refused(self, image, reason):
        self.assert_ended(self.run_image(image), 4, b"", f"vmbase-run: .*{reason}.*\n")

    def patched_elf(self, offset, data):
        elf = bytearray(printer_elf("good.elf", "hello").read_bytes())
        elf[offset : offset + len(data)] = data
        patched = directory / "patched.elf"
        patched.write_bytes(elf)
        return patched

    def test_elf_is_booted(self):
        self.assert_ended(self.run_image(printer_elf("good.elf", "hello")), 0, b"hello")

    def test_raw_image_gets_the_device_tree_that_the_manual_tells_of(self):
        image = build_raw("x0.bin", REPORTER.format("ldr w3, [x0]\n orr x3, x3, x0, lsl #32"))
        self.assert_ended(self.run_image(image), 0, b"48000000edfe0dd0")

    def test_elf_outside_the_ram_is_refused(self):
        high = printer_elf("high.elf", "hello", 0x80200000)
        self.assert_refused(high, "for 0x80200000 .*not QEMU's RAM.* 0x40000000 to 0x50000000")
        self.assert_refused(printer_elf("low.elf", "hello", 0x200000), "linked for 0x200000 ")

    def test_elf_in_ram_that_was_asked_for_is_booted(self):
        high = printer_elf("high.elf", "hello", 0x80200000)
        self.assert_ended(self.run_image(high, "--", "-m", "1536M"), 0, b"hello")

    def test_empty_segment_of_an_elf_may_lie_anywhere(self):
        gnu_stack, load = struct.pack("<I", 0x6474E551), struct.pack("<I", 1)
        # The segment of this type that the linker adds is empty and lies at 0.
        elf = printer_elf("good.elf", "hello").read_bytes()
        self.assertEqual(elf.count(gnu_stack), 1)
        patched = self.patched_elf(elf.index(gnu_stack), load)
        self.assert_ended(self.run_image(patched), 0, b"hello")

    def test_elf_for_another_machine_is_refused(self):
        machine_x86 = struct.pack("<H", 62)
        for name, offset, data in (
            ("32 bits", 4, b"\x01"),
            ("big endian", 5, b"\x02"),
            ("x86", 18, machine_x86),
        ):
            with self.subTest(name):
                self.assert_refused(self.patched_elf(offset, data), "not for 64-bit little-endian")

    def test_elf_that_is_cut_short_is_refused(self):
        elf = printer_elf("good.elf", "hello").read_bytes()
        cut = directory / "cut.elf"
        for size in 4, 63, 100:
            with self.subTest(size):
                cut.write_bytes(elf[:size])
                self.assert_refused(cut, "cut short")

    def test_elf_for_another_machine_says_for_which(self):
        machines = {62: "64-bit little-endian x86-64", 40: "little-endian 32-bit Arm", 999: "machine 999"}
        for machine, name in machines.items():
            self.assert_refused(self.patched_elf(18, struct.pack("<H", machine)), f"for .*{name}, not for")

    def test_program_for_an_operating_system_is_refused(self):
        interpreter = struct.pack("<I", 3)
        elf = printer_elf("good.elf", "hello").read_bytes()
        patched = self.patched_elf(elf.index(struct.pack("<I", 0x6474E551)), interpreter)
        self.assert_refused(patched, "program for an operating system")

    def test_elf_whose_entry_is_not_in_its_code_is_refused(self):
        for entry in 0, 0x40000000:
            self.assert_refused(self.patched_elf(24, struct.pack("<Q", entry)), f"entry point, {entry:#x}, is not")

    def test_what_is_certainly_no_image_is_refused(self):
        wrong = directory / "wrong.bin"
        for data, reason in (
            (b"#!/bin/sh\necho hello\n", "is a text"),
            (pathlib.Path(__file__).read_bytes(), "is a text"),
            # Cut in the middle of a character.
            (b"x" * 4095 + "\u00fc".encode() * 100, "is a text"),
            (bytes(4096), "does not begin with an instruction"),
            (b"\xff\xff", "does not begin with an instruction"),
            (b"\x00\x01\x02\x03" * 1000, "does not begin with an instruction"),
        ):
            with self.subTest(data[:20]):
                wrong.write_bytes(data)
                self.assert_refused(wrong, reason)

    def test_what_is_no_file_is_refused(self):
        fifo = directory / "fifo"
        os.mkfifo(fifo)
        self.assert_refused(fifo, "not a file but")
        self.assert_refused("/dev/null", "not a file but")

    def test_raw_image_that_is_larger_than_the_ram_is_refused_before_it_is_read(self):
        large = directory / "large.bin"
        large.write_bytes(printers["off"] + b"\0")
        # A file with a hole takes no room.
        os.truncate(large, 3 << 30)
        result = self.run_image(large, env=self.stand_in("echo started >&2; exit 1"))
        self.assert_ended(result, 4, b"", f"vmbase-run: .* has {3 << 30} bytes, and there is room for .*\n")

    def test_large_elf_is_not_read_as_a_whole(self):
        elf = printer_elf("large.elf", "hello")
        os.truncate(elf, 3 << 30)
        self.assertIsInstance(vmbase_run.map_file(elf), mmap.mmap)
        self.assert_ended(self.run_image(elf), 0, b"hello")

    @unittest.skipIf(os.geteuid() == 0, "root reads everything")
    def test_file_without_permission_is_refused(self):
        image = printer(b"hello")
        image.chmod(0)
        self.addCleanup(image.unlink)
        self.assert_refused(image, "cannot read .*: Permission denied")

    def test_raw_image_for_another_address_is_told_of_and_run(self):
        named = directory / "elsewhere"
        named.mkdir()
        printer_elf("elsewhere/image", "", 0x80200000)
        raw = named / "image.bin"
        raw.write_bytes(printers["off"] + b"hello\0")
        words = "vmbase-run: .*image.bin is linked for 0x80200000, and QEMU loads it at 0x40080000: .*\n"
        self.assert_ended(self.run_image(raw), 0, b"hello", words)
        # What is position-independent may relocate itself.
        elf = bytearray((named / "image").read_bytes())
        elf[16:18] = struct.pack("<H", 3)
        (named / "image").write_bytes(elf)
        self.assert_ended(self.run_image(raw), 0, b"hello")

    def test_silent_end_names_likely_causes(self):
        words = "vmbase-run: .*not printed a byte.* 0x9000000.*another address.*endless loop.*virtualization=on.*\n"
        waits = words.replace("=on", "=on.*; it waits for input, and stdin has ended")
        result = self.run_image("--timeout=0.1", printer(b"", "hang"))
        self.assert_ended(result, 3, b"", f"vmbase-run: .*seconds\n{waits}")
        # The pipe stays open.
        process = self.start_image("--timeout=0.1", printer(b"", "hang"), stdin=subprocess.PIPE)
        self.assertEqual(process.wait(PATIENCE_SECONDS), 3)
        stderr = process.stderr.read().decode()
        self.assertRegex(stderr, f"\\Avmbase-run: .*seconds\n{words}\\Z")
        self.assertNotIn("input", stderr)
        result = self.run_image(printer(b"", "reset"))
        self.assert_ended(result, 2, b"", f"vmbase-run: the guest reset\n{words}")
        # The instructions are legal, and mean nothing.
        noise = directory / "noise.bin"
        noise.write_bytes(bytes(value * 167 % 256 for value in range(3, 70000)))
        self.assert_ended(self.run_image("--timeout=1", noise), 3, b"", f"vmbase-run: .*seconds\n{words}")

    def test_object_file_is_refused(self):
        unlinked = directory / "unlinked.o"
        command = [*CC, "-c", "-x", "assembler", "-", "-o", unlinked]
        subprocess.run(command, input=b"nop\n", check=True)
        self.assert_refused(unlinked, "nothing to load")

    def test_empty_file_is_refused(self):
        empty = directory / "empty.bin"
        empty.touch()
        self.assert_refused(empty, "empty")

    def test_file_that_cannot_be_read_is_refused(self):
        self.assert_refused(directory / "missing", "cannot read .*: No such file")
        self.assert_refused(directory, "cannot read .*: Is a directory")


class QemuArguments(Case):
    def test_cpu_is_passed_on(self):
        image = build_raw("midr.bin", REPORTER.format("mrs x3, midr_el1"))
        result = self.run_image("--cpu", "cortex-a53", image)
        self.assert_ended(result, 0)
        self.assertRegex(result.stdout, rb"d03.\Z")

    def test_arguments_after_the_dashes_win(self):
        # The field GIC, bits 24 to 27, tells whether the CPU has a GICv3's system registers.
        field = "mrs x3, id_aa64pfr0_el1\n ubfx x3, x3, #24, #4"
        gic = build_raw("gic.bin", REPORTER.format(field))
        self.assert_ended(self.run_image(gic), 0, b"0" * 16)
        result = self.run_image(gic, "--", "-M", "gic-version=3")
        self.assert_ended(result, 0, b"0" * 15 + b"1")

        print_a_dot = "mov x1, #0x09000000\n mov w2, #'.'\n strb w2, [x1]\n"
        last_word = "movz x0, #0x5fff, lsl #16\n mov w3, #7\n str w3, [x0]\n ldr w3, [x0]"
        memory = build_raw("memory.bin", REPORTER.format(print_a_dot + last_word))
        result = self.run_until_printed(1, "--timeout", "0.3", memory)
        self.assert_ended(result, 3, b".", "vmbase-run: .*seconds\n")
        result = self.run_image(memory, "--", "-m", "512M")
        self.assert_ended(result, 0, b"." + b"0" * 15 + b"7")


class Gdb(Case):
    LINE = (
        r"vmbase-run: .*: gdb-multiarch -x (?:\S+/vmbase-gdb\.py)(.*)"
        r" -ex 'target remote 127\.0\.0\.1:(\d+)'( -ex vmbase-main)?\n"
    )

    def start_gdb(self, *arguments, **keywords):
        """Returns the process, the port and the words of the line for the image's symbols."""
        process = self.start_image(*arguments, **keywords)
        line = b""
        while not line.endswith(b"\n"):
            piece = process.stderr.read(1)
            self.assertTrue(piece, line)
            line += piece
        match = re.fullmatch(self.LINE, line.decode())
        self.assertTrue(match, line)
        # There is a main to stop at where there are symbols.
        self.assertEqual(bool(match[1]), bool(match[3]))
        return process, int(match[2]), match[1]

    def free_port(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            return server.getsockname()[1]

    def test_waits_for_a_debugger_without_a_time_out(self):
        image = printer(b"hello\n")
        # Any time-out is over from the beginning.
        process, port, _ = self.start_gdb("--gdb", "--timeout", "0.2", image, command=self.clock(0))
        with socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS) as debugger:
            debugger.sendall(b"+$?#3f")
            answer = b""
            while b"#" not in answer:
                answer += debugger.recv(100)
            self.assertRegex(answer, rb"\A\+\$[ST]05")
            debugger.sendall(b"+$c#63")
            stdout, stderr = process.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual((process.returncode, stdout, stderr), (0, b"hello\n", b""))

    def test_named_port_is_used(self):
        port = self.free_port()
        self.assertEqual(self.start_gdb(f"--gdb={port}", printer(b""))[1], port)

    def test_named_port_that_is_taken_gives_4(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            result = self.run_image(f"--gdb={port}", printer(b""))
            self.assert_ended(result, 4, b"", f"vmbase-run: .*127.0.0.1:{port}: .*in use\n")

    def test_another_port_is_found_where_1234_is_taken(self):
        try:
            server = socket.create_server(("127.0.0.1", 1234))
        except OSError:
            self.skipTest("somebody else has taken port 1234, and may give it back meanwhile")
        with server:
            self.assertNotEqual(self.start_gdb("--gdb", printer(b""))[1], 1234)

    def test_line_names_the_file_with_the_symbols(self):
        named = directory / "named"
        named.mkdir()
        elf = printer_elf("named/both elf", "")
        raw = named / "both elf.bin"
        raw.write_bytes(printers["off"] + b"\0")
        for image in raw, elf:
            self.assertEqual(self.start_gdb("--gdb", image)[2], f" '{elf}'")
        elf.rename(named / "both elf.elf")
        self.assertEqual(self.start_gdb("--gdb", raw)[2], f" '{elf}.elf'")
        (named / "both elf.elf").write_text("no ELF file")
        self.assertEqual(self.start_gdb("--gdb", raw)[2], "")

    def test_symbols_are_put_where_the_image_is_loaded(self):
        named = directory / "moved"
        named.mkdir()
        raw = named / "image.bin"
        header = struct.Struct("<IIQQ32x4s")
        elf = printer_elf("moved/image", "", 0x40000)
        for name, data, offset in (
            ("no header", printers["off"], 0x40040000),
            ("no size", header.pack(0xD503201F, 0, 0x200000, 0, b"ARM\x64"), 0x40040000),
            ("text_offset", header.pack(0xD503201F, 0, 0x200000, 4096, b"ARM\x64"), 0x401C0000),
            ("text_offset 0", header.pack(0xD503201F, 0, 0, 4096, b"ARM\x64"), 0x401C0000),
        ):
            with self.subTest(name):
                raw.write_bytes(data + b"\0")
                words = f""" -ex 'symbol-file -o {offset:#x} "{elf}"'"""
                self.assertEqual(self.start_gdb("--gdb", raw)[2], words)


class CommandLine(unittest.TestCase):
    def parse(self, *words):
        return vmbase_run.parse_command_line(list(words))

    def test_defaults(self):
        with mock.patch.dict(os.environ):
            del os.environ["VMBASE_RUN_TIMEOUT"]
            options = self.parse("image")
        self.assertEqual(
            options,
            vmbase_run.Options(
                image="image",
                tap=False,
                expected_lines=[],
                timeout_seconds=30,
                cpu="max",
                prints_command=False,
                gdb_ports=[],
                gdb_arguments=None,
                qemu_arguments=[],
            ),
        )

    def test_options_may_follow_the_image(self):
        options = self.parse("image", "--tap", "--timeout=1.5", "--", "--cpu", "--")
        self.assertEqual((options.tap, options.timeout_seconds), (True, 1.5))
        self.assertEqual(options.qemu_arguments, ["--cpu", "--"])

    def test_environment_has_the_time_out_where_the_command_line_has_none(self):
        with mock.patch.dict(os.environ, VMBASE_RUN_TIMEOUT="77.5"):
            self.assertEqual(self.parse("image").timeout_seconds, 77.5)
            self.assertEqual(self.parse("--timeout=3", "image").timeout_seconds, 3)
        for value in "0", "soon":
            with mock.patch.dict(os.environ, VMBASE_RUN_TIMEOUT=value):
                with self.assertRaisesRegex(vmbase_run.Failure, "VMBASE_RUN_TIMEOUT"):
                    self.parse("image")

    def test_gdb_does_not_take_the_image_for_a_port(self):
        options = self.parse("--gdb", "image")
        self.assertEqual((options.image, options.gdb_ports), ("image", [1234, 0]))

    def test_arguments_of_gdb_start_one(self):
        options = self.parse("--gdb-arguments", "-batch -ex 'info files'", "image")
        self.assertEqual(options.gdb_ports, [1234, 0])
        self.assertEqual(options.gdb_arguments, ["-batch", "-ex", "info files"])
        options = self.parse("--gdb=5", "--gdb-arguments=", "image")
        self.assertEqual((options.gdb_ports, options.gdb_arguments), ([5], []))

    def test_wrong_words_are_refused(self):
        for words in (
            [],
            ["one", "two"],
            ["--", "image"],
            ["--timeout", "image"],
            ["--tap=1", "image"],
            *(["--timeout", value, "image"] for value in ("0", "-1", "nan", "inf", "1e9", "soon")),
            ["--gdb-arguments", "'", "image"],
            *([f"--gdb={value}", "image"] for value in ("0", "65536", "-1", "x", "1" * 5000)),
        ):
            with self.subTest(words), self.assertRaises(vmbase_run.Failure):
                self.parse(*words)

    def test_help_is_the_manual(self):
        result = subprocess.run([VMBASE_RUN, "--help"], capture_output=True, check=True, text=True)
        for word in (
            "--tap", "--timeout", "--cpu", "--gdb", "--gdb-arguments", "--print-command", "--help",
            "QEMU_SYSTEM_AARCH64", "GDB",
        ):
            self.assertIn(word, result.stdout)
        self.assertIn("Exit status:\n  0 ", result.stdout)


class Tap(unittest.TestCase):
    def fault(self, text):
        """Checks that the size of the pieces does not matter, and returns the sentence or ""."""
        whole, bytewise = vmbase_run.Tap(), vmbase_run.Tap()
        whole.feed(text)
        for value in text:
            bytewise.feed(bytes([value]))
        fault = whole.finish()
        self.assertEqual(bytewise.finish(), fault)
        return fault or ""

    def assert_met(self, *texts):
        for text in texts:
            with self.subTest(text):
                self.assertEqual(self.fault(text), "")

    def assert_not_met(self, reason, *texts):
        for text in texts:
            with self.subTest(text):
                self.assertRegex(self.fault(text), reason)

    def test_plan_may_stand_first_or_last(self):
        self.assert_met(b"1..2\nok 1\nok 2\n", b"ok 1\nok 2\n1..2\n", b"ok 1\nok 2\n1..2")

    def test_missing_plan(self):
        self.assert_not_met("no TAP plan", b"", b"hello\n", b"ok 1\n", b" 1..1\nok 1\n")
        self.assert_not_met("no TAP plan", b"x1..1\nok 1\n", b"\x001..1\nok 1\n", b"2..1\nok 1\n")

    def test_plan_that_is_not_one(self):
        self.assert_not_met("begins as a TAP plan", b"1..1 x\nok 1\n", b"1..\nok\n", b"1..1\n1..1;\nok 1\n")
        self.assert_not_met("begins as a TAP plan", b"1..-1\n", b"1..1\0\nok 1\n", b"1..1\v\nok 1\n")

    def test_plan_between_the_tests(self):
        self.assert_not_met("between its tests", b"ok 1\n1..2\nok 2\n", b"ok 1\n1..1\nok 2\n")

    def test_version_that_is_not_known(self):
        self.assert_not_met("not known", b"TAP version 15\n1..1\nok 1\n", b"TAP version 1\n1..1\nok 1\n")

    def test_two_plans(self):
        self.assert_not_met("two TAP plans", b"1..1\nok 1\n1..1\n", b"1..0 # SKIP\n1..0 # SKIP\n")

    def test_plan_with_a_comment(self):
        self.assert_met(b"1..1 # all of them\nok 1\n", b"1..1#x\nok 1\n")

    def test_another_number_of_tests_than_planned(self):
        self.assert_not_met("planned 2 tests and ran 1", b"1..2\nok 1\n", b"ok 1\n1..2\n")
        self.assert_not_met("planned 1 tests and ran 2", b"1..1\nok 1\nok 2\n")

    def test_plan_of_nothing_needs_a_skip(self):
        self.assert_met(b"1..0 # SKIP no device\n", b"1..0 # skip\n", b"1..0 # Skipped: x\n")
        self.assert_not_met("planned no tests", b"1..0\n", b"1..0 # no device\n")
        self.assert_not_met("planned 0 tests and ran 1", b"1..0 # SKIP\nok 1\n")

    def test_failed_test(self):
        self.assert_not_met("test 2 is not ok", b"1..3\nok 1\nnot ok 2 - x\nok 3\n")
        self.assert_not_met("test 1 is not ok", b"1..1\nnot ok\n", b"1..1\nnot ok 1 # SKIP\n")

    def test_todo_may_fail_and_may_pass(self):
        self.assert_met(b"1..2\nnot ok 1 - x # TODO later\nok 2 # TODO\n")
        self.assert_met(b"1..1\nnot ok # todo\n", b"1..1\nnot ok 1 #TODO\n", b"1..1\nnot ok 1 a \\# b # TODO x\r\n")

    def test_todo_that_is_none(self):
        for text in b"TODO", b"\\# TODO", b"# TODOS", b"# TODO: x", b"a # b # TODO", b"a# TODO", b"\\\\# TODO":
            self.assert_not_met("test 1 is not ok", b"1..1\nnot ok 1 " + text + b"\n")

    def test_skipped_test_is_ok(self):
        self.assert_met(b"1..1\nok 1 # SKIP no device\n")

    def test_number_may_be_left_out(self):
        self.assert_met(b"1..4\nok\nok - x\nok 3rd thing\nok 4- x\n")

    def test_number_out_of_order(self):
        for text in b"ok 2\nok 1\n", b"ok 1\nok 1\n", b"ok 1\nok 3\n", b"ok\nok 1\n":
            self.assert_not_met("number of test . is out of order", b"1..2\n" + text)
        self.assert_not_met("number of test 1", b"1..1\nok 0\n")

    def test_endless_number(self):
        digits = b"0" * 60000
        self.assert_met(b"1..1\nok " + digits + b"1\n", b"1..1\nok " + digits + b"x\n")
        self.assert_not_met("number of test 1", b"1..1\nok 9" + digits + b"\n")
        self.assert_not_met("begins as a TAP plan", b"1..9" + digits + b"\n")

    def test_bail_out(self):
        self.assert_not_met("bailed out", b"1..1\nok 1\nBail out!\n", b"1..1\nok 1\nBail out! x")
        self.assert_not_met("bailed out", b"1..1\nok 1\n    Bail out!\n", b"1..1\nok 1\n\0Bail out!\n")

    def test_lines_may_end_in_cr_lf(self):
        self.assert_met(b"TAP version 14\r\n1..2\r\nok 1\r\nok\r\n", b"1..0 # SKIP\r\n", b"\r1..1\n\rok 1\n\r")

    def test_last_line_needs_no_end(self):
        self.assert_met(b"1..1\nok 1")
        self.assert_not_met("not ok", b"1..1\nnot ok 1")

    def test_other_lines_count_for_nothing(self):
        self.assert_met(
            b"TAP version 13\nfirmware 1.0\n\n1..1\n# a comment\n    1..7\n    ok 1\n# not ok\n"
            b"x ok 9\nokay\nok-ish\nok2\nok: x\n OK\nnotok\nnot a test\nNot, ok?\n  ---\n  ...\nok 1\npanic: x\n"
        )

    def test_whatever_begins_with_not_ok_is_a_failure(self):
        lines = [
            b"not ok: x", b"not ok2", b"not\tok", b"\rnot ok", b"\0not ok", b"not  ok", b"not okay", b"NOT OK 1",
            b"Not ok", b"    not ok 1 - of a subtest", b"\tnot ok", b"\x1b[31mnot ok 1\x1b[0m", b"\xef\xbb\xbfnot ok",
            b"not\xc2\xa0ok", b"\x1b[1;31mnot\x1b[0m ok", b"n\x1b[mot ok", b"\b \bnot ok", b"# x\rnot ok",
            b"hello\0not ok", b"ok-ish\x7fnot ok",
            b"not ok: x # TODO", b"not ok2 # TODO", b"not ok # TODO\0not ok", b"\x0bnot ok", b"not\0ok",
        ]
        for line in lines:
            for text in b"1..1\n" + line + b"\nok 1\n", b"1..1\nok 1\n" + line, line + b"\n1..1\nok 1\n":
                with self.subTest(text):
                    self.assertRegex(self.fault(text), "not ok")
        self.assert_met(b"1..1\n    not ok 1 - of a subtest # TODO\nok 1\n")

    def test_failed_test_after_the_plan_was_met(self):
        self.assert_not_met("not ok", b"1..1\nok 1\nnot ok 2\n")

    def test_line_without_end_takes_little_memory(self):
        tap = vmbase_run.Tap()
        tap.feed(b"1..1\nok 1 ")
        for _ in range(1000):
            tap.feed(b"x" * 4096)
        self.assertLessEqual(len(tap.partial_line), tap.LINE_LIMIT_BYTES)
        tap.feed(b"\n")
        self.assertRegex(tap.finish(), "more than 65536 bytes")


class TapFromAGuest(Case):
    def test_plan_that_was_met_gives_0(self):
        text = b"TAP version 14\r\n1..2\r\nok 1 - a\r\nok 2 - b\r\n"
        self.assert_ended(self.run_image("--tap", printer(text)), 0, text)

    def test_plan_that_was_not_met_gives_1(self):
        for text, reason in (
            (b"hello\n", "no TAP plan"),
            (b"1..2\nok 1\n", "planned 2 tests and ran 1"),
            (b"1..1\nnot ok 1", "test 1 is not ok"),
        ):
            with self.subTest(text):
                result = self.run_image("--tap", printer(text))
                self.assert_ended(result, 1, text, f"vmbase-run: .*{reason}\n")

    def test_without_tap_a_plan_is_only_output(self):
        self.assert_ended(self.run_image(printer(b"1..2\nnot ok 1\n")), 0, b"1..2\nnot ok 1\n")

    def test_worse_end_wins_over_the_plan(self):
        for text, words in ((b"1..1\nok 1\n", ""), (b"1..1\n", "vmbase-run: .* ran 0\n")):
            with self.subTest(text):
                result = self.run_image("--tap", printer(text, "reset"))
                self.assert_ended(result, 2, text, f"vmbase-run: the guest reset\n{words}")
                result = self.run_until_printed(len(text), "--tap", "--timeout=0.4", printer(text, "hang"))
                self.assert_ended(result, 3, text, f"vmbase-run: .*seconds\n{words}")
        result = self.run_image("--tap", printer(b""), "--", "-version")
        self.assertEqual(result.returncode, 4)


class Expect(Case):
    def test_lines_that_come_in_their_order_give_0(self):
        text = b"begin\nHello world\r\nmore\nend"
        for lines in (["Hello world"], ["begin", "end"], ["begin", "Hello world", "more", "end"]):
            with self.subTest(lines):
                words = [f"--expect={line}" for line in lines]
                self.assert_ended(self.run_image(*words, printer(text)), 0, text)

    def test_a_line_that_does_not_come_gives_1(self):
        text = b"begin\nHello world!\nend\n"
        for lines, missing in (
            (["Hello world"], "Hello world"),
            (["end", "begin"], "begin"),
            (["begin", "begin"], "begin"),
            (["begin", "world"], "world"),
        ):
            with self.subTest(lines):
                words = [word for line in lines for word in ("--expect", line)]
                result = self.run_image(*words, printer(text))
                self.assert_ended(result, 1, text, f"vmbase-run: the guest did not print the line '{missing}'\n")

    def test_worse_end_wins_over_the_lines(self):
        text = b"Hello world\n"
        result = self.run_image("--expect", "Hello world", printer(text, "reset"))
        self.assert_ended(result, 2, text, "vmbase-run: the guest reset\n")

    def test_lines_and_tap_are_both_needed(self):
        text = b"1..1\nok 1\n"
        result = self.run_image("--tap", "--expect", "Hello world", printer(text))
        self.assert_ended(result, 1, text, "vmbase-run: the guest did not print the line 'Hello world'\n")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
