"""The page /fold: asked in a form, answered by a page, in both languages and without JavaScript."""

from __future__ import annotations

import asyncio
import csv
import gzip
import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import numpy as np
import pytest
from fastapi import FastAPI
from numpy.typing import NDArray

from bianque.model.authority import Role
from bianque.services import fold_answer, fold_question, fold_worker
from bianque.services.fold_jobs import QUEUED_AT_MOST, Job, Jobs
from bianque.treat import rna
from bianque.web.app import create_app
from bianque.web.posting import BODY_AT_MOST
from tests.readers import OPERATOR, LoggedIn, Staff

from .test_pages import Links

TRNA = "GCGGAUUUAGCUCAGUUGGGAGAGCGCCAGACUGAAGAUCUGGAGGUCCUGUGUUCGAUCCACAGAAUUCGCACCA"
LANGUAGES = ("zh-CN", "en")


@dataclass
class Reader:
    """Somebody logged in asks the application in this process, which then starts no worker."""

    app: FastAPI
    who: LoggedIn

    def get(self, path: str, **request: Any) -> httpx.Response:
        return asyncio.run(self._ask("GET", path, request))

    def post(self, path: str, **request: Any) -> httpx.Response:
        if "content" not in request:
            request["data"] = request.get("data", {}) | self.who.form
        return asyncio.run(self._ask("POST", path, request))

    def put(self, path: str) -> httpx.Response:
        return asyncio.run(self._ask("PUT", path, {}))

    async def _ask(self, verb: str, path: str, request: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1", cookies=self.who.cookies
        ) as client:
            return await client.request(verb, path, **request)


@dataclass
class Centre:
    """A command centre without a worker, so that every state of a job can be looked at."""

    reader: Reader
    jobs: Jobs

    def ask(self, **form: str) -> Job:
        return self.jobs.submit(OPERATOR, fold_question.question(fold_question.Form(**form)))

    def work(self, job: Job) -> Job:
        fold_worker.work(self.jobs, job.identity, lambda: False)
        return self.jobs.get(job.identity)

    def get(self, path: str, language: str = "en", **query: str) -> httpx.Response:
        return self.reader.get(path, params={"lang": language, **query})


@pytest.fixture(scope="module")
def who(staff: Staff) -> LoggedIn:
    return staff.log_in(Role.LABORATORY)


@pytest.fixture
def centre(exercise_lake: Path, staff: Staff, who: LoggedIn, tmp_path: Path) -> Centre:
    app = create_app(exercise_lake, tmp_path / "jobs", staff.folder)
    return Centre(Reader(app, who), app.state.jobs)


@pytest.fixture(scope="module")
def folded(
    exercise_lake: Path, staff: Staff, who: LoggedIn, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Centre, str]:
    """A centre in which the tRNA is folded with its probabilities, and the address of its page."""
    app = create_app(exercise_lake, tmp_path_factory.mktemp("folded") / "jobs", staff.folder)
    centre = Centre(Reader(app, who), app.state.jobs)
    job = centre.work(centre.ask(sequence=f">tRNA-Phe\n{TRNA}"))
    return centre, f"/fold/{job.identity}"


def heading(answer: httpx.Response) -> str:
    (found,) = re.findall(r"<h1>(.*?)</h1>", answer.text)
    return found


