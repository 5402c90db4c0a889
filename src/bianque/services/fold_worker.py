"""The process that computes what is queued: one job at a time, at low priority, until it is told to stop."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import IO

from bianque.model.errors import BadField, BadInput
from bianque.services import fold_answer
from bianque.services.fold_jobs import Job, Jobs
from bianque.services.fold_question import check_memory
from bianque.treat import rna

NICE = 10  # pages come first
THREADS_AT_MOST = 4  # one sequence gains no more
SAID_EVERY = 0.3  # s between two states of progress
LOOKS_EVERY = 0.2  # s between two looks at an empty queue
STOPS_WITHIN = 10.0  # s for the fold at work to notice that it is to stop


def run(folder: Path, *, until_input_ends: bool = False) -> None:
    """Work on the jobs of a folder until SIGTERM or SIGINT. A second worker on one folder waits for the first to end.

    until_input_ends    stop too when standard input ends, as it does with the process that holds its other end
    raises              BadInput  when the folder cannot be written
    """
    os.nice(NICE)
    stopping = threading.Event()

    def one(jobs: Jobs, identity: str) -> None:
        try:
            work(jobs, identity, stopping.is_set)
        except OSError:  # not even what came of it can be written: the next worker finds it, once there is space
            stopping.set()
            raise

    jobs = Jobs(folder, one)
    if until_input_ends:
        threading.Thread(target=_end_with_input, args=(stopping,), daemon=True).start()
    with (folder / "worker.lock").open("a") as only_one:
        if not _alone(only_one, stopping):
            return
        jobs.recover()
        consumer = jobs.queue.create_consumer(
            workers=1,
            periodic=False,
            initial_delay=LOOKS_EVERY,
            max_delay=LOOKS_EVERY,
            graceful_signal="TERM",
            shutdown_timeout=STOPS_WITHIN,
        )
        consumer.start()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        while not stopping.wait(LOOKS_EVERY):
            consumer.check_worker_health()
        consumer.stop(graceful=True)


def _alone(lock: IO[str], stopping: threading.Event) -> bool:
    """Wait for the lock of the one worker of a folder; False when told to stop before."""
    while not stopping.is_set():
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stopping.wait(LOOKS_EVERY)
        else:
            return True
    return False


def _end_with_input(stopping: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):  # not through Python's buffer, which must not be held when Python ends
        pass
    stopping.set()
    time.sleep(STOPS_WITHIN)
    os._exit(1)  # what is at work now is found by the next worker


def work(jobs: Jobs, identity: str, stopping: Callable[[], bool]) -> None:
    """Compute one job, and say what came of it; nothing is left half done."""
    job = jobs.begin(identity)
    if job is None:
        return
    try:
        check_memory(job.question)
        answer = fold_answer.compute(job.question, min(THREADS_AT_MOST, _cores()), _report(jobs, job, stopping))
        fold_answer.save(jobs.place(identity) / "answer.npz", answer)
    except rna.Cancelled:
        jobs.put_back(identity)
    except (MemoryError, BadField):
        jobs.end(identity, "failed", "memory")
    except BadInput as error:
        jobs.end(identity, "failed", "input", error.diagnostics())
    except OSError as error:
        jobs.end(identity, "failed", "disk", error.strerror or "")
    except Exception as defect:
        traceback.print_exc()
        jobs.end(identity, "failed", "defect", str(defect))
    else:
        jobs.end(identity, "done")


def _cores() -> int:
    """How many this process may use, which a container or `taskset` makes fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _report(jobs: Jobs, job: Job, stopping: Callable[[], bool]) -> fold_answer.Progress:
    """Tells those who wait how far it is, and the fold whether to go on."""
    said = 0.0

    def report(step: fold_answer.Step, share: float) -> bool:
        nonlocal said
        now = time.monotonic()
        if now - said >= SAID_EVERY:
            said = now
            with suppress(OSError):  # a full disk is told when the answer does not fit
                jobs.write(job.identity, replace(job.state, step=step, share=share))
        return not (stopping() or jobs.unwanted(job.identity))

    return report
