# SPDX-License-Identifier: Apache-2.0
"""What the consumer tests share: the command line, processes, a copy of the sources, an installation."""

import os
import pathlib
import shutil
import subprocess
import sys

# The byte code of this module would land in the source tree.
sys.dont_write_bytecode = True

USAGE = """usage: {} SOURCE BUILD HELLO OBJCOPY NM PICOLIBC LIBFDT CC...

SOURCE and BUILD are the project's source and build directories. HELLO is the image of its example for QEMU. BUILD was
configured with PICOLIBC and LIBFDT. CC is the cross compiler with its arguments: clang --target=aarch64-none-elf.
"""

if len(sys.argv) < 9:
    sys.exit(USAGE.format(sys.argv[0]))
SOURCE, BUILD, HELLO = (pathlib.Path(word).resolve() for word in sys.argv[1:4])
OBJCOPY, NM, PICOLIBC, LIBFDT, *CC = sys.argv[4:]
HERE = pathlib.Path(__file__).resolve().parent

# Nothing here takes so long; it only keeps a broken guest or tool from stopping a test for ever.
PATIENCE_SECONDS = 1800


def environment(**changes):
    """Returns this process's environment with changes, and without what would redirect git or meson."""
    env = {
        name: value
        for name, value in os.environ.items()
        # A test started from a git hook has GIT_DIR and GIT_INDEX_FILE of the repository around it; one
        # started from a packager's shell may have flags that are meant for another machine.
        if not name.startswith(("GIT_", "MESON", "NINJA_STATUS"))
        and name not in ("CFLAGS", "CPPFLAGS", "LDFLAGS", "DESTDIR", "MAKEFLAGS", "MAKELEVEL")
    }
    env.update(LC_ALL="C", **changes)
    return env


def run(*command, cwd=None, env=None):
    """Runs a command and returns its exit status and what it wrote, to stdout and stderr together."""
    result = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=env or environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        timeout=PATIENCE_SECONDS,
    )
    return result.returncode, result.stdout


def succeed(*command, **options):
    """Runs a command that has to succeed and returns what it wrote."""
    status, output = run(*command, **options)
    if status != 0:
        line = " ".join(str(word) for word in command)
        raise AssertionError(f"status {status} of: {line}\n{output}")
    return output


def symbols(elf):
    """Returns the names of an ELF file's symbols."""
    return {line.split()[-1] for line in succeed(NM, elf).splitlines() if line.strip()}


def cross_files(vmbase):
    """Returns the words by which meson setup is told of the compiler under test."""
    words = ["--cross-file", f"{vmbase}/cross/aarch64-clang.ini"]
    _, _, version = pathlib.Path(CC[0]).name.partition("clang-")
    if version:
        words += ["--cross-file", f"{vmbase}/cross/clang-{version}.ini"]
    return words


def source_files():
    """Returns the names of the project's files, relative to its root."""
    if (SOURCE / ".git").exists():
        # With changes that are not committed yet, and without what git ignores.
        listing = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        names = set(succeed(*listing, cwd=SOURCE).split("\0")) - {""}
        return sorted(name for name in names if os.path.lexists(SOURCE / name))
    names = []
    for folder, folders, files in os.walk(SOURCE):
        if folder == os.fspath(SOURCE) and "build" in folders:
            folders.remove("build")
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        # Other build directories.
        folders[:] = [
            name
            for name in folders
            if name not in links and not os.path.exists(os.path.join(folder, name, "build.ninja"))
        ]
        names += [os.path.relpath(os.path.join(folder, name), SOURCE) for name in files + links]
    return sorted(names)


def options():
    """Returns the words by which meson setup of a project is told of the libraries under test."""
    libraries = {"picolibc": PICOLIBC, "libfdt": LIBFDT}
    return [f"-Dvmbase:{name}={path}" for name, path in libraries.items() if os.path.isdir(path)]


def copy_sources(target):
    """Copies the project's sources as they are now into a new directory, and returns their names."""
    names = source_files()
    for name in names:
        copy = target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        # An example's subproject is a link to the root, which must stay one.
        shutil.copy2(SOURCE / name, copy, follow_symlinks=False)
    return names


class Installation:
    """What a build directory installs, in a directory that is not its prefix."""

    def __init__(self, build, target):
        succeed("meson", "install", "-C", build, "--no-rebuild", "--quiet", "--destdir", target)
        found = list(target.glob("**/pkgconfig/vmbase.pc"))
        if len(found) != 1:
            raise AssertionError(f"vmbase.pc is installed {len(found)} times")
        self.pkgconfig = found[0].parent
        # Where pkg-config --define-prefix looks for it, too.
        self.prefix = self.pkgconfig.parent.parent
        # Only this directory, so that no vmbase of the machine takes part.
        self.environment = environment(PKG_CONFIG_LIBDIR=str(self.pkgconfig), PKG_CONFIG_PATH="")

    def flags(self, package, what):
        """Returns what pkg-config says: `what` is --cflags or --libs."""
        words = ("pkg-config", "--define-prefix", what, package)
        return succeed(*words, env=self.environment).split()