def states(centre: Centre) -> dict[str, Job]:
    """A job in every state a page can show."""
    done = centre.work(centre.ask(sequence=TRNA))
    cancelled = centre.jobs.cancel(OPERATOR, centre.ask(sequence=TRNA[1:]).identity)
    failed = centre.ask(sequence=TRNA[2:])
    centre.jobs.begin(failed.identity)
    centre.jobs.end(failed.identity, "failed", "killed")
    running = centre.ask(sequence=TRNA[3:])
    centre.jobs.begin(running.identity)
    queued = centre.ask(sequence=TRNA[4:])
    return {"done": done, "cancelled": cancelled, "failed": failed, "running": running, "queued": queued}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_of_a_question_has_a_page_that_opens_with_a_sentence(centre: Centre, language: str) -> None:
    pages = ["/fold", *(f"/fold/{job.identity}" for job in states(centre).values())]
    headings = set()
    for path in pages:
        answer = centre.get(path, language)
        assert answer.status_code == 200
        assert f'<html lang="{language}"' in answer.text
        assert bool(re.search(r"[\u4e00-\u9fff]", heading(answer))) == (language == "zh-CN")
        headings.add(heading(answer))
        links = Links(answer.text)
        assert links.inline == []
        assert len(links.ids) == len(set(links.ids))
    assert len(headings) == len(pages)


def test_a_page_that_waits_asks_anew_without_javascript_and_one_that_is_over_does_not(centre: Centre) -> None:
    for status, job in states(centre).items():
        page = centre.get(f"/fold/{job.identity}").text
        assert ('http-equiv="refresh"' in page) == (status in ("queued", "running"))
        assert (f'action="/fold/{job.identity}/cancel' in page) == (status in ("queued", "running"))
        assert (f'action="/fold/{job.identity}/again' in page) == (status in ("failed", "cancelled"))
        assert centre.get(f"/fold/{job.identity}.json").json()["status"] == status


def test_a_form_leads_to_the_page_of_the_question_and_the_same_form_to_the_same_page(centre: Centre) -> None:
    sent = centre.reader.post("/fold?lang=en", data={"sequence": TRNA, "temperature": "37"})
    assert sent.status_code == 303
    address = sent.headers["location"]
    assert re.fullmatch(r"/fold/[0-9a-f]{64}\?lang=en", address)
    file = {"file": ("x.fa", f">other\n{TRNA}\n", "text/plain")}
    again = centre.reader.post("/fold?lang=en", data={"sequence": "", "span": "0"}, files=file)
    assert again.headers["location"] == address
    assert [job.question.sequence for job in centre.jobs.all()] == [TRNA]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"sequence": ""}, "sequence"),
        ({"sequence": "ACGUXX"}, "sequence"),
        ({"sequence": TRNA, "span": "2"}, "span"),
        ({"sequence": TRNA, "temperature": "warm"}, "temperature"),
        ({"sequence": TRNA, "probabilities": "perhaps"}, "probabilities"),
    ],
)
def test_a_form_with_a_mistake_comes_back_with_what_was_typed_and_what_to_do(
    centre: Centre, form: dict[str, str], field: str, language: str
) -> None:
    answer = centre.reader.post(f"/fold?lang={language}", data=form)
    assert answer.status_code == 422
    (mistake,) = re.findall(rf'<span class="mistake" id="wrong-{field}">(.*?)</span>', answer.text)
    assert bool(re.search(r"[\u4e00-\u9fff]", mistake)) == (language == "zh-CN")
    assert re.search(rf'name="{field}"[^>]* aria-invalid="true" aria-describedby="wrong-{field}', answer.text)
    assert form["sequence"] in answer.text
    assert Links(answer.text).inline == []
    as_json = centre.reader.post("/fold", data=form, headers={"Accept": "application/json"}).json()["error"]
    assert (as_json["status"], as_json["field"]) == (422, field)
    assert as_json["what"]["zh" if language == "zh-CN" else "en"] in mistake
    assert centre.jobs.all() == []


@pytest.mark.parametrize(
    ("headers", "accepted"),
    [
        ({}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, True),
        ({"Origin": "http://127.0.0.1"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:9000"}, False),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://["}, False),
    ],
)
def test_a_form_of_another_site_is_not_accepted(centre: Centre, headers: dict[str, str], accepted: bool) -> None:
    job = centre.ask(sequence=TRNA)
    asked = centre.reader.post("/fold", data={"sequence": TRNA[1:]}, headers=headers)
    cancelled = centre.reader.post(f"/fold/{job.identity}/cancel", headers=headers)
    assert {asked.status_code, cancelled.status_code} == ({303} if accepted else {403})
    assert len(centre.jobs.all()) == (2 if accepted else 1)
    assert centre.jobs.get(job.identity).state.status == ("cancelled" if accepted else "queued")


