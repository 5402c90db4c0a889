"""Foreign bytes: encodings, delimiters, damage."""

from __future__ import annotations

import codecs
import gzip
import os
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bianque.lake import decode
from bianque.lake.decode import parse_table, read_table
from bianque.model.errors import UnusableFeed

TEXT = "date,省份,confirmed\n2020-01-24,湖北省,729\n2020-01-24,广东省,78\n"


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("utf-32-le", "utf-32-le"),
        ("utf-32-be", "utf-32-be"),
    ],
)
def test_a_file_is_read_in_the_encoding_it_came_in(encoding: str, named: str) -> None:
    table = parse_table(TEXT.encode(encoding), "f.csv", ["省份"])
    assert table.encoding == named
    assert table.header == ["date", "省份", "confirmed"]
    assert [record[1] for record in table.records] == ["湖北省", "广东省"]


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (("\ufeff" + TEXT).encode("gb18030"), "gb18030"),
        (codecs.BOM_UTF8 + TEXT.encode("gb18030"), "gb18030"),
        (codecs.BOM_UTF8 * 2 + TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF16_BE * 2 + TEXT.encode("utf-16-be"), "utf-16"),
        (codecs.BOM_UTF32_BE + TEXT.encode("utf-32-be"), "utf-32"),
    ],
)
def test_a_byte_order_mark_is_no_part_of_the_first_column_wherever_it_comes_from(data: bytes, encoding: str) -> None:
    table = parse_table(data, "f.csv", ["date", "省份"])
    assert table.encoding == encoding
    assert table.header == ["date", "省份", "confirmed"]
    assert [record[1] for record in table.records] == ["湖北省", "广东省"]


def test_a_broken_byte_after_a_byte_order_mark_costs_its_row_alone() -> None:
    rows = "".join(f"2020-01-24,湖北省,{n}\n" for n in range(100))
    data = ("date,省份,confirmed\n" + rows).encode("utf-8-sig").replace("湖北省,7\n".encode(), b"\xe6\xb9,7\n")
    table = parse_table(data, "f.csv", ["省份"])
    assert (len(table.records), [d.line for d in table.damaged]) == (99, [9])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_gives_the_columns_asked_for(delimiter: str) -> None:
    table = parse_table(TEXT.replace(",", delimiter).encode(), "f.csv", ["date", "confirmed"])
    assert table.delimiter == delimiter
    assert table.records[0] == ["2020-01-24", "湖北省", "729"]


def test_rows_know_the_line_they_start_on_also_after_a_line_break_inside_quotes() -> None:
    table = parse_table(b'a,b\n"x\ny",1\n\nz,2\n', "f.csv", ["a"])
    assert list(zip(table.lines, (record[1] for record in table.records), strict=True)) == [(2, "1"), (5, "2")]


UNCLOSED = "opens a quotation mark that is not closed"


@pytest.mark.parametrize(
    ("row", "others"),
    [
        ('2020-01-24,"A1,5', "2020-01-24,B{n},{n}"),  # no other mark in the file: the field would run to its end
        ('2020-01-24,"A1,5', '2020-01-24,"B{n}",{n}'),  # the next row's mark would close it
        ('2020-01-24,A1,"5', '"2020-01-24","B{n}","{n}"'),
    ],
)
@pytest.mark.parametrize("line", [2, 300, 500])
def test_a_quotation_mark_that_is_not_closed_costs_its_own_row_alone(row: str, others: str, line: int) -> None:
    rows = [others.format(n=n) for n in range(2, 501)]
    rows[line - 2] = row
    table = parse_table(("date,place,n\n" + "\n".join(rows)).encode(), "f.csv", ["place"])
    assert len(table.records) == 498
    ((at, text, reason),) = ((d.line, d.fields, d.reason) for d in table.damaged)
    assert (at, text) == (line, [row])
    assert reason.startswith(UNCLOSED)


