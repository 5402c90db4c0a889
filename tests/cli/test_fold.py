"""bianque fold, as a laboratory types it."""

from __future__ import annotations

import gzip
import io
import json
import sys
from pathlib import Path

import pytest

from .conftest import Run

HAIRPIN = "GGGGAAAACCCC"


@pytest.fixture
def fasta(tmp_path: Path) -> Path:
    path = tmp_path / "x.fa"
    path.write_bytes(f">one some words\r\n{HAIRPIN}\r\n\r\n>two\r\nggggttttcccc\r\n".encode())
    return path


def test_each_record_gets_its_structure_and_a_summary(bianque: Run, fasta: Path) -> None:
    said = bianque("fold", fasta)
    assert said.code == 0
    assert said.out == f">one\n{HAIRPIN}\n((((....)))) (-5.40)\n>two\nGGGGUUUUCCCC\n((((....)))) (-5.90)\n"
    assert "one: 12 nt, -5.40 kcal/mol, 67% paired; exact minimum free energy, Turner 2004, 37 °C" in said.err


def test_gzip_and_standard_input_are_read(
    bianque: Run, fasta: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = tmp_path / "x.fa.gz"
    packed.write_bytes(gzip.compress(fasta.read_bytes()))
    expected = bianque("fold", fasta).out
    assert bianque("fold", packed).out == expected
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(fasta.read_bytes())))
    assert bianque("fold -").out == expected
    packed.write_bytes(packed.read_bytes()[:-12])
    assert bianque("fold", packed).code == 2


def test_a_bad_record_does_not_stop_the_others(bianque: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.fa"
    path.write_text(f">empty\n>protein\nACEF\n>good\n{HAIRPIN}\n", "utf-8")
    said = bianque("fold", path)
    assert said.code == 2
    assert said.out.startswith(">good\n")
    assert "line 1, record 'empty' is empty" in said.err
    assert "line 2, record 'protein', position 3: 'E' looks like a protein" in said.err


def test_files_are_written_in_every_format(bianque: Run, fasta: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    said = bianque("fold", fasta, "--format dbn,ct,bpseq,json --out", out)
    assert said.code == 0
    assert said.out.count("\n") == 2
    assert {path.name for path in out.iterdir()} == {
        f"{name}.{kind}" for name in ("one", "two") for kind in ("dbn", "ct", "bpseq", "json")
    }
    assert (out / "one.ct").read_text("utf-8").splitlines()[1] == "1\tG\t0\t2\t12\t1"
    assert (out / "one.bpseq").read_text("utf-8").splitlines()[1] == "1 G 12"
    made = json.loads((out / "one.json").read_text("utf-8"))
    assert made["pairs"] == [[1, 12], [2, 11], [3, 10], [4, 9]]
    assert sum(loop["energy"] for loop in made["loops"]) == pytest.approx(made["energy"])


def test_records_of_one_name_each_have_a_file(bianque: Run, tmp_path: Path) -> None:
    path, out = tmp_path / "x.fa", tmp_path / "out"
    path.write_text(f">a/b\n{HAIRPIN}\n>a/b\n{HAIRPIN}\n>..\n{HAIRPIN}\n", "utf-8")
    assert bianque("fold", path, "--out", out).code == 0
    assert sorted(one.name for one in out.iterdir()) == ["a_b.dbn", "a_b_.dbn", "sequence.dbn"]


def test_an_energy_is_given_loop_by_loop(bianque: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.dbn"
    path.write_text(f">a\n{HAIRPIN}\n((((....)))) (-1.0)\n>b\n{HAIRPIN}\n((((....)))\n>c\n{HAIRPIN}\n", "utf-8")
    said = bianque("fold", path, "--eval")
    assert said.code == 2
    assert said.out.splitlines()[0] == "a: -5.40 kcal/mol"
    assert "hairpin   (4,9) GC" in said.out
    assert "record 'b', position 1: '(' is never closed" in said.err
    assert "record 'c' has no structure" in said.err


def test_constraints_and_reactivities_are_read(bianque: Run, fasta: Path, tmp_path: Path) -> None:
    constraint, shape = tmp_path / "c.dbn", tmp_path / "r.tsv"
    constraint.write_text(">two\nxxxxxxxxxxxx\n", "utf-8")
    said = bianque("fold", fasta, "--constraint", constraint)
    assert "............ (0.00)" in said.out
    assert "((((....)))) (-5.40)" in said.out
    shape.write_text(
        "position\treactivity\n" + "".join(f"{x}\t{2 if 4 < x < 9 else 0}\n" for x in range(1, 13)), "utf-8"
    )
    said = bianque("fold", fasta, "--shape", shape)
    assert "(probing -7.20)" in said.err
    shape.write_text("1\t0.5\n2\tx\n", "utf-8")
    assert "line 2: 'x' is no reactivity" in bianque("fold", fasta, "--shape", shape).err
    constraint.write_text(">two\n....\n", "utf-8")
    assert "has 4 symbols, the sequence 12" in bianque("fold", fasta, "--constraint", constraint).err


def test_a_genome_too_long_for_the_memory_is_refused_before_it_starts(bianque: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.fa"
    path.write_text(">long\n" + "A" * 10_000_000 + "\n", "utf-8")
    said = bianque("fold", path)
    assert said.code == 2
    assert "folding 10,000,000 nucleotides needs about 200,0" in said.err
    assert "give --span" in said.err
    assert "; or --beam " in said.err
    assert "a heuristic whose energy is not known to be minimal" in said.err
    said = bianque("fold", path, "--beam 1000000")
    assert said.code == 2
    assert "with beam 1000000 needs about" in said.err
    assert "give --beam " in said.err


def test_a_heuristic_says_that_it_is_one(bianque: Run, fasta: Path, tmp_path: Path) -> None:
    said = bianque("fold", fasta, "--beam 5 --format json --out", tmp_path)
    assert said.code == 0
    assert "one: 12 nt, -5.40 kcal/mol, 67% paired; heuristic: beam search, beam 5, energy not known to be" in said.out
    assert json.loads((tmp_path / "one.json").read_text("utf-8"))["method"].startswith("heuristic: beam search, beam 5")
    assert "exact minimum free energy" in bianque("fold", fasta, "--beam 100").err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--format svgg", "--format svgg is not known"),
        ("--dangles 1", "dangles 1 are not known"),
        ("--span 3", "a span of 3 lets nothing pair"),
        ("--temperature -400", "no temperature"),
        ("--threads 0", "--threads"),
        ("--beam -1", "--beam"),
        ("--parameters {fasta}", "is no parameter file"),
        ("--constraint {fasta}", "holds no constraint"),
    ],
)
def test_a_bad_option_says_what_to_do(bianque: Run, fasta: Path, options: str, said: str) -> None:
    answer = bianque("fold", fasta, options.format(fasta=fasta))
    assert answer.code == 2
    assert said in answer.err


def test_a_file_without_sequences_is_refused(bianque: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.fa"
    path.write_text("\n\n", "utf-8")
    assert "holds no sequence" in bianque("fold", path).err
    assert bianque("fold", tmp_path / "none.fa").code == 2