def test_a_page_with_a_form_lets_the_browser_say_where_the_form_is_from(centre: Centre) -> None:
    assert centre.get("/fold").headers["referrer-policy"] == "same-origin"


def test_what_is_larger_than_a_sequence_has_to_be_is_refused(centre: Centre) -> None:
    for size in (BODY_AT_MOST + 1, 3_000_000):
        answer = centre.reader.post("/fold?lang=en", data={"sequence": "A" * size})
        assert answer.status_code == 413
        assert f"{BODY_AT_MOST // 1000} kB" in answer.text
        assert '<p class="meta">' in answer.text


def test_a_full_queue_is_said_and_a_stored_answer_still_opens(centre: Centre) -> None:
    waiting = [centre.ask(sequence=TRNA[n:]) for n in range(QUEUED_AT_MOST)]
    full = centre.reader.post("/fold?lang=en", data={"sequence": "GGGGAAAACCCC"})
    assert full.status_code == 429
    assert str(QUEUED_AT_MOST) in full.text
    known = centre.reader.post("/fold?lang=en", data={"sequence": waiting[0].question.sequence})
    assert known.status_code == 303


def test_a_question_is_cancelled_and_asked_again_with_forms(centre: Centre) -> None:
    job = centre.ask(sequence=TRNA)
    address = f"/fold/{job.identity}"
    assert centre.reader.post(f"{address}/cancel?lang=en").headers["location"] == f"{address}?lang=en"
    assert "cancelled" in heading(centre.get(address))
    assert centre.reader.post(f"{address}/again").status_code == 303
    assert centre.jobs.get(job.identity).state.status == "queued"


