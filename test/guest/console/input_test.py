#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: input_test.py IMAGE [QEMU-ARGUMENT...]

Types on the console of the guest input.c, and compares what it says that it has read.
"""

import subprocess
import sys

PATIENCE_SECONDS = 60
END = b"\x04"

FIRST_LINE = "nothing yet: -1"
TYPED = (
    b"x\r" + b"a line\r" + b"17 -4\n" + END + b"y" + b"whole line\r" + b"ab" + b"cdef\n" + b"end" + END
    + b"\r\n\x04\xff"
)
EXPECTED = """\
getchar: 120, 10
fgets: a line

ungetc: 33, 33
scanf: 2
numbers: 17, -4
rest of the line: 10
end: -1, 1
after the end: 121
line: 11, whole line
part: 2, ab
rest: 5, cdef
before the end: 3, end
end: 0
byte: 13
byte: 10
byte: 4
byte: 255
done
"""


def main():
    image, *arguments = sys.argv[1:]
    command = ["qemu-system-aarch64", "-M", "virt", "-cpu", "max", "-m", "256M", "-kernel", image]
    command += ["-display", "none", "-monitor", "none", "-net", "none", "-no-reboot", "-serial", "stdio", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as qemu:
        try:
            # Nothing is typed before the guest has seen that there is nothing.
            first = qemu.stdout.readline().decode()
            output, _ = qemu.communicate(TYPED, timeout=PATIENCE_SECONDS)
        finally:
            qemu.kill()
    output = output.decode("utf-8", "backslashreplace")
    print(first + output)
    if first.rstrip("\n") != FIRST_LINE:
        sys.exit("the guest should have seen nothing at first")
    if output != EXPECTED:
        sys.exit("the guest should have read something else")


if __name__ == "__main__":
    main()
