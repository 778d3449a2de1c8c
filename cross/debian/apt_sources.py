# SPDX-License-Identifier: Apache-2.0
"""The package sources that a machine's apt is configured with, to find its Debian mirror among them.

Both formats of sources.list(5) are read. What is kept of a source is where it is and why it is trusted.
"""

import dataclasses
import os
import pathlib
import re

# The options by which an entry chooses packages; the caller chooses its own.
SELECTING_OPTIONS = {"arch", "architectures", "lang", "languages", "target", "targets", "pdiffs"}

CODENAMES = ["buster", "bullseye", "bookworm", "trixie", "forky", "duke"]
ARCHIVE_NAMES = ["oldoldstable", "oldstable", "stable", "testing", "unstable", "sid", "experimental"]
DEBIAN_SUITE = re.compile("({})(-[a-z-]+)?/?".format("|".join(CODENAMES + ARCHIVE_NAMES)))


@dataclasses.dataclass
class Source:
    uri: str
    suites: list
    components: list
    options: dict  # by the lower-case names of the deb822 format


def parse_one_line(text):
    """Returns the Sources of a file in the one-line format."""
    sources = []
    for line in text.splitlines():
        entry = re.match(r"\s*deb\s+(?:\[([^]]*)\]\s*)?(\S+)\s+([^\s#]+)([^#]*)", line)
        if entry:
            options = dict(re.findall(r"([^\s=]+?)[+-]?=(\S+)", entry[1] or ""))
            options = {name.lower(): value for name, value in options.items()}
            sources.append(Source(entry[2], [entry[3]], entry[4].split(), without_selection(options)))
    return sources


def parse_deb822(text):
    """Returns the Sources of a file in the deb822 format, one for each URI."""
    sources = []
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for stanza in re.split(r"\n\s*\n", "\n".join(lines)):
        fields = {}
        # A line that begins with white space belongs to the field before it, such as an embedded key.
        for field in re.findall(r"^\S.*(?:\n[ \t].*)*", stanza, re.MULTILINE):
            name, _, value = field.partition(":")
            fields[name.lower()] = value.strip()
        if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").lower() in ("no", "false", "0"):
            continue
        options = {
            name: value
            for name, value in fields.items()
            if name not in ("types", "uris", "suites", "components", "enabled") and not name.startswith("x-")
        }
        for uri in fields.get("uris", "").split():
            sources.append(
                Source(
                    uri,
                    fields.get("suites", "").split(),
                    fields.get("components", "").split(),
                    without_selection(options),
                )
            )
    return sources


def without_selection(options):
    return {name: value for name, value in options.items() if name not in SELECTING_OPTIONS}


def read(directory="/etc/apt"):
    """Returns all Sources below a directory like /etc/apt, in the order in which apt reads them."""
    directory = pathlib.Path(directory)
    parts = directory / "sources.list.d"
    names = [directory / "sources.list"]
    if parts.is_dir():
        names += sorted(parts / name for name in os.listdir(parts))
    sources = []
    for path in names:
        parse = {".list": parse_one_line, ".sources": parse_deb822}.get(path.suffix)
        if parse and path.is_file():
            try:
                sources += parse(path.read_text(encoding="utf-8", errors="replace"))
            except PermissionError:
                continue
    return sources


def debian_mirrors(sources):
    """Returns those that may be mirrors of Debian's main archive, the likeliest first, each place once.

    Others use Debian's codenames for archives of their own; the caller finds out by asking for a package.
    """
    ranked = []
    for source in sources:
        suites = [match for suite in source.suites if (match := DEBIAN_SUITE.fullmatch(suite))]
        of_the_archive = [match for match in suites if "security" not in (match[2] or "")]
        if not of_the_archive or "main" not in source.components or source.uri.startswith("cdrom:"):
            continue
        path_is_debian = source.uri.rstrip("/").endswith("/debian")
        has_release = any(match[2] is None for match in of_the_archive)
        ranked.append((not path_is_debian, not has_release, source))
    ranked.sort(key=lambda entry: entry[:2])
    mirrors = {}
    for _, _, source in ranked:
        mirrors.setdefault(source.uri.rstrip("/"), source)
    return list(mirrors.values())


def deb822(source, suite):
    """Returns the text of a .sources file: a suite of this source, for its binary packages in main."""
    fields = {"types": "deb", "uris": source.uri, "suites": suite, "components": "main", **source.options}
    return "".join(f"{name}: {value}\n" for name, value in fields.items())
