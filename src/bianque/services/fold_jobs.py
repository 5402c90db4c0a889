"""The folds that readers ask for: asked once, computed once by a worker, then opened from the stored answer.

A folder of its own holds them; the queue (huey on SQLite) only says what comes next. Each question has a folder named
after it:

    question.json   what was asked
    state.json      how far it is; replaced as a whole, so that a reader and a crash find the old one or the new one
    cancel          is there when somebody does not want it any more
    answer.npz      the answer, written before the state says so

What a killed worker was at is found by the next one: `recover`.
"""

from __future__ import annotations

import errno
import fcntl
import json
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from huey import SqliteHuey

from bianque.lake.store import write_atomically
from bianque.model.authority import Action, Authority, Resource
from bianque.model.errors import BadInput, QueueFull
from bianque.services.fold_answer import Step
from bianque.services.fold_question import Question
from bianque.services.gate import require

QUEUED_AT_MOST = 10
KEPT_AT_MOST = 200  # questions; the ones that ended longest ago make room
UNREADABLE = (FileNotFoundError, ValueError, TypeError)  # the last: written by another version
TRIES = 2  # a question whose worker was killed twice is taken for the reason

Status = Literal["queued", "running", "done", "failed", "cancelled"]
Failure = Literal["memory", "disk", "killed", "input", "damaged", "defect"]


