"""Every page, in both languages, as a reader without JavaScript gets it."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from bianque.model.situation import Situation

PAGES = ("/situation", "/wall", "/regions/990000", "/regions/999012", "/data", "/rows", "/fold", "/definitions")


class Links(HTMLParser):
    """The addresses a page leads to, its ids and its inline handlers."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.ids: list[str] = []
        self.inline: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            posted = tag == "form" and ("method", "post") in attrs  # what takes a form only leads nowhere by itself
            if name in ("href", "src", "action") and value and not posted:
                self.links.add(value)
            if name == "id" and value:
                self.ids.append(value)
            if name.startswith("on") or name == "style":
                self.inline.append(f"<{tag} {name}>")


def get(reader: httpx.Client, path: str, language: str) -> httpx.Response:
    return reader.get(path, params={**dict(httpx.QueryParams(urlsplit(path).query)), "lang": language})


@pytest.fixture(scope="module")
def situation(reader: httpx.Client) -> Situation:
    return Situation.model_validate(reader.get("/situation.json").json())


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_with_a_sentence_in_the_language_asked_for(
    reader: httpx.Client, path: str, language: str
) -> None:
    answer = get(reader, path, language)
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text
    headings = re.findall(r"<h1>(.*?)</h1>", answer.text)
    assert len(headings) == 1
    assert bool(re.search(r"[\u4e00-\u9fff]", headings[0])) == (language == "zh-CN")


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_inline_and_no_id_is_given_twice(reader: httpx.Client, path: str) -> None:
    page = Links(get(reader, path, "en").text)
    assert page.inline == []
    assert len(page.ids) == len(set(page.ids))


def test_every_link_of_every_page_leads_somewhere(reader: httpx.Client) -> None:
    seen: dict[str, httpx.Response] = {}

    def answer(url: str) -> httpx.Response:
        if url not in seen:
            seen[url] = reader.get(url)
        return seen[url]

    for page in PAGES:
        address = f"{page}?lang=en"
        for link in Links(answer(address).text).links:
            path, _, anchor = urljoin(address, link).partition("#")
            if path == "/events":
                continue
            found = answer(path)
            assert found.status_code == 200, f"{page} leads to {link}: {found.status_code}"
            if anchor:
                assert anchor in Links(found.text).ids, f"{page} leads to {link}: no such place"


def test_the_page_says_what_the_picture_says(reader: httpx.Client, situation: Situation) -> None:
    for language in ("zh-CN", "en"):
        page = get(reader, "/situation", language).text
        assert situation.headline.in_language(language) in page
        assert f"{situation.whole.total:,.0f}" in page


def test_the_state_of_a_page_is_in_its_address(reader: httpx.Client) -> None:
    chosen = reader.get(
        "/situation", params={"lang": "en", "metric": "total", "curve": "cumulative", "sort": "total", "order": "asc"}
    ).text
    assert 'data-curve="cumulative"' in chosen
    rows = re.findall(r'<a href="/regions/(\d+)\?', chosen)
    first_page = json.loads(reader.get("/situation.json").text)
    totals = {r["code"]: r["total"] for r in first_page["regions"]}
    listed = [totals[code] for code in dict.fromkeys(rows) if totals.get(code) is not None]
    assert listed[:10] == sorted(listed[:10])
    # and every link of the page keeps it
    links = [link for link in Links(chosen).links if link.startswith(("/regions/", "/wall", "/data"))]
    assert links
    assert all("metric=total" in link and "lang=en" in link for link in links)


