# SPDX-License-Identifier: Apache-2.0
"""A guest in a QEMU that is controlled through GDB's remote protocol."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

# Nothing here takes so long; it only keeps a broken guest from stopping the test for ever.
PATIENCE_SECONDS = 600

# QEMU answers a read with two digits a byte, in packets of up to 4096 digits.
MEMORY_CHUNK_BYTES = 1024


class Failure(Exception):
    """The guest could not be examined; the text is a sentence for the user."""


class Guest:
    """A paused QEMU. The arguments say what the machine is and what it loads."""

    def __init__(self, arguments):
        self.received = b""
        with contextlib.ExitStack() as stack:
            directory = stack.enter_context(tempfile.TemporaryDirectory())
            path = os.path.join(directory, "gdb")
            self.process = subprocess.Popen(
                [
                    os.environ.get("QEMU_SYSTEM_AARCH64") or "qemu-system-aarch64",
                    *arguments,
                    "-nodefaults",
                    "-display", "none",
                    # A guest that resets ends the connection, instead of starting anew unseen.
                    "-no-reboot",
                    "-S",
                    "-chardev", f"socket,id=gdb,path={path.replace(',', ',,')},server=on,wait=off",
                    "-gdb", "chardev:gdb",
                ],
                stdin=subprocess.DEVNULL,
                # QEMU's own words must not come between lines of TAP.
                stdout=subprocess.DEVNULL,
            )
            stack.callback(self._kill)
            self.socket = stack.enter_context(self._connect(path))
            self._stack = stack.pop_all()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stack.close()

    def run_until(self, address):
        """Lets the guest run until it is about to execute the instruction at the address."""
        self._expect_ok(f"Z1,{address:x},4")
        stop = self._command("c")
        if stop.startswith("W"):
            raise Failure(f"the guest reset or powered off before it came to {address:#x}")
        if not stop.startswith("T05"):
            raise Failure(f"the guest did not stop at {address:#x}: QEMU says '{stop}'")
        self._expect_ok(f"z1,{address:x},4")
        pc = self.read_registers("pc")["pc"]
        if pc != address:
            raise Failure(f"the guest stopped at {pc:#x} instead of {address:#x}")

    def read_registers(self, *names):
        """Returns the values of registers under the names of QEMU's target description."""
        numbers = self._register_numbers()
        if missing := [name for name in names if name not in numbers]:
            raise Failure(f"this QEMU does not show the registers {missing}")
        return {name: self._read_register(numbers[name]) for name in names}

    def read_physical(self, address, size_bytes):
        self._expect_ok("Qqemu.PhyMemMode:1")
        data = b""
        while len(data) < size_bytes:
            chunk = min(MEMORY_CHUNK_BYTES, size_bytes - len(data))
            answer = self._command(f"m{address + len(data):x},{chunk:x}")
            if len(answer) != 2 * chunk:
                raise Failure(f"QEMU cannot read memory at {address + len(data):#x}: '{answer}'")
            data += bytes.fromhex(answer)
        return data

    def write_physical(self, address, data):
        self._expect_ok("Qqemu.PhyMemMode:1")
        for begin in range(0, len(data), MEMORY_CHUNK_BYTES):
            chunk = data[begin : begin + MEMORY_CHUNK_BYTES]
            self._expect_ok(f"M{address + begin:x},{len(chunk):x}:{chunk.hex()}")

    def write_register(self, name, value):
        number = self._register_numbers()[name]
        self._expect_ok(f"P{number:x}={value.to_bytes(8, 'little').hex()}")

    def _kill(self):
        self.process.kill()
        self.process.wait()

    def _connect(self, path):
        end_time = time.monotonic() + PATIENCE_SECONDS
        connection = socket.socket(socket.AF_UNIX)
        while True:
            try:
                connection.connect(path)
                return connection
            except (FileNotFoundError, ConnectionRefusedError):
                # QEMU is not ready yet.
                time.sleep(0.02)
            if self.process.poll() is not None:
                raise Failure(f"QEMU ended with status {self.process.returncode}")
            if time.monotonic() > end_time:
                raise Failure(f"QEMU was not ready after {PATIENCE_SECONDS} seconds")

    def _command(self, text):
        packet = text.encode()
        end_time = time.monotonic() + PATIENCE_SECONDS
        # Where QEMU has just ended, the end of what it sends says so.
        with contextlib.suppress(BrokenPipeError):
            self.socket.sendall(b"$%s#%02x" % (packet, sum(packet) % 256))
        # Acknowledgements come in between and are skipped: a Unix socket loses nothing.
        while not (answer := re.search(rb"\$([^#]*)#[0-9a-f]{2}", self.received)):
            try:
                self.socket.settimeout(max(0.001, end_time - time.monotonic()))
                data = self.socket.recv(65536)
            except socket.timeout:
                raise Failure(f"no answer to '{text}' for {PATIENCE_SECONDS} seconds") from None
            except ConnectionResetError:
                data = b""
            if not data:
                raise Failure(f"QEMU, or the guest with it, ended after '{text}'")
            self.received += data
        self.received = self.received[answer.end() :]
        with contextlib.suppress(BrokenPipeError):
            self.socket.sendall(b"+")
        return answer[1].decode("latin-1")

    def _expect_ok(self, text):
        answer = self._command(text)
        if answer != "OK":
            raise Failure(f"QEMU answers '{text}' with '{answer}'")

    def _read_feature(self, name):
        text = ""
        while True:
            answer = self._command(f"qXfer:features:read:{name}:{len(text):x},ffb")
            if answer[:1] not in ("l", "m"):
                raise Failure(f"QEMU has no target description {name}: '{answer}'")
            text += answer[1:]
            if answer[0] == "l":
                return text

    def _register_numbers(self):
        numbers = {}
        following = 0
        for file in re.findall(r'<xi:include href="([^"]*)"', self._read_feature("target.xml")):
            for attributes in re.findall(r"<reg\s([^>]*)>", self._read_feature(file)):
                # A register without a number has the one that follows its predecessor's.
                if number := re.search(r'regnum="(\d+)"', attributes):
                    following = int(number[1])
                numbers[re.search(r'name="([^"]*)"', attributes)[1]] = following
                following += 1
        return numbers

    def _read_register(self, number):
        answer = self._command(f"p{number:x}")
        try:
            return int.from_bytes(bytes.fromhex(answer), "little")
        except ValueError:
            raise Failure(f"QEMU cannot read register {number}: '{answer}'") from None


def end_on_sigterm():
    """Makes SIGTERM, by which a test runner ends a test, unwind and so end QEMU too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
