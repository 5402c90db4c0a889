"""What was found: signals, change points, importation, and published figures checked."""

from __future__ import annotations

from collections.abc import Iterable

from bianque.model import catalogue
from bianque.model.situation import ChangePoint, ImportationRow, NotAssessed, PublishedCheck, Signal, Situation
from bianque.services import numerals
from bianque.services.tables import words
from bianque.services.tables.table import Behind, Cell, Column, Row, Table


def signals(situation: Situation, language: str, *, found: Iterable[Signal] | None = None) -> Table:
    """What was above what history explains, and by how much."""
    columns = [
        Column("date"),
        Column("region"),
        Column("code"),
        Column("feed"),
        Column("measure"),
        Column("observed", "number", "signal"),
        Column("expected", "number", "signal"),
        Column("threshold", "number", "signal"),
        Column("excess", "number", "signal"),
        Column("method", definition="signal"),
    ]
    rows = [_signal_row(signal, situation, language) for signal in (situation.signals if found is None else found)]
    return Table("signals", catalogue.text("table_signals", language), columns, rows, situation.disclosure_rule)


def _signal_row(signal: Signal, situation: Situation, language: str) -> Row:
    behind = Behind("/rows", {"region": signal.region, "measure": signal.measure, "feed": signal.feed})
    hidden = signal.observed is None
    return [
        Cell(signal.date, numerals.day(signal.date, language)),
        Cell(
            signal.name.in_language(language),
            signal.name.in_language(language),
            behind=words.page_of(signal.region, situation),
        ),
        Cell(signal.region, signal.region),
        Cell(signal.feed, signal.feed, behind=Behind(f"/data#feed-{signal.feed}")),
        Cell(signal.measure, words.measure(signal.measure, language)),
        Cell(
            signal.observed,
            numerals.HIDDEN if hidden else numerals.number(signal.observed),
            hidden=hidden,
            behind=behind,
        ),
        *(
            Cell(value, numerals.HIDDEN if hidden else numerals.number(value, "decimal"), hidden=hidden, behind=behind)
            for value in (signal.expected, signal.threshold, signal.excess)
        ),
        Cell(signal.method, catalogue.text(f"method_{signal.method}", language)),
    ]


def not_assessed(
    situation: Situation, language: str, *, found: Iterable[NotAssessed] | None = None, named: int | None = None
) -> Table:
    """Where no signal could be computed on the last day, and why.

    named   at most so many regions are named in a row, and the others counted; None names all
    """
    of_code = words.names(situation, language)

    def places(codes: list[str]) -> str:
        names = [of_code.get(code, code) for code in codes[:named]]
        if len(names) == len(codes):
            return numerals.listing(names, language)
        others = len(codes) - len(names)
        return catalogue.text("and_others", language, names=numerals.listing(names, language), others=others)

    columns = [Column("reason"), Column("regions"), Column("feed"), Column("measure"), Column("method"), Column("date")]
    rows = [
        [
            Cell(cells.reason, words.reason(cells.reason, language)),
            Cell(" ".join(cells.regions), places(cells.regions)),
            Cell(cells.feed, cells.feed, behind=Behind(f"/data#feed-{cells.feed}")),
            Cell(cells.measure, words.measure(cells.measure, language)),
            Cell(cells.method, catalogue.text(f"method_{cells.method}", language)),
            Cell(cells.date, numerals.day(cells.date, language)),
        ]
        for cells in (situation.not_assessed if found is None else found)
    ]
    return Table("not_assessed", catalogue.text("table_not_assessed", language), columns, rows)


def change_points(situation: Situation, language: str, *, found: Iterable[ChangePoint] | None = None) -> Table:
    """Days counted by another rule: shown, and not read as growth."""
    columns = [
        Column("date"),
        Column("region"),
        Column("observed", "number", "change_point"),
        Column("expected", "number", "change_point"),
        Column("at_most", "number", "change_point"),
        Column("kind", definition="change_point"),
        Column("reason"),
        Column("source"),
    ]
    hidden_days = {region.code: region.hidden_dates for region in situation.regions}
    rows = []
    for change in situation.change_points if found is None else found:
        behind = words.rows_behind(change.region)
        name = change.name.in_language(language)
        withheld = change.expected is None and any(day <= change.date for day in hidden_days.get(change.region, ()))
        rows.append(
            [
                Cell(change.date, numerals.day(change.date, language)),
                Cell(name, name, behind=words.page_of(change.region, situation)),
                Cell(
                    change.observed,
                    numerals.HIDDEN if change.observed is None else numerals.number(change.observed),
                    hidden=change.observed is None,
                    behind=behind,
                ),
                *(
                    Cell(
                        value,
                        numerals.HIDDEN if withheld else numerals.number(value, "decimal"),
                        hidden=withheld,
                        behind=behind,
                    )
                    for value in (change.expected, change.upper)
                ),
                Cell(change.kind, catalogue.text(f"change_kind_{change.kind}", language)),
                Cell(change.reason.in_language(language), change.reason.in_language(language)),
                Cell(change.source, words.source_of(change.source, language)),
            ]
        )
    title = catalogue.text("table_change_points", language)
    return Table("change_points", title, columns, rows, situation.disclosure_rule)


