#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: tidy_test.py CLANG-TIDY SOURCE-ROOT BUILD-ROOT COMPILER...

clang-tidy, as .clang-tidy configures it, has nothing to say about the
library's sources. A build with another compiler than the one that clang-tidy
belongs to is skipped: one run is enough.

A file that has passed is checked again only if something has changed that
clang-tidy looks at: the file, a header that it includes, the compiler's
arguments, the configuration, clang-tidy itself. BUILD-ROOT/tidy-passed has a
file for each that has passed, named by the hash of all that.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys

import llvm

# What says where the compiler writes, with a value that is a word of its own; and what says that it does.
OUTPUT_OPTIONS = {"-o", "-MF", "-MQ", "-MT"}
OUTPUT_FLAGS = {"-c", "-MD", "-MMD"}


def library_sources(source_root, build_root):
    """Returns the command for each source that this build compiles; a file of two libraries is checked once."""
    with open(build_root / "compile_commands.json", encoding="utf-8") as file:
        commands = json.load(file)
    library = (source_root / "src").resolve()
    sources = {}
    for command in commands:
        path = (pathlib.Path(command["directory"]) / command["file"]).resolve()
        if path.suffix == ".c" and library in path.parents:
            # clang-tidy takes one of them.
            sources.setdefault(path, []).append(command)
    return dict(sorted(sources.items()))


def without_output(words):
    kept = []
    words = iter(words)
    for word in words:
        if word in OUTPUT_OPTIONS:
            next(words, None)
        elif word not in OUTPUT_FLAGS:
            kept.append(word)
    return kept


def included_files(command):
    """Returns the source and all that it includes, found anew; None where the compiler cannot tell."""
    words = without_output(shlex.split(command["command"]))
    rule = subprocess.run(
        [*words, "-M", "-MT", "rule"], cwd=command["directory"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )
    if rule.returncode != 0:
        return None
    # A blank in a name is escaped as a shell would have it.
    return shlex.split(rule.stdout.replace("\\\n", " ").partition(":")[2])


def state(tool_state, commands):
    """Returns the hash of all that clang-tidy's opinion on a source depends on, or None where that is not known."""
    digest = hashlib.sha256(tool_state)
    for command in commands:
        if (files := included_files(command)) is None:
            return None
        digest.update(json.dumps([command["directory"], command["command"], files]).encode())
        for name in files:
            digest.update(hashlib.sha256(pathlib.Path(command["directory"], name).read_bytes()).digest())
    return digest.hexdigest()


def state_of_tool(clang_tidy, source_root):
    version = subprocess.run([clang_tidy, "--version"], check=True, stdout=subprocess.PIPE).stdout
    status = os.stat(os.path.realpath(clang_tidy))
    return b"\0".join([
        version,
        f"{status.st_size} {status.st_mtime_ns}".encode(),
        (source_root / ".clang-tidy").read_bytes(),
        pathlib.Path(__file__).read_bytes(),
    ])


def main():
    if len(sys.argv) < 5:
        raise SystemExit(__doc__)
    clang_tidy, source_root, build_root = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    llvm.skip_unless_supported([clang_tidy])
    llvm.skip_unless_supported(sys.argv[4:])
    sources = library_sources(source_root, build_root)
    if not sources:
        print("compile_commands.json has no source of the library")
        return 1

    passed = build_root / "tidy-passed"
    passed.mkdir(exist_ok=True)
    tool_state = state_of_tool(clang_tidy, source_root)

    def check(source):
        """Returns its state, and clang-tidy's result or None where it has passed before."""
        mark = state(tool_state, sources[source])
        if mark and (passed / mark).exists():
            return mark, None
        result = subprocess.run(
            [
                clang_tidy,
                "--quiet",
                f"--config-file={source_root / '.clang-tidy'}",
                "-p", str(build_root),
                str(source),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        # At once: where the test is ended early, what is done is done.
        if mark and result.returncode == 0:
            (passed / mark).touch()
        return mark, result

    failed = 0
    checked = 0
    marks = set()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for mark, result in pool.map(check, sources):
            marks.add(mark)
            checked += result is not None
            if result is not None and result.returncode != 0:
                failed += 1
                print(result.stdout)
    for mark in passed.iterdir():
        if mark.name not in marks:
            mark.unlink()
    print(f"{len(sources)} files, {checked} of them checked, {failed} with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