def test_without_a_folder_for_jobs_the_page_says_so_and_the_others_work(
    exercise_lake: Path, staff: Staff, who: LoggedIn, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    reader = Reader(create_app(exercise_lake, tmp_path / "file" / "jobs", staff.folder), who)
    page = reader.get("/fold?lang=en")
    assert page.status_code == 200
    assert "cannot be written" in page.text
    assert '<form class="asking"' not in page.text
    assert reader.post("/fold", data={"sequence": TRNA}).status_code == 503
    assert reader.get("/fold.json").status_code == 503
    assert reader.get("/situation").status_code == 200


def test_a_folder_of_jobs_that_is_gone_is_said_and_not_taken_for_a_defect(centre: Centre) -> None:
    centre.jobs.folder.rename(centre.jobs.folder.with_name("elsewhere"))
    for path in ("/fold", "/fold.json"):
        assert centre.get(path).status_code == 503
    assert centre.reader.post("/fold", data={"sequence": TRNA}).status_code == 503


def test_where_nothing_can_be_written_any_more_a_reader_hears_so(centre: Centre) -> None:
    done, waiting = centre.work(centre.ask(sequence=TRNA)), centre.ask(sequence=TRNA[1:])
    (centre.jobs.place(done.identity) / "answer.npz").write_bytes(b"")
    (centre.jobs.folder / "changes.lock").unlink()
    (centre.jobs.folder / "changes.lock").mkdir()  # what no right to write does to a user who is not root
    assert centre.get(f"/fold/{done.identity}").status_code == 404
    assert centre.reader.post(f"/fold/{waiting.identity}/cancel").status_code == 503


def test_the_jobs_are_never_inside_the_lake(exercise_lake: Path, staff: Staff) -> None:
    with pytest.raises(Exception, match="inside the lake"):
        create_app(exercise_lake, exercise_lake / "jobs", staff.folder)
    assert not (exercise_lake / "jobs").exists()


def test_an_example_fills_in_the_form_and_can_be_sent(centre: Centre) -> None:
    links = [link for link in Links(centre.get("/fold").text).links if "example=" in link]
    assert len(links) == 3
    for link in links:
        (typed,) = re.findall(r"<textarea[^>]*>(.*?)</textarea>", centre.reader.get(link).text, re.DOTALL)
        assert typed.startswith("&gt;")
        sent = centre.reader.post("/fold", data={"sequence": typed.replace("&gt;", ">")})
        assert sent.status_code == 303


def test_every_link_of_a_structure_leads_somewhere(folded: tuple[Centre, str]) -> None:
    centre, path = folded
    for link in Links(centre.get(path, view="circle", structure="mea", **{"from": "5", "to": "60"}).text).links:
        if not link.startswith("#"):
            answer = centre.reader.get(link.partition("#")[0])
            assert answer.status_code == 200, link
            assert "lang=" in link or link.startswith("/static/")


def test_a_page_says_what_the_fold_says(folded: tuple[Centre, str]) -> None:
    centre, path = folded
    fold, ensemble = rna.fold(TRNA), rna.ensemble(TRNA)
    said = centre.get(f"{path}.json").json()
    assert (said["energy"], said["method"]) == (fold.energy, fold.method)
    assert said["ensemble_energy"] == pytest.approx(ensemble.energy)
    assert [row["energy"] for row in said["loops"]] == [
        loop.energy for loop in sorted(fold.loops, key=lambda loop: loop.closing or (-1, -1))
    ]
    pages = [said, centre.get(f"{path}.json", pairs="2").json()]
    own = [(row["position"] - 1, row["partner"] - 1) for page in pages for row in page["pairs"] if row["in_structure"]]
    assert sorted(own) == sorted(map(tuple, fold.pairs.tolist()))
    assert f"{fold.energy:.2f}".replace("-", "\N{MINUS SIGN}") in heading(centre.get(path))
    assert centre.get(f"{path}.json", structure="mea").json()["energy"] == pytest.approx(
        rna.evaluate(TRNA, ensemble.mea)[0]
    )


def test_the_tables_have_every_pair_that_is_drawn_and_every_loop(folded: tuple[Centre, str]) -> None:
    centre, path = folded
    fold, ensemble = rna.fold(TRNA), rna.ensemble(TRNA)
    rows = {
        name: list(csv.DictReader(io.StringIO(centre.get(f"{path}/{name}.csv").content.decode("utf-8-sig"))))
        for name in ("loops", "pairs")
    }
    assert sum(float(row["energy"]) for row in rows["loops"]) == pytest.approx(fold.energy)
    listed = {(int(row["position"]) - 1, int(row["partner"]) - 1): row for row in rows["pairs"]}
    own = {pair for pair, row in listed.items() if row["in_structure"] == "true"}
    assert own == {(i, j) for i, j in fold.pairs.tolist()}
    for (i, j), p in zip(ensemble.pairs.tolist(), ensemble.probabilities.tolist(), strict=True):
        if p >= 0.05:
            assert float(listed[i, j]["probability"]) == pytest.approx(p)
    half = centre.get(f"{path}/loops.csv", **{"from": "49", "to": "65"}).text
    assert len(half.splitlines()) - 1 == sum(
        1 for loop in fold.loops if loop.closing and any(48 <= end < 65 for end in loop.closing)
    )


def test_a_long_table_is_turned_by_page(folded: tuple[Centre, str]) -> None:
    centre, path = folded
    first, second = (centre.get(f"{path}.json", pairs=str(page)).json()["pairs"] for page in (1, 2))
    assert len(first) == 50
    assert first[-1]["position"] <= second[0]["position"]
    assert centre.get(path, pairs="99").status_code == 400


def test_what_is_at_each_position_is_told_for_the_pointer(folded: tuple[Centre, str]) -> None:
    centre, path = folded
    fold = rna.fold(TRNA)
    found = centre.get(f"{path}/positions.json", **{"from": "20", "to": "40"}).json()
    assert found["letters"] == TRNA[19:40]
    assert found["partners"] == (fold.partners[19:40] + 1).tolist()
    hairpin = next(loop for loop in fold.loops if loop.kind == "hairpin" and loop.closing == (30, 38))
    named = found["named"][str(found["loops"][34 - 19])]
    assert named == {"kind": "hairpin", "closing": "31–39", "energy": f"{hairpin.energy:.2f}"}
    assert len(found["unpaired"]) == len(found["probabilities"]) == 21


@pytest.mark.parametrize("view", ["arc", "circle", "mountain"])
def test_the_picture_of_a_window_is_in_the_page_and_can_be_taken_along(folded: tuple[Centre, str], view: str) -> None:
    centre, path = folded
    query = {"from": "10", "to": "50", "view": view}
    page = centre.get(path, **query).text
    answer = centre.get(f"{path}/picture.svg", **query)
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "attachment" in answer.headers["content-disposition"]
    drawing = ElementTree.fromstring(answer.text)
    assert (drawing.get("data-first"), drawing.get("data-last")) == ("9", "50")
    assert answer.text in page


def test_the_structure_is_taken_along_in_the_formats_of_other_programs(folded: tuple[Centre, str]) -> None:
    centre, path = folded
    fold = rna.fold(TRNA)
    header, sequence, structure = centre.get(f"{path}/structure.dbn").text.splitlines()
    assert (header, sequence) == (f">fold-{path.removeprefix('/fold/')[:12]}-76nt", TRNA)
    assert structure == f"{fold.structure} ({fold.energy:.2f})"
    rows = [line.split() for line in centre.get(f"{path}/structure.ct").text.splitlines()[1:]]
    assert [int(row[4]) - 1 for row in rows] == fold.partners.tolist()
    assert len(centre.get(f"{path}/structure.bpseq").text.splitlines()) == len(TRNA) + 1
    assert json.loads(centre.get(f"{path}/structure.json").text)["structure"] == fold.structure
    centroid = centre.get(f"{path}/structure.dbn", structure="centroid").text.splitlines()[2].split()[0]
    assert centroid == rna.dot_bracket(rna.ensemble(TRNA).centroid)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"from": "0"}, "no part of a sequence of 76"),
        ({"to": "77"}, "no part of a sequence of 76"),
        ({"from": "50", "to": "40"}, "no part"),
        ({"from": "one"}, "no part"),
        ({"view": "tree"}, "parameter view"),
        ({"structure": "best"}, "parameter structure"),
        ({"loops": "0"}, "parameter loops"),
        ({"loops": "two"}, "parameter loops"),
        ({"pairs": "9" * 5000}, "parameter pairs"),
    ],
)
def test_a_window_that_is_none_is_answered_with_what_to_do(
    folded: tuple[Centre, str], query: dict[str, str], says: str
) -> None:
    centre, path = folded
    answer = centre.get(path, **query)
    assert answer.status_code == 400
    assert says in heading(answer)


