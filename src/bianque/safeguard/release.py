"""The way back, as a machine of states: who must have said what before a locked target's identity is opened.

requested → approved by one → released → expired
    │              │              └────→ closed      the emergency was closed
    ├──────────────┴→ refused | lapsed | closed      nothing was opened

Pure: every step takes the release, the person and the hour, and gives the release after it or says why not.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from bianque.model.errors import BadInput
from bianque.model.release import PENDING, Release, ReleaseState, Verdict

MOST_HOURS = 72  # of reading, once released
APPROVERS = 2  # of different organisations, neither of them the requester


def standing(release: Release, now: dt.datetime, *, emergency_open: bool) -> Release:
    """The release as it stands at an hour: lapsed, expired or closed where that is so, and never back again."""
    if release.state not in (*PENDING, ReleaseState.RELEASED):
        return release
    if not emergency_open:
        return replace(release, state=ReleaseState.CLOSED)
    if release.state in PENDING:
        return replace(release, state=ReleaseState.LAPSED) if now >= release.lapses else release
    assert release.until is not None
    return replace(release, state=ReleaseState.EXPIRED) if now >= release.until else release


def judged(release: Release, verdict: Verdict) -> Release:
    """The release after one more approver has spoken; the second approval of two organisations releases it.

    raises  BadInput  when it waits for nobody, or this person may not be one of the two
    """
    if release.state not in PENDING or verdict.at >= release.lapses:
        state = release.state if release.state not in PENDING else ReleaseState.LAPSED
        raise BadInput(f"request {release.id} is {state}: nothing can be said to it any more", kept="it as it is")
    if verdict.account == release.requester:
        raise BadInput("whoever asks for a release does not approve it", remedy="two other persons decide")
    given = [v for v in release.verdicts if v.approves]
    if any(v.account == verdict.account for v in given):
        raise BadInput(f"{verdict.account} has approved already", remedy="a person of another organisation decides")
    if verdict.approves and any(v.organisation == verdict.organisation for v in given):
        raise BadInput(
            f"{verdict.organisation} has approved already, through another person",
            remedy="the second approver is of another organisation: two of one hold the same share of the key",
        )
    after = replace(release, verdicts=(*release.verdicts, verdict))
    if not verdict.approves:
        return replace(after, state=ReleaseState.REFUSED)
    if len(given) + 1 < APPROVERS:
        return replace(after, state=ReleaseState.APPROVED_ONCE)
    return replace(after, state=ReleaseState.RELEASED, released=verdict.at)


def readable(release: Release, account: str) -> bool:
    """Whether an account may read what was released, as the release stands now."""
    return release.state is ReleaseState.RELEASED and account == release.requester


def requested(release: Release) -> Release:
    """The request, when it can be made.

    raises  BadInput  when it names no target, no field, no reason, or too many hours
    """
    wanting = [
        name
        for name, there in (
            ("a target", release.targets),
            ("a field", release.fields),
            ("a reason", release.reason.strip()),
        )
        if not there
    ]
    if wanting:
        raise BadInput(f"a request needs {' and '.join(wanting)}", remedy="name what is asked for, and why")
    if not 1 <= release.hours <= MOST_HOURS:
        raise BadInput(f"a release lasts from 1 to {MOST_HOURS} hours, not {release.hours}")
    return release
