#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: fetch_libfdt.py [DIRECTORY]

Puts Debian's libfdt for arm64 into a directory, by default build/libfdt of this
source tree, which is where Meson looks for it: include/ and lib/libfdt.a.

Nothing is installed, and no architecture is added to the machine: the files are
its own where it is an arm64 Debian that has libfdt-dev, or else those of the
package, which apt fetches from the machine's own mirror with a state of its
own. Where that is not to be had the script says why, and the exit status is
still 0: Meson then builds libfdt from dtc's sources (subprojects/dtc.wrap).
"""

import pathlib
import shutil
import sys
import time

# The modules' byte code would land in the source tree.
sys.dont_write_bytecode = True
from debian_arm64 import Missing, Suite, remove

SUITE = "bookworm"
PACKAGE = "libfdt-dev"
HEADERS = ("fdt.h", "libfdt.h", "libfdt_env.h")
ARCHIVE = "lib/aarch64-linux-gnu/libfdt.a"

# Where a machine has it that is an arm64 Debian.
USR = pathlib.Path("/usr")

# For the network, over all.
DEADLINE_SECONDS = 120


def copy(usr, target):
    """Copies the files of the package from below a directory like /usr."""
    for name in ("include", "lib"):
        (target / name).mkdir(parents=True)
    for name in HEADERS:
        shutil.copyfile(usr / "include" / name, target / "include" / name)
    shutil.copyfile(usr / ARCHIVE, target / "lib" / "libfdt.a")


def fill(target):
    """Makes the directory, all of it or nothing."""
    partial = target.with_name(target.name + ".partial")
    remove(partial)
    partial.mkdir(parents=True)
    try:
        if (USR / ARCHIVE).is_file() and (USR / "include" / "libfdt.h").is_file():
            copy(USR, partial)
        else:
            with Suite(SUITE, partial, PACKAGE, time.monotonic() + DEADLINE_SECONDS) as suite:
                suite.update()
                copy(suite.unpack(PACKAGE) / "usr", partial)
        partial.rename(target)
    finally:
        remove(partial)


def main():
    if len(sys.argv) > 2 or sys.argv[1:2] and sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    default = pathlib.Path(__file__).resolve().parents[2] / "build" / "libfdt"
    target = pathlib.Path(sys.argv[1]).resolve() if sys.argv[1:] else default
    if (target / "lib" / "libfdt.a").is_file():
        return
    remove(target)
    try:
        fill(target)
        print(f"libfdt: Debian's is in {target}")
    except (Missing, OSError) as error:
        print(f"libfdt: Debian's is not to be had, Meson builds it: {error}")


if __name__ == "__main__":
    main()
