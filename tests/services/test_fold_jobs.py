"""Folds as jobs: asked once, computed once by a process of its own, cancelled, killed, and never half done."""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from bianque.model.errors import BadField, BadInput, QueueFull
from bianque.services import fold_answer, fold_jobs
from bianque.services.fold_jobs import Job, Jobs
from bianque.services.fold_question import Form, Question, question
from bianque.treat import rna
from tests.readers import OPERATOR

TRNA = "GCGGAUUUAGCUCAGUUGGGAGAGCGCCAGACUGAAGAUCUGGAGGUCCUGUGUUCGAUCCACAGAAUUCGCACCA"


def long_question(seed: int = 1) -> Question:
    """A question that takes about a second."""
    letters = np.random.default_rng(seed).choice(list("ACGU"), 10_000)
    return question(Form(sequence="".join(letters), probabilities="no"))


@contextmanager
def worker(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [str(Path(sys.executable).with_name("bianque")), "jobs", str(folder), "--until-input-ends"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def wait(jobs: Jobs, identity: str, until: Callable[[Job], bool], seconds: float = 60) -> Job:
    ends = time.monotonic() + seconds
    while not until(job := jobs.get(identity)):
        assert time.monotonic() < ends, job.state
        time.sleep(0.02)
    return job


def over(job: Job) -> bool:
    return job.state.over


def under_way(job: Job) -> bool:
    return job.state.status == "running" and job.state.share > 0


@pytest.fixture
def jobs(tmp_path: Path) -> Jobs:
    return Jobs(tmp_path / "jobs")


def answer_file(jobs: Jobs, job: Job) -> Path:
    return jobs.place(job.identity) / "answer.npz"


@pytest.mark.slow
def test_a_question_is_answered_by_the_worker_and_the_answer_is_what_the_fold_says(jobs: Jobs) -> None:
    asked = jobs.submit(OPERATOR, question(Form(sequence=f">trna\n{TRNA}", temperature="25")))
    assert (asked.state.status, asked.position) == ("queued", 1)
    with worker(jobs.folder):
        job = wait(jobs, asked.identity, over)
    assert job.state.status == "done"
    stored = fold_answer.load(answer_file(jobs, job), job.question)
    fresh = rna.fold(TRNA, temperature=25)
    assert stored.fold.structure == fresh.structure
    assert stored.fold.energy == fresh.energy
    assert stored.fold.method == fresh.method
    assert stored.fold.loops == fresh.loops


@pytest.mark.slow
def test_the_same_question_opens_the_stored_answer_and_is_not_computed_again(jobs: Jobs) -> None:
    first = jobs.submit(OPERATOR, question(Form(sequence=TRNA)))
    with worker(jobs.folder):
        done = wait(jobs, first.identity, over)
        again = jobs.submit(OPERATOR, question(Form(sequence=">by another name\n" + TRNA.replace("U", "t").lower())))
        assert again.identity == first.identity
        assert again.state == done.state
        assert len(jobs.all()) == 1


def test_another_option_is_another_question() -> None:
    forms = [{}, {"span": "20"}, {"temperature": "30"}, {"probabilities": "no"}]
    assert len({question(Form(sequence=TRNA, **form)).identity for form in forms}) == len(forms)


@pytest.mark.slow
def test_a_long_fold_says_how_far_it_is(jobs: Jobs) -> None:
    asked = jobs.submit(OPERATOR, long_question())
    shares = []
    with worker(jobs.folder):
        wait(jobs, asked.identity, lambda job: shares.append(job.state.share) or over(job))
    assert shares == sorted(shares)
    assert len({share for share in shares if 0 < share < 1}) >= 2


@pytest.mark.slow
def test_a_fold_is_cancelled_while_it_runs_and_leaves_nothing(jobs: Jobs) -> None:
    asked = jobs.submit(OPERATOR, long_question())
    with worker(jobs.folder):
        wait(jobs, asked.identity, under_way)
        started = time.monotonic()
        jobs.cancel(OPERATOR, asked.identity)
        job = wait(jobs, asked.identity, over)
        assert time.monotonic() - started < 2
    assert job.state.status == "cancelled"
    assert not answer_file(jobs, job).exists()


def test_a_fold_that_waits_is_cancelled_at_once_and_can_be_asked_again(jobs: Jobs) -> None:
    asked = jobs.submit(OPERATOR, question(Form(sequence=TRNA)))
    assert jobs.cancel(OPERATOR, asked.identity).state.status == "cancelled"
    assert jobs.begin(asked.identity) is None
    assert jobs.submit(OPERATOR, asked.question).state.status == "queued"


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_leaves_the_fold_to_the_next_one(jobs: Jobs) -> None:
    asked = jobs.submit(OPERATOR, long_question())
    with worker(jobs.folder) as killed:
        wait(jobs, asked.identity, under_way)
        killed.kill()
    assert not answer_file(jobs, asked).exists()
    with worker(jobs.folder):
        job = wait(jobs, asked.identity, over)
    assert (job.state.status, job.state.tries) == ("done", 2)
    assert fold_answer.load(answer_file(jobs, job), job.question).fold.energy < 0


def test_a_fold_that_is_asked_for_while_a_worker_starts_is_not_forgotten(jobs: Jobs, tmp_path: Path) -> None:
    asked = jobs.submit(OPERATOR, question(Form(sequence=TRNA)))
    jobs.queue.flush()
    state = jobs.place(asked.identity) / "state.json"
    written = state.read_bytes()
    state.unlink()
    starting = threading.Thread(target=Jobs(tmp_path / "jobs").recover)
    with (jobs.folder / "changes.lock").open("a") as lock:  # as held while it is queued, then written
        fcntl.flock(lock, fcntl.LOCK_EX)
        jobs._enqueue(asked.identity)
        starting.start()
        starting.join(0.5)
        state.write_bytes(written)
    starting.join()
    assert jobs.queue.pending_count() >= 1


@pytest.mark.slow
def test_a_fold_whose_worker_is_killed_twice_has_failed_and_says_why(jobs: Jobs) -> None:
    asked = jobs.submit(OPERATOR, long_question())
    for tries in (1, 2):
        with worker(jobs.folder) as killed:
            wait(jobs, asked.identity, lambda job, tries=tries: under_way(job) and job.state.tries == tries)
            killed.kill()
    with worker(jobs.folder):
        job = wait(jobs, asked.identity, over)
    assert (job.state.status, job.state.failure) == ("failed", "killed")
    assert not answer_file(jobs, job).exists()


@pytest.mark.slow
@pytest.mark.parametrize("how", ["terminate", "close"])
def test_a_worker_that_is_told_to_stop_or_whose_server_is_gone_puts_its_fold_back(jobs: Jobs, how: str) -> None:
    asked = jobs.submit(OPERATOR, long_question())
    with worker(jobs.folder) as process:
        wait(jobs, asked.identity, under_way)
        if how == "terminate":
            process.terminate()
        else:
            assert process.stdin is not None
            process.stdin.close()
        assert process.wait(30) == 0
    job = jobs.get(asked.identity)
    assert (job.state.status, job.state.tries, job.position) == ("queued", 0, 1)


@pytest.mark.slow
def test_a_second_worker_waits_until_the_first_is_gone(jobs: Jobs) -> None:
    asked = jobs.submit(OPERATOR, long_question())
    with worker(jobs.folder) as first:
        wait(jobs, asked.identity, under_way)
        with worker(jobs.folder), worker(jobs.folder) as third:
            time.sleep(0.5)
            assert third.stdin is not None
            third.stdin.close()
            assert third.wait(30) == 0
            assert jobs.get(asked.identity).state.tries == 1
            first.kill()
            assert wait(jobs, asked.identity, over).state.tries == 2


@pytest.mark.slow
def test_an_answer_that_cannot_be_written_is_a_failure_with_its_reason(jobs: Jobs) -> None:
    asked = jobs.submit(OPERATOR, question(Form(sequence=TRNA)))
    answer_file(jobs, asked).mkdir()
    with worker(jobs.folder):
        job = wait(jobs, asked.identity, over)
    assert (job.state.status, job.state.failure) == ("failed", "disk")
    assert job.state.detail


def test_the_queue_has_an_end_and_a_place_in_it_is_said(jobs: Jobs) -> None:
    waiting = [jobs.submit(OPERATOR, question(Form(sequence=TRNA[n:]))) for n in range(fold_jobs.QUEUED_AT_MOST)]
    assert [job.position for job in waiting] == list(range(1, len(waiting) + 1))
    one_more = question(Form(sequence="GGGGAAAACCCC"))
    with pytest.raises(QueueFull):
        jobs.submit(OPERATOR, one_more)
    assert jobs.submit(OPERATOR, waiting[3].question).position == 4
    jobs.cancel(OPERATOR, waiting[0].identity)
    assert jobs.get(waiting[3].identity).position == 3
    assert jobs.submit(OPERATOR, one_more).position == fold_jobs.QUEUED_AT_MOST


def test_the_answers_that_ended_longest_ago_make_room(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fold_jobs, "KEPT_AT_MOST", 1)
    ended = [jobs.submit(OPERATOR, question(Form(sequence=TRNA[n:]))) for n in range(3)]
    for job in ended:
        jobs.begin(job.identity)
        jobs.end(job.identity, "failed", "memory")
    jobs.submit(OPERATOR, question(Form(sequence="GGGGAAAACCCC")))
    assert [job.identity for job in jobs.all() if job.state.over] == [ended[-1].identity]


def test_a_folder_that_cannot_be_written_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="cannot be written"):
        Jobs(tmp_path / "file" / "jobs")


def test_a_queue_that_is_damaged_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "queue.db").write_bytes(b"no queue" * 1000)
    with pytest.raises(BadInput, match="not a database"):
        Jobs(tmp_path)


