"""A browser without JavaScript: it keeps cookies, follows redirects when told to, and sends the forms of a page."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx


@dataclass
class Form:
    """A form of a page: where it goes, and its fields as they stand."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Forms(HTMLParser):
    """The forms of a page that are posted."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._in = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method") == "post":
            self.found.append(Form(given["action"]))
            self._in = True
        elif tag == "input" and self._in and "name" in given:
            self.found[-1].fields[given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        self._in = self._in and tag != "form"


def form(page: httpx.Response, action: str) -> Form:
    """The form of a page that goes to an address."""
    (found,) = [one for one in Forms(page.text).found if one.action.partition("?")[0] == action]
    return found


def send(client: httpx.Client, page: httpx.Response, action: str, **typed: str) -> httpx.Response:
    """Fill in a form of a page, send it, and go where the answer leads."""
    found = form(page, action)
    headers = {"Referer": str(page.url), "Origin": f"{page.url.scheme}://{page.url.netloc.decode()}"}
    return client.post(found.action, data=found.fields | typed, headers=headers, follow_redirects=True)
