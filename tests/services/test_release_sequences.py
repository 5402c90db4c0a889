"""A thousand random sequences against the way back: never one person alone, never an unlocked target, never too late.

Real services, a real register, a real door. A trace records what was tried and what came of it; an invariant that
knows nothing of the services judges the trace, and is itself tried on traces that were tampered with.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest

from bianque.model.emergency import Emergency, State
from bianque.model.errors import BianqueError
from bianque.model.release import Release
from bianque.registry import register as registers
from bianque.registry.register import Register
from bianque.safeguard.door import Door
from bianque.services import reidentify, release_keys, targets
from bianque.services.reidentify import FIELD, Request

from . import reidentification as scene
from .reidentification import NOW, NUMBERS, PEOPLE, PHONES, acting, emergency

STEPS = 14
KINDS = ("phone", "id_number")


@dataclass(frozen=True, slots=True)
class Step:
    """What was done, and that it was not refused."""

    what: str  # lock, lift, request, approve, refuse, close, read
    by: str
    hour: float
    request: str = ""
    targets: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    hours: int = 0
    shown: tuple[tuple[str, str, str], ...] = ()  # of a read: (pseudonym, kind, value)


@dataclass
class Trace:
    """One sequence, and whose pseudonym is whose."""

    persons: dict[str, dict[str, str]]  # pseudonym → kind → value
    steps: list[Step] = field(default_factory=list)


def breaches(trace: Trace) -> Iterator[str]:
    """What must never happen, found in a trace."""
    locked: set[str] = set()
    asked: dict[str, Step] = {}
    approvals: dict[str, list[Step]] = {}
    closed, now = False, float("-inf")
    ended: set[str] = set()
    for step in trace.steps:
        now = max(now, step.hour)
        match step.what:
            case "lock":
                locked |= {*step.targets}
            case "lift":
                locked -= {*step.targets}
            case "close":
                closed = True
            case "refuse":
                ended.add(step.request)
            case "request":
                asked[step.request] = step
            case "approve":
                approvals.setdefault(step.request, []).append(step)
            case "read":
                yield from _of_a_read(step, asked, approvals, locked, closed)
                if step.request in ended:
                    yield "a refused request was read"
                shown = {(kind, value) for _, kind, value in step.shown}
                rights = {(k, trace.persons[p].get(k)) for p, k, _ in step.shown}
                if not shown <= rights:
                    yield "a value of somebody else was shown"


def _of_a_read(
    read: Step, asked: dict[str, Step], approvals: dict[str, list[Step]], locked: set[str], closed: bool
) -> Iterator[str]:
    request, given = asked[read.request], approvals.get(read.request, [])
    persons = {step.by for step in given}
    if len({PEOPLE[by].organisation for by in persons}) < 2:
        yield "one organisation alone released it"
    if request.by in persons:
        yield "the requester approved it"
    if read.by != request.by:
        yield "it was read by another than the requester"
    if closed:
        yield "it was read after the close"
    if not {pseudonym for pseudonym, _, _ in read.shown} <= locked:
        yield "an unlocked target was read"
    if not {pseudonym for pseudonym, _, _ in read.shown} <= {*request.targets}:
        yield "a target was read that was not asked for"
    if not {kind for _, kind, _ in read.shown} <= {*request.fields}:
        yield "a field was read that was not asked for"
    if given and read.hour >= max(step.hour for step in given) + request.hours:
        yield "it was read after its hours"
    if any(step.hour >= request.hour + 24 for step in given):
        yield "it was approved after it had lapsed"


class Adversary:
    """Somebody who tries everything in any order, as anybody, at any hour."""

    def __init__(self, register: Register, door: Door, dice: random.Random, of: Emergency) -> None:
        self.register, self.door, self.dice, self.emergency = register, door, dice, of
        people = scene.draw_keys(register, door, of)
        held = [dict(zip(KINDS, (phone, number), strict=False)) for phone, number in zip(PHONES, NUMBERS, strict=False)]
        held += [{"phone": phone} for phone in PHONES[len(NUMBERS) :]]
        self.trace = Trace(dict(zip(people, held, strict=True)))
        self.people, self.requests, self.hour, self.refused = people, list[Release](), 0.0, 0
        self.handed: dict[bytes, set[str]] = {}  # digest of a request → organisations whose share was handed in for it

    def run(self) -> Trace:
        moves: list[tuple[int, Callable[[], None]]] = [
            (3, self.lock),
            (1, self.lift),
            (4, self.ask),
            (8, self.approve),
            (1, self.refuse),
            (6, self.read),
            (3, self.wait),
            (1, self.close),
            (2, self.lie_to_the_door),
        ]
        weights, steps = zip(*moves, strict=True)
        while not self.requests:
            self.attempt(self.lock)
            self.attempt(self.ask)
        for step in self.dice.choices(steps, weights, k=STEPS):
            self.attempt(step)
        return self.trace

    def attempt(self, step: Callable[[], None]) -> None:
        try:
            step()
        except BianqueError:
            self.refused += 1

    def somebody(self, likely: tuple[str, ...]) -> str:
        return self.dice.choice(likely) if self.dice.random() < 0.85 else self.dice.choice([*PEOPLE])

    def acting(self, account: str):  # type: ignore[no-untyped-def]
        at = NOW + dt.timedelta(hours=self.hour)
        return acting(account, at, self.emergency, proved=self.dice.random() < 0.95)

    def password(self, account: str) -> str:
        return PEOPLE[account if self.dice.random() < 0.95 else self.dice.choice([*PEOPLE])].password

    def some(self) -> list[str]:
        return self.dice.sample(self.people, self.dice.choice([1, 1, 1, 2, 3]))

    def any_request(self) -> Release:
        return self.requests[-1] if self.dice.random() < 0.7 else self.dice.choice(self.requests)

    def done(self, what: str, by: str, **more: object) -> None:
        self.trace.steps.append(Step(what, by, self.hour, **more))  # type: ignore[arg-type]

    def lock(self) -> None:
        by, some = self.somebody(("li",)), self.some() + self.some()
        targets.lock(self.register, self.door, self.acting(by), some, "close-contact", "query 7")
        self.done("lock", by, targets=tuple(some))

    def lift(self) -> None:
        by, some = self.somebody(("li",)), self.some()
        targets.lift(self.register, self.door, self.acting(by), some)
        self.done("lift", by, targets=tuple(some))

    def ask(self) -> None:
        by = self.somebody(("li", "wu"))
        locked = [p for step in self.trace.steps if step.what == "lock" for p in step.targets]
        some = [self.dice.choice(locked)] if locked and self.dice.random() < 0.7 else self.some()
        fields = tuple(self.dice.sample(KINDS, self.dice.choice([1, 2])))
        asked = Request(some, fields, "contact of case 12", self.dice.choice([1, 8, 24]))
        made = reidentify.request(self.register, self.acting(by), asked)
        self.requests.append(made)
        self.done("request", by, request=made.id, targets=made.targets, fields=fields, hours=made.hours)

    def approve(self) -> None:
        by, one = self.somebody(("wang", "sun", "zhao", "qian")), self.any_request()
        reidentify.approve(self.register, self.door, self.acting(by), one.id, self.password(by))
        self.handed.setdefault(one.digest(), set()).add(PEOPLE[by].organisation)
        self.done("approve", by, request=one.id)

    def refuse(self) -> None:
        by, one = self.somebody(("wang", "zhao")), self.any_request()
        reidentify.refuse(self.register, self.door, self.acting(by), one.id, "no")
        self.done("refuse", by, request=one.id)

    def read(self) -> None:
        one = self.any_request()
        by = self.somebody((one.requester,))
        opened = reidentify.read(self.register, self.acting(by), one.id, self.password(by))
        shown = tuple((o.pseudonym, kind, view[FIELD]) for o in opened for kind, view in o.values.items())
        self.done("read", by, request=one.id, shown=shown)

    def wait(self) -> None:
        self.hour += self.dice.choice([0.5, 1, 6, 9, 25, -2])

    def close(self) -> None:
        if self.dice.random() < 0.4:
            self.emergency = replace(self.emergency, state=State.CLOSED)
            self.done("close", "wang")

    def lie_to_the_door(self) -> None:
        """A holder's share under any name, by a client that leaves the services out: one organisation opens nothing."""
        one, by = self.any_request(), self.dice.choice(scene.HOLDERS)
        key = one.officer_key if self.dice.random() < 0.5 else b"\1" * 32
        lie = replace(one, targets=tuple(self.some()), officer_key=key)
        share = release_keys.own_share(self.register, self.acting(by), self.emergency.id, PEOPLE[by].password)
        handed = self.handed.setdefault(lie.digest(), set())
        handed.add(PEOPLE[by].organisation)
        for organisation in {PEOPLE[by].organisation, PEOPLE[self.dice.choice(scene.HOLDERS)].organisation}:
            self.door.hand_share(share, lie.emergency, organisation, lie.id, lie.digest(), lie.lapses)
        self.door.release(lie, NOW + dt.timedelta(hours=self.hour))
        assert len(handed) > 1, "the door opened targets for one organisation"
        assert {*lie.targets} <= self.locked(), "the door opened a target that is not locked"

    def locked(self) -> set[str]:
        found: set[str] = set()
        for step in self.trace.steps:
            found = found | {*step.targets} if step.what == "lock" else found
            found = found - {*step.targets} if step.what == "lift" else found
        return found


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Register, Door]]:
    made = registers.create(tmp_path_factory.mktemp("shop") / "register")
    scene.prepare(made)
    made.close()
    with scene.at_work(made.at_rest) as both:
        yield both


