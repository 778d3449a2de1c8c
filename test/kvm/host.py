# SPDX-License-Identifier: Apache-2.0
"""Boots an arm64 Linux at EL2 in QEMU, without hardware support, so that it has KVM on any machine; runs jobs there."""

import contextlib
import dataclasses
import importlib.machinery
import importlib.util
import os
import pathlib
import re
import shlex
import subprocess
import tempfile

import initramfs
import results

HERE = pathlib.Path(__file__).resolve().parent
VMBASE_RUN = HERE.parents[1] / "src" / "tools" / "vmbase-run"

# busybox's programs that the scripts use.
PROGRAMS = ["cat", "dmesg", "grep", "mkdir", "mkfifo", "mount", "poweroff", "rm", "sed", "sh", "stat", "stty"]
PROGRAMS += ["tail", "timeout", "uname"]

# With kpti the kernel changes page tables at each entry, which doubles the time under emulation. It protects the
# host from its processes; guests do not see it.
# Of a program that dies of a signal the kernel's log has the registers, which init sends on.
# Level 5 is "quiet" and warnings: a panic ends init, so that only the console has the warning before it.
KERNEL_ARGUMENTS = ("console=ttyAMA0", "loglevel=5", "panic=-1", "kpti=off", "print-fatal-signals=1")


def load_module(path):
    """Imports a Python file whose name may have no suffix."""
    loader = importlib.machinery.SourceFileLoader(path.stem.replace("-", "_"), str(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


vmbase_run = load_module(VMBASE_RUN)


class NotPrepared(Exception):
    """The host lacks a piece; the text says why."""


def qemu_program():
    return os.environ.get("QEMU_SYSTEM_AARCH64") or "qemu-system-aarch64"


def require_qemu(minimum):
    """Raises NotPrepared if QEMU is older than `minimum`, such as "9.0"."""
    try:
        output = subprocess.run(
            [qemu_program(), "--version"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise NotPrepared(f"QEMU does not say its version: {error}") from error
    version = re.search(rb"version (\d+)\.(\d+)", output)
    # One without a number is a developer's.
    if version and tuple(map(int, version.groups())) < tuple(map(int, minimum.split("."))):
        raise NotPrepared(f"QEMU is {version[0].decode()}, older than {minimum}")


@dataclasses.dataclass
class Job:
    """A command for the host, which may run for so many seconds."""

    command: list
    seconds: int


class Host:
    """The pieces are those that prepare.py has put into `directory`."""

    # Newer models have pointer authentication, which takes long to emulate.
    CPU = "neoverse-n1"
    # QEMU emulates a single CPU in one thread: no emulated atomic access or barrier depends on this machine's, and
    # atomic accesses take no locks.
    CPUS = 1

    def __init__(self, directory, kernel, kernel_arguments, cpus=CPUS, cpu=CPU):
        self.directory = directory
        self.kernel = kernel
        self.kernel_arguments = kernel_arguments
        self.cpus = cpus
        self.cpu = cpu
        self.files = {}  # paths on this machine by those in the host
        self.console = b""  # what the kernel printed

    def find(self, name):
        """Returns the path of a piece. Raises NotPrepared."""
        path = self.directory / name
        reason = self.directory / f"{name}.missing"
        if path.exists():
            return path
        if reason.exists():
            raise NotPrepared(f"no {name}: {reason.read_text().strip()}")
        raise NotPrepared(f"no {name}: run test/kvm/prepare.py {shlex.quote(str(self.directory))}")

    def add_qemu(self):
        for path in self.find("qemu").iterdir():
            self.files[f"qemu/{path.name}"] = path
        self.files["bin/qemu-guest"] = HERE / "qemu-guest"

    def run(self, jobs, limit_seconds):
        """Runs Jobs, by number, one after the other, and returns their Results. Each call boots the host anew; the
        host is killed when its time is over."""
        kernel = self.find(self.kernel)
        with tempfile.TemporaryDirectory(prefix="vmbase-kvm-") as name:
            directory = pathlib.Path(name)
            with open(directory / "initramfs", "wb") as file:
                self._write_initramfs(file, jobs)
            command = [
                qemu_program(),
                "-M", "virt,virtualization=on,gic-version=3",
                "-cpu", self.cpu,
                "-accel", "tcg,thread=multi",
                "-smp", str(self.cpus),
                "-m", "1024M",
                "-nodefaults",
                "-display", "none",
                "-no-reboot",
                "-serial", f"file:{directory}/console",
                # The results have a line of their own: no message of the kernel comes between.
                "-chardev", f"file,id=results,path={directory}/results",
                "-device", "pci-serial,chardev=results",
                "-kernel", str(kernel),
                "-initrd", f"{directory}/initramfs",
                "-append", " ".join([*KERNEL_ARGUMENTS, *self.kernel_arguments]),
            ]
            # Its results say how far it came; where it was killed they just stop.
            with contextlib.suppress(subprocess.TimeoutExpired):
                subprocess.run(
                    command,
                    stdin=subprocess.DEVNULL,
                    timeout=limit_seconds,
                    preexec_fn=vmbase_run.die_with_parent(),
                    check=False,
                )
            self.console = read(directory / "console")
            return results.parse(read(directory / "results"))

    def _write_initramfs(self, file, jobs):
        archive = initramfs.Initramfs(file)
        directories = {str(pathlib.PurePath(name).parent) for name in self.files} - {"."}
        for name in sorted(directories | {"bin", "dev", "proc", "tmp"}):
            archive.add_directory(name)
        # The kernel opens it for init, before anything is mounted.
        archive.add_character_device("dev/console", 5, 1)
        archive.add_file("bin/busybox", self.find("busybox").read_bytes(), executable=True)
        for program in PROGRAMS:
            archive.add_link(f"bin/{program}", "busybox")
        archive.add_file("init", (HERE / "init").read_bytes(), executable=True)
        lines = [f"job {number} {job.seconds} {shlex.join(job.command)}\n" for number, job in jobs.items()]
        archive.add_file("jobs", "".join(lines).encode())
        for name, path in self.files.items():
            archive.add_file(name, pathlib.Path(path).read_bytes(), executable=True)
        archive.finish()


def read(path):
    """Returns what is in a file; nothing where QEMU did not come to make it."""
    return path.read_bytes() if path.exists() else b""
