#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: crash_end_test.py VMBASE-RUN [END NAME ELF IMAGE]...

Boots guests that end as after a crash. Each has chosen its end: END is `reset`, `power_off` or `halt`. Prints TAP,
a test for each: QEMU tells how the VM ended, or the CPU waits in vmb_halt(). vmbase-run exits with 5 after a report,
whatever the end. Guests whose NAME begins with `silent` end without a report.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

# The modules' byte code would land in the source tree.
sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "test" / "map"), str(ROOT / "src" / "tools")]

from gdb_remote import Failure, Guest, end_on_sigterm
from vmbase_elf import ElfFile

# Where QEMU puts a raw image.
LOAD_ADDRESS = 0x40080000
MACHINE = ["-M", "virt", "-cpu", "max", "-m", "256M"]
REASONS = {"reset": "guest-reset", "power_off": "guest-shutdown"}
CRASHED, RESET, POWERED_OFF = 5, 2, 0
REPORT = b"crash report of build "

COMMANDS = b"".join(json.dumps({"execute": name}).encode() for name in ("qmp_capabilities", "cont"))


def end_in_qemu(image, serial):
    """Returns the reason that QEMU's monitor gives for the end."""
    qemu = os.environ.get("QEMU_SYSTEM_AARCH64") or "qemu-system-aarch64"
    with subprocess.Popen(
        [qemu, *MACHINE, "-nodefaults", "-display", "none", "-no-reboot", "-S", "-kernel", image]
        + ["-serial", f"file:{serial}", "-chardev", "stdio,id=monitor", "-mon", "chardev=monitor,mode=control"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:
        process.stdin.write(COMMANDS)
        process.stdin.flush()
        try:
            for line in process.stdout:
                message = json.loads(line)
                if message.get("event") == "SHUTDOWN":
                    return message["data"]["reason"]
        finally:
            process.kill()
    return "an end that QEMU did not tell"


def halts(image, elf, serial):
    """Raises Failure unless the guest comes to vmb_halt()."""
    symbols = ElfFile(elf).symbols
    with Guest([*MACHINE, "-kernel", image, "-serial", f"file:{serial}"]) as guest:
        guest.run_until(LOAD_ADDRESS + symbols["vmb_halt"] - symbols["_start"])


def find_fault(vmbase_run, end, name, elf, image):
    with tempfile.TemporaryDirectory() as directory:
        serial = pathlib.Path(directory, "serial")
        if end == "halt":
            halts(image, elf, serial)
        elif (reason := end_in_qemu(image, serial)) != REASONS[end]:
            return f"QEMU says {reason}"
        has_report = REPORT in serial.read_bytes()
    if has_report == name.startswith("silent"):
        return "there is a report" if has_report else "there is no report"
    if end != "halt":
        status = subprocess.run([vmbase_run, image], stdout=subprocess.DEVNULL, check=False).returncode
        expected = CRASHED if has_report else RESET if end == "reset" else POWERED_OFF
        if status != expected:
            return f"vmbase-run exited with {status}, not {expected}"
    return None


def main():
    end_on_sigterm()
    vmbase_run, *words = sys.argv[1:]
    cases = list(zip(*[iter(words)] * 4))
    if not cases or len(words) % 4 != 0:
        raise SystemExit(__doc__)
    print(f"1..{len(cases)}", flush=True)
    failed = False
    for number, (end, name, elf, image) in enumerate(cases, 1):
        try:
            fault = find_fault(vmbase_run, end, name, elf, image)
        except Failure as failure:
            fault = str(failure)
        print(f"{'not ok' if fault else 'ok'} {number} - {name}: {end}", flush=True)
        if fault:
            print(f"# {fault}")
            failed = True
    return failed


if __name__ == "__main__":
    sys.exit(main())