@dataclass(frozen=True, slots=True)
class State:
    """How far a question is. Times are seconds since 1970; `share` is of the whole computation."""

    status: Status
    asked: float
    started: float = 0.0
    ended: float = 0.0
    step: Step = "structure"
    share: float = 0.0
    tries: int = 0
    failure: Failure | None = None
    detail: str = ""

    @property
    def over(self) -> bool:
        return self.status in ("done", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Job:
    """A question and how far it is; `position` counts those before it in the queue and itself, 0 once it began."""

    identity: str
    question: Question
    state: State
    position: int = 0


class Jobs:
    """The jobs of one folder. Several processes may use it at once."""

    def __init__(self, folder: Path, work: Callable[[Jobs, str], None] | None = None) -> None:
        """Open the folder, or make it.

        work      what a worker does with a job; a server, which only asks, leaves it out
        raises    BadInput  when it cannot be written
        """
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            (folder / "questions").mkdir(exist_ok=True)
            write_atomically(folder / "writable", b"")
            self.queue = SqliteHuey("fold", filename=str(folder / "queue.db"), results=False)
        except (OSError, sqlite3.Error) as cause:
            raise BadInput(
                f"the jobs folder {folder} cannot be written: {getattr(cause, 'strerror', None) or cause}",
                remedy="choose another with --jobs, or give this user the right to write it",
            ) from cause

        def fold(identity: str) -> None:
            if work:
                work(self, identity)

        self._fold = self.queue.task()(fold)
        self.queue.storage.close()  # this thread's connection, of which the last use was to make the tables

    def submit(self, authority: Authority, asked: Question) -> Job:
        """The job of a question: the one that is there, or a new one at the end of the queue.

        raises    PolicyRefusal  when folding is not for this authority
                  QueueFull      when too many wait
                  OSError        when it cannot be written
        """
        require(authority, Action.FOLD, Resource("fold"))
        with self._changing():
            known = self.find(asked.identity)
            if known and known.state.status not in ("failed", "cancelled"):
                if known.state.status == "running":
                    self._marker(known.identity).unlink(missing_ok=True)
                return self.get(known.identity)
            if sum(state.status == "queued" for state in self._states().values()) >= QUEUED_AT_MOST:
                raise QueueFull(
                    f"{QUEUED_AT_MOST} sequences wait already", remedy="come back when some of them are done"
                )
            place = self.place(asked.identity)
            place.mkdir(exist_ok=True)
            self._marker(asked.identity).unlink(missing_ok=True)
            write_atomically(place / "question.json", json.dumps(asdict(asked)).encode())
            self._enqueue(asked.identity)
            self.write(asked.identity, State("queued", time.time()))
            self._make_room()
        return self.get(asked.identity)

    def get(self, identity: str) -> Job:
        """One job.

        raises    KeyError  when nobody asked that
        """
        found = self.find(identity)
        if found is None:
            raise KeyError(identity)
        if found.state.status != "queued":
            return found
        waiting = [state.asked for state in self._states().values() if state.status == "queued"]
        return replace(found, position=1 + sum(asked < found.state.asked for asked in waiting))

    def find(self, identity: str) -> Job | None:
        """One job without its position, None when nobody asked that, or another version wrote it, or it is damaged."""
        state = self._state(identity)
        if state is None:
            return None
        try:
            question = Question(**json.loads((self.place(identity) / "question.json").read_bytes()))
        except UNREADABLE:
            return None
        return Job(identity, question, state) if question.identity == identity else None

    def all(self) -> list[Job]:
        """Every job, the one asked last first."""
        found = (self.find(identity) for identity in self._states())
        return sorted((job for job in found if job), key=lambda job: -job.state.asked)

    def cancel(self, authority: Authority, identity: str) -> Job:
        """Stop a job that is not over: at once where it waits, within a second where it runs.

        raises    PolicyRefusal  when folding is not for this authority
                  KeyError       when nobody asked that
        """
        require(authority, Action.FOLD, Resource("fold"))
        with self._changing():
            job = self.get(identity)
            if not job.state.over:
                self._marker(identity).touch()
        return self.get(identity)

    def unwanted(self, identity: str) -> bool:
        """Whether somebody cancelled it."""
        return self._marker(identity).exists()

    def begin(self, identity: str) -> Job | None:
        """A job that a worker starts on; None when there is nothing to do any more."""
        with self._changing():
            job = self.find(identity)
            if job is None or job.state.status != "queued":
                return None
            self.write(identity, replace(job.state, status="running", started=time.time(), tries=job.state.tries + 1))
            return self.find(identity)

    def end(self, identity: str, status: Status, failure: Failure | None = None, detail: str = "") -> None:
        """Say that a job is over."""
        with self._changing():
            job = self.find(identity)
            if job:
                state = replace(job.state, status=status, failure=failure, detail=detail, share=1.0, ended=time.time())
                self.write(identity, state)

    def damaged(self, job: Job) -> None:
        """Say that the answer of a done job is damaged, unless somebody has asked anew since that job was read."""
        with self._changing():
            now = self.find(job.identity)
            if now and now.state == job.state:
                self.write(job.identity, replace(now.state, status="failed", failure="damaged", ended=time.time()))

    def put_back(self, identity: str) -> None:
        """Queue a job again whose worker stopped before it was done, for none of its own faults."""
        with self._changing():
            job = self.find(identity)
            if job is None:
                return
            if self.unwanted(identity):
                self.write(identity, replace(job.state, status="cancelled", ended=time.time()))
                return
            self._enqueue(identity)
            self.write(identity, replace(job.state, status="queued", share=0.0, tries=job.state.tries - 1))

    def recover(self) -> None:
        """Queue again what a killed worker left, and whatever waits; to be called while no worker is at work.

        What nobody can read any more goes: other versions wrote it, one of them with names of samples in it.
        """
        with self._changing():  # what is queued meanwhile is not yet written, and would be neither here nor there
            self.queue.flush()
            for place in (self.folder / "questions").iterdir():
                if self.find(place.name) is None:
                    shutil.rmtree(place, ignore_errors=True)
        for job in reversed(self.all()):
            state = job.state
            if state.status == "running":
                if self.unwanted(job.identity):
                    self.end(job.identity, "cancelled")
                    continue
                if state.tries >= TRIES:
                    self.end(job.identity, "failed", "killed")
                    continue
                self.write(job.identity, replace(state, status="queued", share=0.0, step="structure"))
            if self.get(job.identity).state.status == "queued":
                self._enqueue(job.identity)

    def place(self, identity: str) -> Path:
        """The folder of a job."""
        return self.folder / "questions" / identity

    def write(self, identity: str, state: State) -> None:
        write_atomically(self.place(identity) / "state.json", json.dumps(asdict(state)).encode())

    def _state(self, identity: str) -> State | None:
        if len(identity) != 64 or not set(identity) <= set("0123456789abcdef"):
            return None
        try:
            state = State(**json.loads((self.place(identity) / "state.json").read_bytes()))
        except UNREADABLE:
            return None
        if state.status == "queued" and self.unwanted(identity):
            return replace(state, status="cancelled", ended=state.asked)
        return state

    def _states(self) -> dict[str, State]:
        """How far every question is; quicker than with the questions themselves, which hold their sequences."""
        named = (place.name for place in (self.folder / "questions").iterdir())
        return {identity: state for identity in named if (state := self._state(identity))}

    def _marker(self, identity: str) -> Path:
        return self.place(identity) / "cancel"

    def _enqueue(self, identity: str) -> None:
        """Before its state says so: a worker that is quicker waits for the lock of those who change states."""
        try:
            self._fold(identity)
        except sqlite3.Error as cause:
            raise OSError(errno.EIO, str(cause), str(self.folder / "queue.db")) from cause
        finally:
            self.queue.storage.close()

    def _make_room(self) -> None:
        ended = {identity: state.ended for identity, state in self._states().items() if state.over}
        for identity in sorted(ended, key=lambda identity: -ended[identity])[KEPT_AT_MOST:]:
            shutil.rmtree(self.place(identity), ignore_errors=True)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Hold the lock of those who change states. The kernel lets go of it when the process ends, however it ends."""
        with (self.folder / "changes.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