def test_a_mark_that_is_closed_hundreds_of_rows_later_was_never_opened_for_them() -> None:
    rows = [f"2020-01-24,A{n},{n}" for n in range(400)]
    rows[10], rows[390] = '2020-01-24,"A10,10', '2020-01-24,A390",390'
    table = parse_table(("date,place,n\n" + "\n".join(rows)).encode(), "f.csv", ["place"])
    assert len(table.records) == 399
    assert [(d.line, d.reason) for d in table.damaged] == [
        (12, "opens a quotation mark that is not closed within 100 lines")
    ]


@pytest.mark.parametrize("row", ['x"y,"z', 'b","c', '"a,1', 'a,"1'])
def test_a_file_with_a_damaged_mark_in_every_row_is_read_in_the_time_of_its_length(row: str) -> None:
    """Read to the end of the file for each of its rows, this one would take minutes."""
    table = parse_table(("k,v\n" + f"{row}\n" * 20_000).encode(), "f.csv", ["k"])
    assert (len(table.records), len(table.damaged)) == (0, 20_000)


def test_a_header_with_a_mark_that_is_not_closed_is_refused_by_its_line() -> None:
    with pytest.raises(UnusableFeed, match=f"line 1: the header {UNCLOSED}"):
        parse_table(b'place,"n\nA1,5\nB2,6\n', "f.csv", ["place"])


