"""How much was tried against the wall, and what came through?  The figures of the tests that try it, in one run.

Forbidden attempts at the gate of the services on each engine; planted canaries looked for in all that a reader without
the right is answered, and in every file, log and temporary file; every command of every role; calls that schemathesis
makes up; random sequences of requests and approvals against the way back. Each figure is recorded by the test that
asserts it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from cost import verdict

ROOT = Path(__file__).resolve().parent.parent
TESTS = (
    "tests/contract/test_forbidden.py::test_every_forbidden_attempt_is_refused_and_is_in_the_audit",
    "tests/contract/test_planted_canaries.py",
    "tests/cli/test_roles.py",
    "tests/web/test_generated_calls.py::test_five_thousand_made_up_calls",
    "tests/services/test_release_sequences.py::test_no_random_sequence_opens_what_it_must_not[1000]",
)
ATTEMPTS, CALLS, SEQUENCES = 300, 5_000, 1_000  # at least


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        report_to = ["-o", "junit_family=xunit1", f"--junitxml={report}"]  # the form that holds what a test records
        command = [sys.executable, "-m", "pytest", "-q", "-m", "", *report_to, *TESTS]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            print(done.stdout[-4_000:], done.stderr[-4_000:], sep="\n")
            return done.returncode
        told = dict(figures(report))
    for test, found in told.items():
        print(f"{test}: {', '.join(f'{name} {value:g}' for name, value in found.items())}")
    judge(list(told.values()))
    return 0


def figures(report: Path) -> Iterator[tuple[str, dict[str, float]]]:
    """What each test recorded, by the test's name in words."""
    for case in ElementTree.parse(report).iter("testcase"):
        found = {one.get("name", ""): float(one.get("value", "nan")) for one in case.iter("property")}
        if found:
            yield case.get("name", "").removeprefix("test_").replace("_", " "), found


def judge(told: list[dict[str, float]]) -> None:
    attempted = [one for one in told if "attempted" in one]
    engines = [one["attempted"] >= ATTEMPTS and len(set(one.values())) == 1 for one in attempted]
    verdict(
        f"at least {ATTEMPTS} forbidden attempts on each engine, all refused and all in the audit",
        len(engines) == 2 and all(engines),
    )
    leaks = [value for one in told for name, value in one.items() if name.startswith("found")]
    verdict("no planted canary found where there is no right to it", len(leaks) > 2 and sum(leaks) == 0)
    verdict(
        f"at least {CALLS:,} made-up calls without a server error", sum(one.get("calls", 0) for one in told) >= CALLS
    )
    random = [one for one in told if one.get("sequences", 0) >= SEQUENCES]
    verdict(f"{SEQUENCES:,} random sequences without a breach", [one["breaches"] for one in random] == [0])


if __name__ == "__main__":
    raise SystemExit(main())
