# SPDX-License-Identifier: Apache-2.0
"""Checks the output of a guest while it arrives: as TAP, or for certain lines."""

import os
import re


class Tap:
    """Checks a TAP stream as it arrives, in pieces of any size.

    A plan or an `ok` counts only in TAP's own form, at the beginning of a line. A failure counts in any form:
    each line that begins with "not ok", unless it is a test that is TODO. White space, control characters and a
    terminal's colours before "not ok" do not hide it; so a failed subtest counts too. An `ok` counts with or without a
    SKIP or TODO after it. CR ends a line, as LF does.
    """

    VERSION = re.compile(rb"TAP version (\d+)")
    VERSIONS = (b"12", b"13", b"14")
    PLAN = re.compile(rb"1\.\.(\d{1,9})[ \t]*(?:#[ \t]*(skip)?.*)?$", re.IGNORECASE | re.DOTALL)
    # A line that has this beginning has to be a plan.
    PLAN_BEGINS = re.compile(rb"1\.\.")
    TEST = re.compile(rb"(not )?ok(?:[ \t]+(\d+)\b|[ \t]|$)")
    # The first # that is not escaped begins the directive.
    TODO = re.compile(rb"(?:[^#\\]|\\.)*?(?<=[ \t])#[ \t]*todo(?:[ \t]|$)", re.IGNORECASE | re.DOTALL)
    FAILURE = re.compile(rb"not[^\x21-\x7e]+ok", re.IGNORECASE)
    BAIL_OUT = re.compile(rb"bail out!", re.IGNORECASE)

    LINE_END = re.compile(rb"[\r\n]")
    TERMINAL_SEQUENCE = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]")
    CONTROL_CHARACTER = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
    NOT_PRINTED = bytes(set(range(256)) - set(range(0x21, 0x7F)))

    # A line without an end must not fill the memory.
    LINE_LIMIT_BYTES = 64 * 1024

    def __init__(self):
        self.partial_line = b""
        self.planned = None
        self.is_plan_last = False
        self.tests = 0
        self.first_fault = None

    def feed(self, data):
        begin, *rest = self.LINE_END.split(data)
        *lines, partial = [self.partial_line + begin, *rest]
        if len(partial) > self.LINE_LIMIT_BYTES:
            self._fault(f"the guest printed a line of more than {self.LINE_LIMIT_BYTES} bytes")
        self.partial_line = partial[: self.LINE_LIMIT_BYTES]
        for line in lines:
            self._check_line(line)

    def finish(self):
        """Returns a sentence about the first fault, or None. Call it once, at the end of the output."""
        self._check_line(self.partial_line)
        if self.first_fault:
            return self.first_fault
        if self.planned is None:
            return "the guest printed no TAP plan"
        if self.planned != self.tests:
            return f"the guest planned {self.planned} tests and ran {self.tests}"
        return None

    def _check_line(self, line):
        if self.PLAN_BEGINS.match(line):
            self._check_plan(line)
        elif test := self.TEST.match(line):
            self._check_test(line, test)
        elif (version := self.VERSION.match(line)) and version[1] not in self.VERSIONS:
            self._fault("the guest prints a version of TAP that is not known here")
        shown = self.TERMINAL_SEQUENCE.sub(b"", line)
        for piece in [shown, *self.CONTROL_CHARACTER.split(shown)[1:]]:
            self._check_piece(piece.lstrip(self.NOT_PRINTED))

    def _check_plan(self, line):
        plan = self.PLAN.match(line)
        if plan is None:
            self._fault("the guest printed a line that begins as a TAP plan and is not one")
            return
        if self.planned is not None:
            self._fault("the guest printed two TAP plans")
        self.planned = int(plan[1])
        self.is_plan_last = self.tests > 0
        if self.planned == 0 and not plan[2]:
            self._fault("the guest planned no tests and gave no SKIP for it")

    def _check_test(self, line, test):
        self.tests += 1
        if self.is_plan_last:
            self._fault("the guest's TAP plan stands between its tests")
        # Compared as text, because the number may have any length.
        if test[2] and test[2].lstrip(b"0") != b"%d" % self.tests:
            self._fault(f"the number of test {self.tests} is out of order")
        if test[1] and not self.TODO.match(line):
            self._fault(f"test {self.tests} is not ok")

    def _check_piece(self, piece):
        """Looks for a failure at the beginning of a piece of a line."""
        if self.FAILURE.match(piece) and not (self.TEST.match(piece) and self.TODO.match(piece)):
            shown = piece[:60].decode("ascii", "backslashreplace")
            self._fault(f"the guest printed a line that begins with 'not ok': {shown}")
        elif self.BAIL_OUT.match(piece):
            self._fault("the guest bailed out of its tests")

    def _fault(self, sentence):
        self.first_fault = self.first_fault or sentence


class Expectation:
    """Looks for lines, in order, in an output that arrives in pieces of any size."""

    LINE_LIMIT_BYTES = 64 * 1024

    def __init__(self, lines):
        self.missing = [os.fsencode(line) for line in lines]
        self.partial_line = b""

    def feed(self, data):
        *lines, partial = (self.partial_line + data).split(b"\n")
        self.partial_line = partial[: self.LINE_LIMIT_BYTES]
        for line in lines:
            self._check_line(line)

    def finish(self):
        """Returns a sentence about the first missing line, or None. Call it once, at the end of the output."""
        self._check_line(self.partial_line)
        if self.missing:
            return f"the guest did not print the line '{os.fsdecode(self.missing[0])}'"
        return None

    def _check_line(self, line):
        if self.missing and line.rstrip(b"\r") == self.missing[0]:
            del self.missing[0]
