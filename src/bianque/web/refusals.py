"""When a page cannot be given: which status, and what does the reader do now?  In both languages, never a traceback."""

from __future__ import annotations

from fastapi import Request

from bianque.model import catalogue
from bianque.model.decision import Decision
from bianque.model.text import Text


class Refusal(Exception):
    """A request that is answered with an error page. `key` names its texts in the catalogue."""

    def __init__(self, status: int, key: str, /, *, detail: str = "", **values: object) -> None:
        super().__init__(key)
        self.status, self.key, self.detail, self.values = status, key, detail, values

    def title(self) -> Text:
        return catalogue.both(f"refusal_{self.key}_title")

    def what(self) -> Text:
        return catalogue.both(f"refusal_{self.key}", **self.values)

    def remedy(self) -> Text:
        return catalogue.both(f"refusal_{self.key}_remedy", **self.values)

    def as_json(self) -> dict[str, object]:
        return {
            "error": {
                "status": self.status,
                "what": self.what().model_dump(),
                "remedy": self.remedy().model_dump(),
                "detail": self.detail,
            }
        }


class NotPermitted(Refusal):
    """A request that the rules refuse: the rule's own sentence, in both languages."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(403, "not_permitted", rule=decision.rule)
        self.decision = decision

    def what(self) -> Text:
        return self.decision.why


def wants_json(request: Request) -> bool:
    """Whether a refusal is to be JSON: where the address, or the request, asks for it."""
    return request.url.path.endswith(".json") or request.headers.get("accept", "").startswith("application/json")
