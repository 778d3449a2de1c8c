# SPDX-License-Identifier: Apache-2.0
"""Debian's packages for arm64, with nothing installed: apt works with a state of its own, and with the Debian mirror
that this machine uses anyway.
"""

import re
import shutil
import subprocess
import time
import urllib.parse

import apt_sources

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


def remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


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
    """One of Debian's suites, with an apt state for it alone. The state is gone after the `with`.

    A mirror counts where the suite has the package `probe`: others' archives have suites of this name too.
    """

    def __init__(self, name, directory, probe, deadline):
        self.name = name
        self.probe = probe
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
                self.apt("apt-cache", "show", self.probe)
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