@pytest.mark.parametrize(
    "sequences", [pytest.param(50, marks=pytest.mark.slow), pytest.param(1000, marks=pytest.mark.full)]
)
def test_no_random_sequence_opens_what_it_must_not(
    shop: tuple[Register, Door], sequences: int, record_property: Callable[[str, object], None]
) -> None:
    found: list[tuple[int, str]] = []
    reads, refused = 0, 0
    for seed in range(sequences):
        adversary = Adversary(*shop, random.Random(seed), emergency(f"sequence-{sequences}-{seed}"))
        trace = adversary.run()
        found += [(seed, breach) for breach in breaches(trace)]
        reads += sum(step.what == "read" for step in trace.steps)
        refused += adversary.refused
    assert found == []
    assert reads > sequences / 10, "hardly anything was ever released: these sequences show nothing"
    assert refused > sequences
    record_property("sequences", sequences)
    record_property("reads allowed", reads)
    record_property("attempts refused", refused)
    record_property("breaches", len(found))


def sound() -> Trace:
    """A sequence in which all is well."""
    one, two = "0" * 32, "1" * 32
    return Trace(
        {one: {"phone": "a"}, two: {"phone": "b", "id_number": "c"}},
        [
            Step("lock", "li", 0, targets=(two,)),
            Step("request", "li", 0, "r", (two,), ("phone",), 8),
            Step("approve", "wang", 1, "r"),
            Step("approve", "zhao", 2, "r"),
            Step("read", "li", 3, "r", shown=((two, "phone", "b"),)),
        ],
    )


