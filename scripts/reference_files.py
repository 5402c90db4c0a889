"""The pages of the files that `assess` and the lake write, and of the kinds of feed they are made from."""

from __future__ import annotations

from typing import get_args

import pyarrow as pa
from reference_markdown import NOTE, table

from bianque.lake import facts
from bianque.lake.decode import LARGEST_UNPACKED, LONGEST_LINE, MOST_LINES
from bianque.lake.receipt import QuarantineReason, Receipt
from bianque.lake.validate import EARLIEST, LARGEST_NUMBER, MISSING, ORDERS
from bianque.model.emergency_file import FeedKind
from bianque.predict.forecast import QUANTILE_LEVELS
from bianque.services import assess

FORECAST = {
    "model_id": "`bianque-renewal` or `bianque-baseline`",
    "reference_date": "last day of data",
    "target": f"`{assess.TARGET}`: newly confirmed cases of one day",
    "horizon": "days ahead, 1 to 14",
    "target_end_date": "the day forecast: reference date + horizon",
    "location": "code of the region",
    "output_type": "`quantile`",
    "output_type_id": "level of the quantile",
    "value": "new cases",
}
SIGNALS = {
    "date": "day of the count",
    "region": "code of the region",
    "feed": "feed of the count",
    "measure": "measure of the feed",
    "method": "`ears_c1`, `ears_c2` or `ears_c3`",
    "observed": "count of the day; empty in a small place",
    "expected": "mean of the baseline; empty in a small place",
    "threshold": "highest count that chance explains; empty in a small place",
    "excess": "observed − expected; empty in a small place",
    "alpha": "probability of a signal on a day without excess, if counts were normal",
}
IMPORTATION = {
    "feed": "flows feed",
    "rank": "1 is the most",
    "destination": "code of the destination",
    "level": "its level",
    "origin": "code of the source region that contributes most",
    "origin_share": "its share of the expectation",
    "origins": "how many source regions contribute",
    "volume": "travel from sources of known prevalence over the window",
    "unit": "`persons` or `index`; of an index only the rank has a meaning",
    "expected": "expected infected arrivals over the window",
    "lower": "lower end of the 95% interval of the number that arrives; of an index, of the prevalence alone",
    "upper": "upper end of it",
    "first_date": "first day of the window",
    "last_date": "last day of the window",
    "prevalence": "infected per resident in `origin`",
    "prevalence_source": "publication, or `reported_cases`",
}
RECEIPTS = {
    "schema_version": "version of this file",
    "read": "rows read, all feeds",
    "accepted": "rows accepted",
    "quarantined": "rows in quarantine",
    "absent": "feeds whose file is not there, with what to do",
    "feeds": "one receipt a feed, as below",
}
RECEIPT = {
    "id": "name of the receipt: the feed and a digest of the file and its description, and, when there is one of that "
    "name, the sequence",
    "sequence": "its place in the order of ingest",
    "replaces": "receipt of an earlier reading of the same file, whose facts no longer count; empty if there is none",
    "feed": "feed of emergency.toml",
    "kind": "kind of the feed",
    "file": "name of the file",
    "sha256": "digest of its bytes",
    "encoding": "encoding it was read in",
    "delimiter": "character between its fields",
    "truncated": "whether it is cut off",
    "ingested_on": "day it was taken in",
    "lines": "records below the header = outside + read",
    "outside": "rows that `where` does not select",
    "read": "rows read = accepted + quarantined",
    "accepted": "rows accepted = new + unchanged + corrected",
    "quarantined": "rows in quarantine",
    "new": "rows the lake did not know before the file came",
    "unchanged": "rows it knew with the same values",
    "corrected": "rows it knew with other values; they add a version",
    "falling": "rows that make a running total fall from one day to the next, in the file or against the lake: kept, "
    "and flagged",
    "missing": "empty cells of accepted rows: unknown, so not stored",
    "facts": "facts stored",
    "first_reference_date": "first day the file speaks of",
    "last_reference_date": "last day",
    "last_known_at": "newest day one of its facts was known",
    "vintages": "whether the file says when each row was known",
    "known_at": "how the known-at date was found",
    "reasons": "why rows are in quarantine, the most frequent 100 reasons",
    "falls": "the first 100 falling totals, in words",
}
REASON = {
    "field": "column",
    "reason": "what is wrong with it",
    "rows": "rows in quarantine for this reason",
    "first_line": "line of the first of them",
}
QUARANTINE = {
    "file": "name of the file",
    "line": "line the row starts on, the header being line 1",
    "field": "column that is wrong; `line` where the row as a whole is, `key` where it doubles another",
    "reason": "what is wrong",
    "text": "the row as it stood in the file",
}
COUNTS = {
    "feed": "feed",
    "kind": "kind of the feed",
    "measure": "measure",
    "region": "code of the region",
    "reference_date": "day the value speaks of",
    "known_at": "first day it was known",
    "value": "the value",
    "cumulative": "whether it is a running total",
    "sequence": "place of the file in the order of ingest; a file that is read anew keeps it",
    "receipt": "receipt",
}
FLOWS = COUNTS | {
    "origin": "code of the region where travel starts",
    "destination": "code of the region where it ends",
    "value": "volume",
    "unit": "`persons` or `index`",
    "days": "days the row covers, the reference date being the last",
}
RESULTS = f"""{NOTE}
# The files of an assessment, and the lake

`bianque assess` writes six files. `situation.json` has [a page of its own](situation-json.md); `report.html` is one
page for a reader, in both languages, that needs nothing else.

## forecast.parquet

One row a model, region, day and quantile, in the model-output columns of the hubverse. The levels are
{", ".join(f"{level:g}" for level in QUANTILE_LEVELS)}.
"""
LAKE = """## The tables of the lake

`LAKE/counts/ID.parquet` and `LAKE/flows/ID.parquet`, one file a receipt. A file counts from the moment its receipt is
in place. How the folder is laid out is in [decision 1](../decisions/0001-parquet-versions-and-receipts.md).

### counts
"""
FEEDS = f"""{NOTE}
# Kinds of feed
"""
FILES = f"""
## What a file may look like

- CSV, plain or gzip, with a header. The character between fields (`,` `;` tab `|`) is found.
- A line has up to {LONGEST_LINE:,} characters, a gzip file unpacks to up to {LARGEST_UNPACKED:,} bytes.
- UTF-8, UTF-16, UTF-32 or GB18030; which one is found.
- A row may run over {MOST_LINES} lines inside quotation marks. A mark that is not closed costs its own line alone.
- Numbers with a decimal point and without thousands separators: “1,234” and “1.234” mean different numbers in
  different places.
- An empty cell is unknown. So is one of {", ".join(f"`{text}`" for text in sorted(MISSING) if text)}, in capitals or
  not.
- Dates in one form, given by `format`. A date of another order goes to quarantine, and the reason names the forms it
  fits, of {", ".join(f"`{order}`" for order in ORDERS)}.

## What happens to a row that cannot be used

It goes to quarantine with its line, its field and the reason, and the rest of the file is used. Reasons are a date in
the future or before {EARLIEST:%Y}, a region that is unknown or stands for several, a count that is no number, negative
or above {LARGEST_NUMBER:,.0f}, a row of another width than the header. Of rows with one key and the same values the
first is kept; of rows with one key and different values none is, since none is surely right. A running total that falls
is kept and flagged as a correction. Of a file that is cut off the whole rows are used. A file whose header cannot be
used is in quarantine as one record.
"""
KINDS = {
    "case_counts": "Persons by region and day. The measures `confirmed` and `deaths` make the picture, `confirmed` is "
    "also judged for signals. Whole numbers, not negative. Needs `region` and `measures`.",
    "flows": "Travel from an origin to a destination. Ranks destinations by expected infected arrivals. Not negative; "
    "a share is not above the whole. Needs `origin`, `destination` and `volume`.",
    "search_counts": "Searches by region and day: a count or an index, not negative. Judged for signals. Needs "
    "`region` and `measures`.",
    "visits": "Visits to fever clinics or other services by region and day. Whole numbers, not negative. Judged "
    "for signals. Needs `region` and `measures`.",
}