def importation(situation: Situation, language: str, *, found: Iterable[ImportationRow] | None = None) -> Table:
    """Who receives infected travellers: ranked, with interval."""
    columns = [
        Column("rank", "number", "importation"),
        Column("destination"),
        Column("code"),
        Column("expected_arrivals", "number", "importation", ends=True),
        Column("volume", "number", "importation"),
        Column("origin", definition="importation"),
        Column("prevalence", "number", "importation"),
        Column("source"),
    ]
    listed = list(situation.importation if found is None else found)
    top: dict[str, float] = {}  # a feed: the units of two feeds are not compared
    for row in listed:
        top[row.feed] = max(top.get(row.feed, 0.0), row.expected)
    named = words.names(situation, language)
    rows = [
        [
            Cell(row.rank, numerals.number(row.rank)),
            Cell(
                row.name.in_language(language),
                row.name.in_language(language),
                behind=words.page_of(row.destination, situation),
            ),
            Cell(row.destination, row.destination),
            Cell(
                row.expected,
                numerals.number(row.expected, "decimal"),
                row.lower,
                row.upper,
                note=arrivals_interval(row),
                bar=row.expected / top[row.feed] if top[row.feed] > 0 else None,
                behind=Behind("/rows", {"feed": row.feed}),
            ),
            Cell(
                row.volume,
                f"{numerals.number(row.volume, 'decimal')} {catalogue.text(f'unit_{row.unit}', language)}",
                behind=Behind("/rows", {"feed": row.feed}),
            ),
            Cell(
                row.origin,
                named.get(row.origin, row.origin),
                note=catalogue.text("origin_of", language, share=f"{100 * row.origin_share:.0f}", origins=row.origins)
                if row.origins > 1
                else "",
            ),
            Cell(row.prevalence, f"{row.prevalence:.2g}"),
            Cell(row.prevalence_source, words.source_of(row.prevalence_source, language)),
        ]
        for row in listed
    ]
    return Table("importation", catalogue.text("table_importation", language), columns, rows)


def arrivals_interval(row: ImportationRow) -> str:
    """Both ends: whole persons, or the parts of an index, which can be small."""
    return numerals.interval(row.lower, row.upper, "count" if row.unit == "persons" else "decimal")


def published(situation: Situation, language: str, *, found: Iterable[PublishedCheck] | None = None) -> Table:
    """Figures of bulletins, their parts, and whether they add up and agree with the data."""
    columns = [
        Column("date"),
        Column("figure"),
        Column("published", "number", "published"),
        Column("parts", definition="published"),
        Column("adds_up", definition="published"),
        Column("in_data", "number", "published"),
        Column("agrees", definition="published"),
        Column("source"),
    ]
    rows = []
    for check in situation.published if found is None else found:
        parts = " + ".join(f"{numerals.number(p.value)} {p.name.in_language(language)}" for p in check.parts)
        within = numerals.listing(
            [f"{numerals.number(p.value)} {p.name.in_language(language)}" for p in check.of_which], language
        )
        rows.append(
            [
                Cell(check.date, numerals.day(check.date, language)),
                Cell(
                    check.name.in_language(language),
                    check.name.in_language(language),
                    note=check.note.in_language(language) if check.note else "",
                ),
                Cell(check.total, numerals.number(check.total)),
                Cell(
                    parts,
                    parts or numerals.UNKNOWN,
                    note=catalogue.text("of_which", language, parts=within) if within else "",
                ),
                _verdict(check.adds_up, language),
                Cell(check.in_data, numerals.number(check.in_data), behind=words.rows_behind(situation.whole.code)),
                _verdict(check.agrees, language),
                Cell(check.source, check.source),
            ]
        )
    return Table("published", catalogue.text("table_published", language), columns, rows)


def _verdict(verdict: bool | None, language: str) -> Cell:
    word = {True: "yes", False: "no", None: "unknown"}[verdict]
    return Cell(verdict, catalogue.text(f"verdict_{word}", language), state=word)
