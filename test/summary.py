#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: summary.py [TITLE STATUS BUILD]...

Says how the parts of a run of the tests ended: for each a line, with the names of the tests that failed below it. The
last line has the numbers for all parts together. STATUS is what the part's commands exited with, and BUILD the
directory in which Meson has left the results. A part that did not come to its tests counts as one failure.

Exits with 1 if anything failed.
"""

import collections
import json
import pathlib
import sys

PASSED = ("OK", "EXPECTEDFAIL")
SKIPPED = ("SKIP",)


def read_results(build):
    """Returns Meson's result for each test by name; of those that never ended there is none."""
    log = pathlib.Path(build, "meson-logs", "testlog.json")
    if not log.exists():
        return {}
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    tests = [json.loads(line) for line in lines if line.endswith("}")]
    return {test["name"]: test["result"] for test in tests}


def summarize(title, status, results):
    """Returns the numbers of passed, failed and skipped tests, after it has printed them."""
    failures = {name: result for name, result in results.items() if result not in PASSED + SKIPPED}
    numbers = collections.Counter(
        passed=sum(result in PASSED for result in results.values()),
        skipped=sum(result in SKIPPED for result in results.values()),
        failed=len(failures),
    )
    if status != 0 and not failures:
        failures[f"exit status {status}" + ("" if results else ", before any test")] = "FAIL"
        numbers["failed"] = 1
    elif status == 0 and not results:
        failures["no test was run"] = "FAIL"
        numbers["failed"] = 1
    print(f"{title}: {sentence(numbers)}")
    for name, result in failures.items():
        print(f"    {result}: {name}")
    return numbers


def sentence(numbers):
    return f"{numbers['passed']} passed, {numbers['failed']} failed, {numbers['skipped']} skipped"


def main():
    words = sys.argv[1:]
    if not words or len(words) % 3:
        sys.exit(__doc__)
    total = collections.Counter()
    for title, status, build in zip(words[::3], words[1::3], words[2::3]):
        total += summarize(title, int(status), read_results(build))
    print(sentence(total))
    return 1 if total["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