def test_a_question_of_which_the_notes_are_damaged_can_be_asked_anew(jobs: Jobs) -> None:
    asked = jobs.submit(OPERATOR, question(Form(sequence=TRNA)))
    for written in ('{"status": "queued"', '{"status": "queued", "colour": "blue"}', "[]"):
        (jobs.place(asked.identity) / "state.json").write_text(written)
        assert jobs.all() == []
        assert jobs.submit(OPERATOR, asked.question).position == 1


def test_what_another_version_wrote_is_not_listed_and_goes_when_a_worker_begins(jobs: Jobs) -> None:
    kept, named, older = (jobs.submit(OPERATOR, question(Form(sequence=TRNA[n:]))) for n in range(3))
    file = jobs.place(named.identity) / "question.json"
    file.write_text(json.dumps(json.loads(file.read_bytes()) | {"name": "patient-4711"}))
    jobs.place(older.identity).rename(jobs.place("0" * 64))
    assert [job.identity for job in jobs.all()] == [kept.identity]
    jobs.recover()
    assert [place.name for place in (jobs.folder / "questions").iterdir()] == [kept.identity]


def test_what_is_no_identity_is_no_path() -> None:
    assert Jobs.find(Jobs.__new__(Jobs), "../../etc") is None


@pytest.mark.parametrize(
    ("form", "field", "says"),
    [
        (Form(), "sequence", "no sequence"),
        (Form(sequence=">name only\n"), "sequence", "no sequence"),
        (Form(sequence=">a\nACGU\n>b\nACGU"), "sequence", "2 sequences"),
        (Form(sequence=">a\nGGGGAAAACCCC\n((((....))))"), "sequence", "dot-bracket"),
        (Form(sequence="ACGUXACGU"), "sequence", "“X” at position 5"),
        (Form(sequence="ACG UÄ"), "sequence", "“Ä” at position 5"),
        (Form(sequence="ACGUß"), "sequence", "“ß” at position 5"),
        (Form(file="\x1f\x8b\x08"), "file", "gzip"),
        (Form(file=">a\nMKE"), "file", "position 3"),
        (Form(sequence="ACGU", file="ACGU"), "file", "too"),
        (Form(sequence="A" * 2_000_000), "sequence", "GB"),
        (Form(sequence=TRNA, span="3"), "span", "“3”"),
        (Form(sequence=TRNA, span="-1"), "span", "“-1”"),
        (Form(sequence=TRNA, span="wide"), "span", "“wide”"),
        (Form(sequence=TRNA, temperature="warm"), "temperature", "“warm”"),
        (Form(sequence=TRNA, temperature="nan"), "temperature", "“nan”"),
        (Form(sequence=TRNA, temperature="101"), "temperature", "“101”"),
        (Form(sequence=TRNA, probabilities="maybe"), "probabilities", "“maybe”"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_form_that_cannot_be_used_says_which_field_and_what_to_do(form: Form, field: str, says: str) -> None:
    with pytest.raises(BadField) as raised:
        question(form)
    assert raised.value.field == field
    assert says in raised.value.both.en
    assert raised.value.remedy_in_both.en
    assert raised.value.remedy_in_both.zh


def test_a_sequence_that_was_pasted_as_it_was_wrapped_is_one_sequence() -> None:
    wrapped = "\r\n".join(TRNA[i : i + 10] for i in range(0, len(TRNA), 10))
    assert question(Form(sequence=wrapped)).sequence == TRNA
    assert question(Form(sequence=f"\ufeff>x y\r\n{wrapped}")) == question(Form(sequence=f">x\n{TRNA}"))


@pytest.mark.parametrize("span", [str(len(TRNA)), "2147483648", "9" * 400])
def test_a_span_that_limits_nothing_is_none(span: str) -> None:
    assert question(Form(sequence=TRNA, span=span)) == question(Form(sequence=TRNA))


@pytest.mark.parametrize(
    ("length", "span", "wanted", "asked"),
    [
        (5000, "", "auto", True),
        (5001, "", "auto", False),
        (5001, "100", "auto", True),
        (5001, "5001", "auto", False),
        (5001, "", "yes", True),
    ],
)
def test_probabilities_are_computed_where_they_are_cheap_or_wanted(
    length: int, span: str, wanted: str, asked: bool
) -> None:
    form = Form(sequence="A" * length, span=span, probabilities=wanted)
    assert question(form).probabilities is asked