def test_the_invariant_lets_a_sound_sequence_pass() -> None:
    assert list(breaches(sound())) == []


@pytest.mark.parametrize(
    ("place", "change", "breach"),
    [
        (3, {"by": "sun"}, "one organisation alone"),
        (3, {"what": "wait"}, "one organisation alone"),
        (3, {"by": "li"}, "the requester approved it"),
        (3, {"hour": 24.0}, "after it had lapsed"),
        (3, {"what": "refuse"}, "refused request"),
        (0, {"what": "lift"}, "an unlocked target"),
        (4, {"by": "wu"}, "another than the requester"),
        (4, {"hour": 10.0}, "after its hours"),
        (4, {"shown": (("0" * 32, "phone", "a"),)}, "not asked for"),
        (4, {"shown": (("1" * 32, "id_number", "c"),)}, "a field was read"),
        (4, {"shown": (("1" * 32, "phone", "a"),)}, "somebody else"),
    ],
)
def test_the_invariant_finds_what_was_tampered_with(place: int, change: dict[str, object], breach: str) -> None:
    trace = sound()
    trace.steps[place] = replace(trace.steps[place], **change)  # type: ignore[arg-type]
    assert [one for one in breaches(trace) if breach in one]


def test_the_invariant_finds_a_read_after_the_close() -> None:
    trace = sound()
    trace.steps.insert(4, Step("close", "wang", 2))
    assert list(breaches(trace)) == ["it was read after the close"]
