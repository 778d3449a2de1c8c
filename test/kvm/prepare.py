#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: prepare.py DIRECTORY

Fills a directory with what the tests of suite `kvm` boot, all of it Debian's packages for arm64:

  busybox    the shell of the arm64 host
  linux-6.1  Debian 12's kernel, raw
  linux-7    the kernel of Debian 13's backports, which knows protected VMs
  qemu/      Debian 12's qemu-system-aarch64 with its libraries and their loader, to run guests in that host.
             With -nodefaults it asks for no ROM file.

Nothing is installed: apt works with a state of its own in DIRECTORY, and with the Debian mirror that this
machine uses anyway. A piece that is there is not fetched again. For a piece that cannot be had, NAME.missing
says why, and the exit status is still 0: the tests that need it are skipped with that sentence.
"""

import contextlib
import fcntl
import pathlib
import re
import shutil
import sys
import time

# The modules' byte code would land in the source tree.
sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "cross" / "debian"))
from debian_arm64 import Missing, Suite, remove, run

# What the pieces are made of: a directory that was filled by another recipe is filled anew.
RECIPE = "1"

KERNEL = "linux-image-cloud-arm64"

# For the network, over all; what is not there by then is missing.
DEADLINE_SECONDS = 600


def say(sentence):
    print(f"kvm host: {sentence}", flush=True)


def fetch_busybox(suite, target):
    shutil.copy2(suite.unpack("busybox-static") / "bin" / "busybox", target)


def fetch_kernel(suite, target):
    """A kernel's package has its version in its name; the package KERNEL depends on the newest."""
    version = re.search(r"^Depends:.*\blinux-image-(\d[^ ,]*)", suite.apt("apt-cache", "show", KERNEL), re.MULTILINE)
    if not version:
        raise Missing(f"the package {KERNEL} of {suite.name} names no kernel")
    # From Linux 7 on linux-image-* only depends on linux-binary-*, which has the kernel.
    known = suite.apt("apt-cache", "pkgnames", "linux-").split()
    names = [name for name in ("linux-binary-" + version[1], "linux-image-" + version[1]) if name in known]
    if not names:
        raise Missing(f"{suite.name} has no package of the kernel {version[1]}")
    images = list(suite.unpack(names[0]).glob("**/vmlinuz*"))
    if len(images) != 1:
        raise Missing(f"the package {names[0]} has {len(images)} kernels")
    shutil.copyfile(images[0], target)


def fetch_qemu(suite, target):
    root = suite.unpack("qemu-system-arm", dependencies=True)
    target.mkdir()
    wanted = [root / "usr" / "bin" / "qemu-system-aarch64"]
    libraries = [root / usr / "lib" / triplet for usr in ("", "usr") for triplet in ("aarch64-linux-gnu", "")]
    while wanted:
        file = wanted.pop()
        shutil.copy2(file, target)
        for name in needed_libraries(file, suite.deadline):
            if (target / name).exists():
                continue
            found = [path for path in (directory / name for directory in libraries) if path.exists()]
            if not found:
                raise Missing(f"{file.name} needs {name}, which comes with none of the packages")
            wanted.append(found[0])


def needed_libraries(file, deadline):
    listing = run(["llvm-readelf", "--needed-libs", str(file)], deadline)
    return re.findall(r"^\s+(\S+\.so\S*)$", listing, re.MULTILINE)


# By suite, as its lists are fetched once and only where something is missing.
PIECES = {
    "bookworm": {
        "busybox": fetch_busybox,
        "linux-6.1": fetch_kernel,
        "qemu": fetch_qemu,
    },
    "trixie-backports": {
        "linux-7": fetch_kernel,
    },
}


def fill_piece(directory, name, fetch, suite):
    """Makes a piece, all of it or nothing, or the file with the reason."""
    partial = directory / f"{name}.partial"
    reason = directory / f"{name}.missing"
    remove(partial)
    try:
        suite.update()
        fetch(suite, partial)
        partial.rename(directory / name)
        reason.unlink(missing_ok=True)
        say(f"{name} is there")
    except (Missing, OSError) as error:
        remove(partial)
        reason.write_text(f"{error}\n")
        say(f"{name} is missing, and tests that need it will be skipped: {error}")


def remove_stale(directory):
    """Removes what an interrupted call has left, or all that another recipe has made."""
    recipe = directory / "recipe"
    is_current = recipe.exists() and recipe.read_text() == RECIPE
    for path in directory.iterdir():
        if path.name.startswith("apt-") or not is_current and path.name != "lock":
            remove(path)
    recipe.write_text(RECIPE)


def fill(directory):
    remove_stale(directory)
    deadline = time.monotonic() + DEADLINE_SECONDS
    for suite_name, pieces in PIECES.items():
        wanted = {name: fetch for name, fetch in pieces.items() if not (directory / name).exists()}
        if not wanted:
            continue
        say(f"fetching {', '.join(wanted)}, from {suite_name}")
        with Suite(suite_name, directory, KERNEL, deadline) as suite:
            for name, fetch in wanted.items():
                fill_piece(directory, name, fetch, suite)


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    directory = pathlib.Path(sys.argv[1]).resolve()
    directory.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        # Two build directories may share this one.
        lock = stack.enter_context((directory / "lock").open("w"))
        fcntl.flock(lock, fcntl.LOCK_EX)
        fill(directory)


if __name__ == "__main__":
    main()