def test_the_language_is_the_browsers_own_until_the_reader_chooses(reader: httpx.Client) -> None:
    for accept, expected in (
        ("zh-TW,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("de, en;q=0.5, zh;q=0.4", "en"),
        ("fr", "en"),
        ("zh;q=0, en;q=0.1", "en"),
    ):
        answer = reader.get("/definitions", headers={"Accept-Language": accept})
        assert f'<html lang="{expected}"' in answer.text
        assert "Accept-Language" in answer.headers["vary"]


def test_a_past_day_shows_what_was_known_then(reader: httpx.Client, situation: Situation) -> None:
    then = Situation.model_validate(reader.get("/situation.json", params={"as_of": "2021-02-01"}).json())
    assert str(then.as_of) == "2021-02-01"
    assert then.last_date < situation.last_date
    assert then.whole.total is not None
    assert situation.whole.total is not None
    assert then.whole.total < situation.whole.total
    assert then.headline.en in reader.get("/situation", params={"as_of": "2021-02-01", "lang": "en"}).text


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/situation?as_of=yesterday", 400, "not a date"),
        ("/situation?as_of=2021-02-30", 400, "not a date"),
        ("/situation?as_of=2021-2-1", 400, "not a date"),
        ("/situation?as_of=1999-01-01", 400, "1999"),
        ("/situation?metric=deaths", 400, "parameter metric"),
        ("/situation?curve=weekly", 400, "parameter curve"),
        ("/situation?order=up", 400, "parameter order"),
        ("/situation?sort=colour", 400, "parameter sort"),
        ("/situation?sort=code", 400, "parameter sort"),
        ("/situation?model=oracle", 400, "parameter model"),
        ("/situation?lang=fr", 400, "no such language"),
        ("/regions/123456", 404, "no region with this code"),
        ("/nowhere", 404, ""),
        ("/data/quarantine/none.csv", 404, "no such receipt"),
        ("/tables/secrets.csv", 404, ""),
        ("/charts/secrets.svg", 404, ""),
        ("/static/..%2f..%2fapp.py", 404, ""),
        ("/static/vendor/../../settings.py", 404, ""),
    ],
)
def test_a_wrong_address_is_answered_with_what_is_wrong_and_what_to_do(
    reader: httpx.Client, path: str, status: int, says: str
) -> None:
    answer = reader.get(path, headers={"Accept-Language": "en"})
    assert answer.status_code == status
    assert says in answer.text
    assert "Traceback" not in answer.text
    assert '<p class="meta">' in answer.text
    as_json = reader.get(path, headers={"Accept": "application/json"}).json()["error"]
    assert as_json["status"] == status
    assert as_json["remedy"]["en"]
    assert as_json["remedy"]["zh"]


@pytest.mark.parametrize("given", ['"><script>alert(1)</script>', "<img src=x>", "' OR 1=1 --", "{{7*7}}"])
def test_what_a_reader_types_is_shown_as_text(reader: httpx.Client, given: str) -> None:
    for path in (f"/regions/{given}", "/situation?metric=" + given, "/rows?region=" + given, "/rows?feed=" + given):
        answer = reader.get(path, headers={"Accept-Language": "en"})
        assert answer.status_code in (200, 400, 404)
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text
        assert ">49<" not in answer.text


def test_every_answer_forbids_what_comes_from_elsewhere(reader: httpx.Client) -> None:
    for path in (*PAGES, "/situation.json", "/tables/regions.csv", "/charts/daily.svg", "/static/app.js", "/nowhere"):
        headers = reader.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        # A page with a form to post lets the browser say where the form comes from, to us alone.
        assert headers["referrer-policy"] == ("same-origin" if path == "/fold" else "no-referrer")


def test_another_host_name_is_not_answered(reader: httpx.Client) -> None:
    """DNS rebinding: a page of somewhere else must not read the command centre through the reader's browser."""
    assert reader.get("/situation.json", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8000", "LOCALHOST", "[::1]", "[::1]:8000"])
def test_a_reader_on_the_same_machine_is_answered_by_name_and_by_either_address(
    reader: httpx.Client, host: str
) -> None:
    assert reader.get("/definitions.json", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "",
        "[",
        "[::1",
        "[::2]:8000",
        "localhost.evil.example",
        "evil.example:127.0.0.1",
        "evil@localhost",
        "localhost/evil",
        "localhost#",
        "localhost:99999",
    ],
)
def test_no_other_spelling_of_a_host_is_answered(reader: httpx.Client, host: str) -> None:
    assert reader.get("/definitions.json", headers={"Host": host}).status_code == 400


def test_a_file_is_kept_for_as_long_as_its_address_names_its_content(reader: httpx.Client) -> None:
    page = Links(reader.get("/situation").text)
    for link in (link for link in page.links if link.startswith("/static/")):
        answer = reader.get(link)
        assert "immutable" in answer.headers["cache-control"], link
        again = reader.get(link, headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304
    assert reader.get("/static/app.js?v=old").headers["cache-control"] == "no-cache"


@pytest.fixture
def sources() -> str:
    static = Path(__file__).resolve().parents[2] / "src" / "bianque" / "web"
    return "\n".join(p.read_text("utf-8") for p in [*static.glob("static/app.*"), *static.glob("templates/*.j2")])


def test_no_file_of_ours_names_another_host(sources: str) -> None:
    assert not re.findall(r"(?:https?:)?//(?!www\.w3\.org)[a-z0-9.-]+\.[a-z]{2,}", sources)


def test_a_monitor_can_ask_whether_a_page_is_there(reader: httpx.Client) -> None:
    answer = reader.head("/situation")
    assert (answer.status_code, answer.content) == (200, b"")


def test_an_address_that_takes_no_other_verb_says_which_it_takes(reader: httpx.Client) -> None:
    answer = reader.post("/situation")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_the_first_day_the_date_picker_offers_is_a_day_with_a_picture(reader: httpx.Client) -> None:
    (first,) = re.findall(r'type="date"[^>]* min="([0-9-]+)"', reader.get("/situation").text)
    assert reader.get("/situation", params={"as_of": first}).status_code == 200
