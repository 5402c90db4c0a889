"""The one tree of errors.

BianqueError
├── BadInput                 a file, a setting or a command line cannot be used        exit code 2
│   ├── BadField             a field of a form cannot be used as it was filled in
│   │   └── LogInRefused     a log-in, a password or a code was wrong
│   │       └── MustWait     there were too many failures: this attempt was not looked at
│   ├── NotLoggedIn          a session is unknown, has ended, or was idle too long
│   ├── BadEmergencyFile     emergency.toml is missing, malformed or contradicts itself
│   ├── UnusableFeed         a feed file as a whole cannot be read: header, encoding, truncation
│   ├── UnknownRegion        a region text matches no region, or more than one
│   ├── NothingUsable        every row of every feed went to quarantine
│   ├── BadLake              a lake folder is missing, damaged or of another version
│   └── BadRegister          a register is missing, damaged, of another version, or its key does not fit
│       └── ChangedRecord    a record of a person was changed by somebody without the key
├── HistoryTooShort          an estimate needs more history than there is              exit code 2
├── QueueFull                as many jobs wait as may                                 exit code 2
└── PolicyRefusal            the rules say no                                          exit code 3
    └── NeedsSecondPerson    the rules say: not alone
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bianque.model.decision import Decision
    from bianque.model.text import Text


class BianqueError(Exception):
    """Base of every error Bianque raises on purpose.

    A message says what was wrong and where; `kept` says what was kept; `remedy` says what to do.
    """

    exit_code = 2

    def __init__(self, what: str, *, kept: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what, self.kept, self.remedy = what, kept, remedy

    def diagnostics(self) -> str:
        """The whole message for a person, one line a part."""
        lines = [self.what]
        if self.kept:
            lines.append(f"kept: {self.kept}")
        if self.remedy:
            lines.append(f"what to do: {self.remedy}")
        return "\n".join(lines)


class BadInput(BianqueError):
    """A file, a setting or a command line cannot be used."""


class BadField(BadInput):
    """A field of a form cannot be used as it was filled in; what was wrong and what to do, in both languages."""

    def __init__(self, field: str, what: Text, remedy: Text) -> None:
        super().__init__(what.en, remedy=remedy.en)
        self.field, self.both, self.remedy_in_both = field, what, remedy


class LogInRefused(BadField):
    """A log-in, a password or a code was wrong, without saying which; or a new one cannot be used."""


class MustWait(LogInRefused):
    """There were too many failures: this attempt was not looked at. `seconds` is how long the next one waits."""

    def __init__(self, field: str, what: Text, remedy: Text, *, seconds: int) -> None:
        super().__init__(field, what, remedy)
        self.seconds = seconds


class NotLoggedIn(BadInput):
    """A session is unknown, has ended, or was idle too long."""


class BadEmergencyFile(BadInput):
    """emergency.toml is missing, malformed or contradicts itself."""


class UnusableFeed(BadInput):
    """A feed file as a whole cannot be read: header, encoding, truncation."""


class UnknownRegion(BadInput):
    """A region text matches no region of the system, or more than one."""


class NothingUsable(BadInput):
    """Every row of every feed went to quarantine."""


class BadLake(BadInput):
    """A lake folder is missing, damaged or of another version."""


class BadRegister(BadInput):
    """A register is missing, damaged, of another version, or its key does not fit."""


class ChangedRecord(BadRegister):
    """A record of a person, or what decisions on it rest on, was changed by somebody without the key: `record` is
    its id."""

    def __init__(self, record: str, cause: BadRegister) -> None:
        super().__init__(cause.what, kept=cause.kept, remedy=cause.remedy)
        self.record = record


class HistoryTooShort(BianqueError):
    """An estimate needs more history than there is."""


class QueueFull(BianqueError):
    """As many jobs wait as may; there is room again when some of them are done."""


class PolicyRefusal(BianqueError):
    """The rules say no; `decision` has the rule and the sentence."""

    exit_code = 3

    def __init__(self, decision: Decision, *, remedy: str = "") -> None:
        super().__init__(f"{decision.why.en} (rule {decision.rule})", remedy=remedy)
        self.decision = decision


class NeedsSecondPerson(PolicyRefusal):
    """The rules say: not alone."""
