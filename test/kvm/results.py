# SPDX-License-Identifier: Apache-2.0
"""Reads what the arm64 host's init sends about its jobs: lines, and files whose sizes are told before them."""

import dataclasses
import re
import typing

LINE = re.compile(
    rb"host (?P<host>.+)"
    rb"|start (?P<start>\d+) (?P<started>[\d.]+)"
    rb"|file (?P<file>\S+) (?P<size>\d+)"
    rb"|end (?P<end>\d+) (?P<status>\d+) (?P<ended>[\d.]+) (?P<tainted>\d+)"
    rb"|done (?P<done>[\d.]+)"
)


@dataclasses.dataclass
class Result:
    """What became of a job that was started. Without a status the host has ended before it."""

    started: float  # in seconds of the host's uptime, like `ended`
    ended: typing.Optional[float] = None
    status: typing.Optional[int] = None
    tainted: int = 0  # /proc/sys/kernel/tainted at its end: bits that the host's kernel sets and never clears
    files: dict = dataclasses.field(default_factory=dict)  # contents by name


@dataclasses.dataclass
class Results:
    host: str = ""  # the kernel's version, and what it says of KVM
    jobs: dict = dataclasses.field(default_factory=dict)  # Results by number
    done: typing.Optional[float] = None  # the host's uptime when all jobs had ended


def parse(data):
    """Returns the Results in a stream, which may stop anywhere: the host may have died."""
    results = Results()
    job = None
    while data:
        line, newline, data = data.partition(b"\n")
        match = LINE.fullmatch(line)
        if not newline or not match:
            break
        if match["host"]:
            results.host = match["host"].decode("utf-8", "backslashreplace")
        elif match["start"]:
            job = results.jobs[int(match["start"])] = Result(float(match["started"]))
        elif match["file"]:
            size = int(match["size"])
            job.files[match["file"].decode()] = data[:size]
            data = data[size:]
        elif match["end"]:
            job.status, job.ended, job.tainted = int(match["status"]), float(match["ended"]), int(match["tainted"])
        else:
            results.done = float(match["done"])
    return results
