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
import subprocess
import sys
import time
import urllib.parse

# The module's byte code would land in the source tree.
sys.dont_write_bytecode = True
import apt_sources

# What the pieces are made of: a directory that was filled by another recipe is filled anew.
RECIPE = "1"

KERNEL = "linux-image-cloud-arm64"

# For the network, over all; what is not there by then is missing.
DEADLINE_SECONDS = 600

APT_CONFIGURATION = """\
// Beside the machine's own configuration, which knows the proxies and passwords for its mirror.
Dir::State "{state}";
Dir::State::status "{state}/status";
Dir::Cache "{state}/cache";
Dir::Etc::sourcelist "{state}/debian.sources";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
#clear APT::Architectures;
APT::Architecture "arm64";
APT::Architectures {{ "arm64"; }};
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear APT::Default-Release;
APT::Install-Recommends "false";
// The user _apt may not reach the directory.
APT::Sandbox::User "root";
// A failed download is an error, not a warning about old lists.
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::Retries "1";
Acquire::http::Timeout "15";
Acquire::https::Timeout "15";
"""


class Missing(Exception):
    """A piece cannot be had; the text is the reason, in words."""


def say(sentence):
    print(f"kvm host: {sentence}", flush=True)


def run(command, deadline, **options):
    """Runs a command that may use the network. Raises Missing where it fails or the time is over."""
    try:
        result = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            timeout=max(1, deadline - time.monotonic()),
            check=False,
            **options,
        )
    except subprocess.TimeoutExpired as error:
        raise Missing(f"{command[0]} took too long") from error
    except OSError as error:
        raise Missing(f"{command[0]} cannot be run: {error.strerror}") from error
    if result.returncode != 0:
        errors = re.findall(r"^E: (.*)", result.stderr, re.MULTILINE) or result.stderr.splitlines()
        raise Missing(f"{command[0]} failed: {errors[0].strip() if errors else f'status {result.returncode}'}")
    return result.stdout


class Suite:
    """One of Debian's suites, with an apt state for it alone. The state is gone after the `with`."""

    def __init__(self, name, directory, deadline):
        self.name = name
        self.state = directory / f"apt-{name}"
        self.configuration = self.state / "apt.conf"
        self.deadline = deadline
        self.mirror = None
        self.updated = False
        self.failure = None

    def __enter__(self):
        remove(self.state)
        return self

    def __exit__(self, *_):
        remove(self.state)

    def update(self):
        """Fetches the lists, once; the first mirror that has the suite is used from then on."""
        if self.failure:
            raise self.failure
        if self.updated:
            return
        self.failure = Missing("apt's sources on this machine name no mirror of Debian")
        for mirror in apt_sources.debian_mirrors(apt_sources.read()):
            self._configure(mirror)
            try:
                self.apt("apt-get", "update")
                # Others' archives have suites of this name too.
                self.apt("apt-cache", "show", KERNEL)
                self.updated = True
                self.failure = None
                return
            except Missing as missing:
                self.failure = missing
        raise self.failure

    def _configure(self, mirror):
        self.mirror = mirror
        remove(self.state)
        for name in ("lists/partial", "cache/archives/partial"):
            (self.state / name).mkdir(parents=True)
        (self.state / "status").touch()
        (self.state / "debian.sources").write_text(apt_sources.deb822(mirror, self.name))
        self.configuration.write_text(APT_CONFIGURATION.format(state=self.state))

    def apt(self, program, *words):
        command = [program, "-q", f"--config-file={self.configuration}", *words]
        try:
            return run(command, self.deadline, cwd=self.state)
        except Missing as missing:
            # The sentence goes into logs that are shown around: it need not tell where the user's mirror is.
            host = re.escape(urllib.parse.urlsplit(self.mirror.uri).hostname or self.mirror.uri)
            raise Missing(re.sub(rf"'?\S*{host}\S*", "(mirror)", str(missing))) from missing

    def unpack(self, *packages, dependencies=False):
        """Returns a directory with the contents of packages, and of all that they depend on if asked."""
        archives = self.state / "cache" / "archives"
        if dependencies:
            self.apt("apt-get", "--yes", "--download-only", "install", *packages)
            debs = list(archives.glob("*.deb"))
        else:
            self.apt("apt-get", "download", *packages)
            debs = list(self.state.glob("*.deb"))
        root = self.state / "root"
        remove(root)
        for deb in debs:
            run(["dpkg-deb", "--extract", str(deb), str(root)], self.deadline)
            deb.unlink()
        return root


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


def remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


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
        with Suite(suite_name, directory, deadline) as suite:
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
