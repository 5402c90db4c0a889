"""What happened since the start, in figures: requests, refusals, decisions, as Prometheus reads them.

A label is the name of a route, a status, a rule's action or outcome; never what somebody typed.
"""

from __future__ import annotations

import threading
from collections import Counter

Labels = tuple[tuple[str, str], ...]
HELP = {
    "bianque_requests_total": "Requests answered, by route, verb and status.",
    "bianque_refusals_total": "Requests refused, by reason.",
    "bianque_decisions_total": "Decisions of the rules on pages, by action and outcome.",
}


class Counts:
    """Counters that threads may add to."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: Counter[tuple[str, Labels]] = Counter()

    def _add(self, name: str, **labels: str) -> None:
        with self._lock:
            self._values[name, tuple(sorted(labels.items()))] += 1

    def answered(self, route: str, verb: str, status: int) -> None:
        self._add("bianque_requests_total", route=route, verb=verb, status=str(status))

    def refused(self, reason: str) -> None:
        self._add("bianque_refusals_total", reason=reason)

    def decided(self, action: str, outcome: str) -> None:
        self._add("bianque_decisions_total", action=action, outcome=outcome)

    def text(self) -> str:
        """The counters in the Prometheus text format 0.0.4."""
        with self._lock:
            values = sorted(self._values.items())
        lines: list[str] = []
        for name, about in HELP.items():
            lines += [f"# HELP {name} {about}", f"# TYPE {name} counter"]
            for (whose, labels), value in values:
                if whose == name:
                    said = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels)
                    lines.append(f"{name}{{{said}}} {value}")
        return "\n".join([*lines, ""])


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


counts = Counts()