@pytest.mark.parametrize("sequence", ["A", "NNNN", "A" * 60])
def test_a_sequence_in_which_nothing_pairs_has_a_page_too(centre: Centre, sequence: str) -> None:
    job = centre.work(centre.ask(sequence=sequence))
    for view in ("arc", "circle", "mountain"):
        for structure in ("mfe", "mea", "centroid"):
            page = centre.get(f"/fold/{job.identity}", view=view, structure=structure)
            assert page.status_code == 200
            assert "0% of them paired" in page.text or "0% are paired" in page.text
    assert centre.get(f"/fold/{job.identity}/positions.json").json()["partners"] == [0] * len(sequence)


def test_without_probabilities_there_is_one_structure(centre: Centre) -> None:
    job = centre.work(centre.ask(sequence=TRNA, probabilities="no"))
    page = centre.get(f"/fold/{job.identity}").text
    assert "structure=mea" not in page
    assert centre.get(f"/fold/{job.identity}", structure="mea").status_code == 400
    assert "probability" not in centre.get(f"/fold/{job.identity}/pairs.csv").text


@pytest.mark.parametrize("path", ["", ".json", "/structure.dbn", "/positions.json", "/picture.svg", "/loops.csv"])
def test_what_nobody_asked_and_what_is_not_done_is_not_found(centre: Centre, path: str) -> None:
    assert centre.get(f"/fold/{'0' * 64}{path}").status_code == 404
    assert centre.get(f"/fold/..%2f..%2fetc{path}").status_code == 404
    waiting = centre.ask(sequence=TRNA)
    expected = 200 if path in ("", ".json") else 404
    assert centre.get(f"/fold/{waiting.identity}{path}").status_code == expected


