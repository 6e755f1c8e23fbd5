"""Counts checks and prints one line for each."""

import threading


class Report:
    """Results of all checks; may be used by several threads."""

    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.lock = threading.Lock()

    def check(self, name, holds, detail=""):
        """One check. The detail is shown when it fails."""
        with self.lock:
            if holds:
                self.passed += 1
                print(f"ok    {name}", flush=True)
            else:
                self.failed += 1
                print(f"FAIL  {name}" + (f"\n      {detail}" if detail else ""), flush=True)

    def equal(self, name, actual, expected):
        self.check(name, actual == expected, f"expected {expected!r}, found {actual!r}")

    def summary(self):
        return f"{self.passed} passed, {self.failed} failed"