def test_a_gzip_file_cut_off_keeps_its_whole_rows_and_sets_the_last_one_aside() -> None:
    rows = "".join(f"2020-01-24,r{n},{n * n}\n" for n in range(5000))
    packed = gzip.compress(("date,place,n\n" + rows).encode())
    table = parse_table(packed[: len(packed) * 2 // 3], "f.csv.gz", ["n"])
    assert table.truncated
    assert 1000 < len(table.records) < 5000
    assert all(int(number) == int(place[1:]) ** 2 for _, place, number in table.records)
    assert len(table.damaged) <= 1


def test_a_plain_file_cut_off_inside_a_row_sets_that_row_aside() -> None:
    table = parse_table((TEXT + "2020-01-25,广").encode(), "f.csv", ["省份"])
    assert len(table.records) == 2
    assert [(d.line, d.reason) for d in table.damaged] == [(4, "has 2 fields where the header has 3")]


def test_a_file_cut_off_inside_a_quoted_field_over_several_lines_keeps_the_rows_before() -> None:
    packed = gzip.compress(b'place,n\nA1,5\n"B2\nover two lines",' + bytes(range(32, 127)) * 50)
    table = parse_table(packed[:-40], "f.csv.gz", ["n"])
    assert table.truncated
    assert table.records == [["A1", "5"]]
    assert [d.line for d in table.damaged] == [3, 4]
    assert "cut off" in table.damaged[-1].reason


def test_a_file_cut_inside_a_character_is_cut_off_and_not_of_another_encoding() -> None:
    data = "date,n,省份\n2020-01-24,1,湖北省\n2020-01-25,2,广东".encode()[:-1]
    table = parse_table(data, "f.csv", ["省份"])
    assert table.encoding == "utf-8"
    assert table.truncated
    assert [(d.line, d.reason) for d in table.damaged] == [(3, "is where the file is cut off")]


def test_a_broken_byte_in_good_utf8_costs_its_row_alone() -> None:
    rows = "".join(f"2020-01-24,湖北省,{n}\n" for n in range(100))
    data = ("date,省份,confirmed\n" + rows).encode().replace("湖北省,7\n".encode(), b"\xe6\xb9,7\n")
    table = parse_table(data, "f.csv", ["省份"])
    assert table.encoding == "utf-8"
    assert len(table.records) == 99
    assert [d.line for d in table.damaged] == [9]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"date,n\n1,2\n", "no column 'place'"),
        (b"place,place,n\n1,2,3\n", "twice"),
        (b"PK\x03\x04rest", "Excel"),
        (b"\x1f\x8b\x08\x00garbage that is no gzip", "gzip"),
        (b"place,n\n\xff\xfe\xfd\xfc\xff,1\n\x80\x81\xff", "neither UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_what_to_do(data: bytes, says: str) -> None:
    with pytest.raises(UnusableFeed) as error:
        parse_table(data, "f.csv", ["place"])
    assert says in error.value.what
    assert error.value.remedy


def test_a_line_that_never_ends_is_refused_with_the_limit() -> None:
    with pytest.raises(UnusableFeed, match=r"f.csv, line 2: the line is longer than 16,777,216 characters") as error:
        parse_table(b"place,n\n" + b"A" * (1 << 24) + b",1\n", "f.csv", ["place"])
    assert error.value.remedy


def test_a_small_gzip_file_of_one_line_without_end_is_refused_before_it_fills_the_memory() -> None:
    pack = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    bomb = pack.compress(b"place,n\n") + b"".join(pack.compress(bytes(1 << 20)) for _ in range(300)) + pack.flush()
    with pytest.raises(UnusableFeed, match=r"f.csv.gz: a line is longer than 16,777,216 characters"):
        parse_table(bomb, "f.csv.gz", ["place"])


def test_a_small_gzip_file_of_rows_without_end_is_refused_with_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit of 1 GiB is lowered: the test need not fill the memory either."""
    monkeypatch.setattr(decode, "LARGEST_UNPACKED", 1 << 20)
    with pytest.raises(UnusableFeed, match=r"f.csv.gz: unpacks to more than 1,048,576 bytes") as error:
        parse_table(gzip.compress(b"place,n\n" + b"A1,5\n" * (1 << 18)), "f.csv.gz", ["place"])
    assert "split" in error.value.remedy


def test_a_gzip_file_of_several_members_is_one_file_also_with_zeros_after_it() -> None:
    data = gzip.compress(b"place,n\n") + gzip.compress(b"A1,5\n") + gzip.compress(b"B2,6\n") + bytes(512)
    table = parse_table(data, "f.csv.gz", ["place"])
    assert (table.records, table.damaged, table.truncated) == ([["A1", "5"], ["B2", "6"]], [], False)


def test_bytes_after_the_gzip_data_are_told_and_the_rows_before_are_used() -> None:
    table = parse_table(gzip.compress(b"place,n\nA1,5\n") + b"what is this", "f.csv.gz", ["place"])
    assert table.records == [["A1", "5"]]
    assert [(d.line, d.reason) for d in table.damaged] == [(3, "is no row: 12 bytes after the gzip data are none")]


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(UnusableFeed, match=r"pipe.csv: this is no file but a pipe or a device") as error:
        read_table(tmp_path / "pipe.csv", ["place"])
    assert "save its content" in error.value.remedy


def test_a_header_of_very_long_names_is_read() -> None:
    assert parse_table(b"place," + b"n" * 200_000 + b"\nA1,5\n", "f.csv", ["place"]).records == [["A1", "5"]]


@given(
    st.lists(
        st.lists(
            st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffd")),
            min_size=2,
            max_size=2,
        ),
        max_size=20,
    )
)
def test_whatever_is_written_as_csv_is_read_back_row_for_row(rows: list[list[str]]) -> None:
    import csv
    import io

    text = io.StringIO()
    csv.writer(text).writerows([["first", "second"], *rows])
    table = parse_table(text.getvalue().encode(), "f.csv", ["first", "second"])
    kept = [row for row in rows if any(field.strip() for field in row)]
    assert table.records == kept


@given(st.binary(max_size=400))
def test_no_bytes_whatever_crash_the_reader(data: bytes) -> None:
    try:
        table = parse_table(data, "f.csv", [])
    except UnusableFeed:
        return
    assert all(len(record) == len(table.header) for record in table.records)
    assert all(damaged.reason for damaged in table.damaged)