@pytest.mark.parametrize("left", [0, 100, 1000])
def test_a_stored_answer_that_is_damaged_can_be_asked_for_again(centre: Centre, left: int) -> None:
    job = centre.work(centre.ask(sequence=TRNA))
    file = centre.jobs.place(job.identity) / "answer.npz"
    file.write_bytes(file.read_bytes()[:left])
    assert_asked_again(centre, job)


def test_a_stored_answer_packed_in_a_way_nobody_knows_can_be_asked_for_again(centre: Centre) -> None:
    job = centre.work(centre.ask(sequence=TRNA))
    file = centre.jobs.place(job.identity) / "answer.npz"
    packed = bytearray(file.read_bytes())
    packed[packed.index(b"PK\x01\x02") + 10] = 99  # the method of the first file that the directory lists
    file.write_bytes(packed)
    assert_asked_again(centre, job)


@pytest.mark.parametrize("name", ["partners", "pairs", "probabilities", "unpaired", "mea", "centroid", "said"])
@pytest.mark.parametrize("spoil", [lambda a: a[:-1] if a.ndim else a, lambda a: a.astype(str)], ids=["short", "text"])
def test_a_stored_answer_of_other_contents_can_be_asked_for_again(
    centre: Centre, name: str, spoil: Callable[[NDArray[Any]], NDArray[Any]]
) -> None:
    job = centre.work(centre.ask(sequence=TRNA))
    file = centre.jobs.place(job.identity) / "answer.npz"
    with np.load(file) as stored:
        arrays = dict(stored)
    arrays[name] = np.array("{}") if name == "said" else spoil(arrays[name])
    np.savez(file, **arrays)
    assert_asked_again(centre, job)


def test_an_answer_that_cannot_be_read_now_is_not_taken_for_damaged(centre: Centre) -> None:
    job = centre.work(centre.ask(sequence=TRNA))
    file = centre.jobs.place(job.identity) / "answer.npz"
    file.rename(file.with_name("aside"))
    file.mkdir()  # cannot be read, as without the right to, by root too
    assert centre.get(f"/fold/{job.identity}").status_code == 503
    file.rmdir()
    file.with_name("aside").rename(file)
    assert centre.get(f"/fold/{job.identity}").status_code == 200


def test_damage_that_was_seen_before_somebody_asked_anew_is_not_said_of_the_new_answer(centre: Centre) -> None:
    seen = centre.work(centre.ask(sequence=TRNA))
    centre.jobs.damaged(seen)
    new = centre.work(centre.jobs.submit(OPERATOR, seen.question))
    centre.jobs.damaged(seen)
    assert centre.jobs.get(seen.identity).state == new.state
    assert new.state.status == "done"


def test_no_page_computes_what_the_worker_has_stored(centre: Centre) -> None:
    job = centre.work(centre.ask(sequence=TRNA))
    stored = fold_answer.load(centre.jobs.place(job.identity) / "answer.npz", job.question).ensemble
    assert stored is not None
    ensemble = rna.ensemble(TRNA)
    for kind in ("mea", "centroid"):
        assert vars(stored)[kind].tolist() == getattr(ensemble, kind).tolist()


