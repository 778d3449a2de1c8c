#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: workflow_test.py SOURCE-ROOT

The public CI host runs the two commands of README, which other tests run too, and installs only what it needs to begin.
"""

import pathlib
import re
import sys

COMMANDS = ["./example/run", "./test/run"]
# Before the checkout, in a container of Debian.
PREPARATION = "apt-get update && apt-get install --yes --no-install-recommends ca-certificates git"


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    root = pathlib.Path(sys.argv[1])
    workflow = (root / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")
    readme = (root / "README.md").read_text(encoding="utf-8")
    # A multi-line command would begin with "|", which is not one of these.
    commands = re.findall(r"^ *(?:- )?run: *(.*)$", workflow, re.MULTILINE)
    errors = []
    if commands != [PREPARATION, *COMMANDS]:
        errors.append(f"test.yml runs {commands}")
    errors += [f"README.md does not name {command}" for command in COMMANDS if f"\n{command} " not in readme]
    errors += [f"{command} is not there" for command in COMMANDS if not (root / command).is_file()]
    if re.findall(r"^ *container: *(.*)$", workflow, re.MULTILINE) != ["debian:bookworm"]:
        errors.append("test.yml does not run in Debian 12")
    for error in errors:
        print(error)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