def _columns(names: list[str], texts: dict[str, str], schema: pa.Schema | None = None) -> list[str]:
    if schema is None:
        return table(["column", "meaning"], [[f"`{name}`", texts[name]] for name in names])
    return table(["column", "type", "meaning"], [[f"`{n}`", str(schema.field(n).type), texts[n]] for n in names])


def results_page() -> str:
    """Files of `assess`, and tables of the lake."""
    return "\n".join(
        [
            RESULTS,
            *_columns(assess.HUB_COLUMNS.names, FORECAST, assess.HUB_COLUMNS),
            "\n## signals.csv\n\nEvery signal of every method and day, newest first.\n",
            *_columns(list(assess.SIGNAL_COLUMNS), SIGNALS),
            "\n## importation.csv\n\nDestinations of each flows feed, the most expected arrivals first.\n",
            *_columns(list(assess.IMPORTATION_COLUMNS), IMPORTATION),
            "\n## receipt.json\n",
            *_columns(list(RECEIPTS), RECEIPTS),
            "\n### One receipt\n\nThe same as `LAKE/receipts/ID.json`. It always adds up.\n",
            *_columns(list(Receipt.model_fields), RECEIPT),
            "\n### One reason\n",
            *_columns(list(QuarantineReason.model_fields), REASON),
            "\n## The quarantine file\n\n`LAKE/quarantine/ID.csv`, one line a row that could not be used.\n",
            *_columns(list(QUARANTINE), QUARANTINE),
            "",
            LAKE,
            *_columns(facts.COUNTS.names, COUNTS, facts.COUNTS),
            "\n### flows\n",
            *_columns(facts.FLOWS.names, FLOWS, facts.FLOWS),
            "",
        ]
    )


def feed_kinds_page() -> str:
    """What each kind of feed is, and what a file may look like."""
    rows = [[f"`{kind}`", KINDS[kind]] for kind in get_args(FeedKind)]
    return "\n".join([FEEDS, *table(["kind", "what it holds and what becomes of it"], rows), FILES])