def assert_asked_again(centre: Centre, job: Job) -> None:
    assert centre.get(f"/fold/{job.identity}").status_code == 404
    page = centre.get(f"/fold/{job.identity}")
    assert "damaged" in page.text
    assert centre.reader.post(f"/fold/{job.identity}/again").status_code == 303
    assert centre.work(job).state.status == "done"
    assert centre.get(f"/fold/{job.identity}.json").json()["energy"] == rna.fold(TRNA).energy


def test_a_packed_file_is_told_to_be_unpacked(centre: Centre) -> None:
    file = {"file": ("x.fa.gz", gzip.compress(f">x\n{TRNA}".encode()), "application/gzip")}
    answer = centre.reader.post("/fold?lang=en", files=file)
    assert answer.status_code == 422
    assert "gzip" in answer.text


def test_nobody_sees_the_header_of_a_sequence_and_none_is_kept(centre: Centre) -> None:
    job = centre.work(centre.ask(sequence=f">patient-4711\n{TRNA[1:]}"))
    path = f"/fold/{job.identity}"
    pages = ["", ".json", "/picture.svg", *(f"/structure.{kind}" for kind in ("dbn", "ct", "bpseq", "json"))]
    answers = [centre.get("/fold"), centre.get("/fold.json"), *(centre.get(path + page) for page in pages)]
    for answer in answers:
        assert answer.status_code == 200
        assert "4711" not in answer.text + answer.headers.get("content-disposition", "")
    kept = [file.read_bytes() for file in centre.jobs.folder.rglob("*") if file.is_file()]
    assert kept
    assert not any(b"4711" in content for content in kept)
    assert job.identity[:12] in heading(centre.get(path))


def test_an_example_is_called_by_its_title(centre: Centre) -> None:
    job = centre.ask(sequence=TRNA)
    assert "Yeast phenylalanine tRNA" in heading(centre.get(f"/fold/{job.identity}"))


@pytest.mark.parametrize("charset", ["raw_unicode_escape", "utf-7"])
def test_a_header_with_half_a_character_spoils_no_page(centre: Centre, charset: str) -> None:
    name = {"raw_unicode_escape": rb"\ud800", "utf-7": b"+2AA-"}[charset]
    (field, token), *_ = centre.reader.who.form.items()
    part = f'--B\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{token}\r\n'.encode()
    part += b'--B\r\nContent-Disposition: form-data; name="sequence"\r\n\r\n>%s\n%s\r\n--B--\r\n'
    answer = centre.reader.post(
        "/fold",
        content=part % (name, TRNA.encode()),
        headers={"Content-Type": f"multipart/form-data; boundary=B; charset={charset}"},
    )
    assert answer.status_code == 303
    for path in ("/fold", "/fold.json", answer.headers["location"]):
        assert centre.get(path).status_code == 200


def test_an_address_says_which_verbs_it_takes(centre: Centre) -> None:
    assert centre.reader.put("/fold").headers["allow"] == "GET, HEAD, POST"
    assert centre.reader.get(f"/fold/{'0' * 64}/cancel").headers["allow"] == "POST"
    assert centre.reader.post(f"/fold/{'0' * 64}").headers["allow"] == "GET, HEAD"


def test_an_open_page_hears_how_far_it_is_until_it_is_done(reader: httpx.Client, epidemiologist: LoggedIn) -> None:
    """With the worker that `serve` starts."""
    sent = reader.post("/fold?lang=en", data={"sequence": TRNA} | epidemiologist.form)
    path = sent.headers["location"].partition("?")[0]
    with reader.stream("GET", f"{path}/events?lang=en") as stream:
        said = [json.loads(line.removeprefix("data: ")) for line in stream.iter_lines() if line.startswith("data: ")]
    assert said[-1]["status"] == "done"
    assert reader.get(f"{path}.json").json()["status"] == "done"
