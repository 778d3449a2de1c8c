#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: matrix.py [--check FILE NAME,...] DIRECTORY

Prints a table in Markdown of the machines on which one image ran, from the records that the tests left in DIRECTORY.
All records have to be of the same file, byte for byte.

With --check, fails instead if FILE does not have this table; where records of one of the names are missing, or of
different images, not all tests have run, which Meson takes for a test that is skipped.
"""

import argparse
import dataclasses
import hashlib
import json
import pathlib
import sys

# In the order of the table.
DETAILS = ("host", "VM", "GIC", "EL", "RAM", "CPU")

# How Meson is told that a test has not been run.
SKIPPED = 77


@dataclasses.dataclass
class Record:
    """One boot."""

    vmm: str
    form: str  # what the image was to the VMM: raw, Image or ELF
    by: str  # what ran it
    details: dict  # texts, by DETAILS; RAM is a number of MiB
    passed: bool


def digest(image):
    return hashlib.sha256(pathlib.Path(image).read_bytes()).hexdigest()


def write(path, image, records):
    """Leaves the records of boots of one raw image, in place of those of the last run."""
    pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
    contents = {"image": digest(image), "records": [dataclasses.asdict(record) for record in records]}
    pathlib.Path(path).write_text(json.dumps(contents, indent=1), encoding="utf-8")


def read(directory):
    """Returns all records, by the names of their files."""
    records = []
    images = set()
    for path in sorted(pathlib.Path(directory).glob("*.json")):
        contents = json.loads(path.read_text(encoding="utf-8"))
        images.add(contents["image"])
        records += [Record(**record) for record in contents["records"]]
    if not records:
        raise ValueError("there are no records: run the tests of suites qemu and kvm")
    if len(images) != 1:
        raise ValueError("the records are of different images: run all tests again")
    return records


def describe(records):
    """Returns what the boots of a row had of each detail, once each."""
    parts = []
    for detail in DETAILS:
        values = sorted({record.details[detail] for record in records if detail in record.details})
        if detail == "RAM" and values:
            smallest, largest = (
                f"{mib} MiB" if mib % 1024 else f"{mib // 1024} GiB" for mib in (values[0], values[-1])
            )
            values = [f"{smallest} to {largest}"]
        if values:
            parts.append(", ".join(values))
    return "; ".join(parts)


def table(records):
    rows = {}
    # QEMU, which runs it itself, first.
    for record in sorted(records, key=lambda record: (record.vmm != "QEMU", record.vmm, record.by)):
        rows.setdefault((record.vmm, record.form, record.by), []).append(record)
    lines = ["| VMM | image | run by | on | passed |", "|---|---|---|---|---|"]
    for (vmm, form, by), boots in rows.items():
        passed = sum(boot.passed for boot in boots)
        lines.append(f"| {vmm} | {form} | {by} | {describe(boots)} | {passed} of {len(boots)} |")
    return "\n".join(lines) + "\n"


def check(readme, names, directory):
    missing = [name for name in names if not pathlib.Path(directory, name + ".json").exists()]
    try:
        if missing:
            raise ValueError(f"there are no records of {', '.join(missing)}")
        text = table(read(directory))
    except ValueError as reason:
        print(f"skipped: {reason}")
        sys.exit(SKIPPED)
    if text not in pathlib.Path(readme).read_text(encoding="utf-8"):
        sys.exit(f"{readme} does not have this table:\n{text}")


def main():
    parser = argparse.ArgumentParser(usage=__doc__.replace("usage: ", "", 1), add_help=False)
    parser.add_argument("--check", nargs=2)
    parser.add_argument("directory")
    options = parser.parse_args()
    if options.check:
        readme, names = options.check
        check(readme, names.split(","), options.directory)
        return
    try:
        print(table(read(options.directory)), end="")
    except ValueError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
