"""bianque fold, as a laboratory types it."""

from __future__ import annotations

import gzip
import io
import json
import sys
from pathlib import Path
from xml.etree import ElementTree

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


@pytest.mark.parametrize("mode", ["", "--pairs", "--beam 5", "--subopt 0.5"])
def test_a_bad_record_does_not_stop_the_others(bianque: Run, tmp_path: Path, mode: str) -> None:
    path = tmp_path / "x.fa"
    path.write_text(f">empty\n>protein\nACEF\n>good\n{HAIRPIN}\n", "utf-8")
    said = bianque("fold", path, mode)
    assert said.code == 2
    assert said.out.startswith(">good")
    assert "line 1, record 'empty' is empty" in said.err
    assert "line 2, record 'protein', position 3: 'E' looks like a protein" in said.err


def test_files_are_written_in_every_format(bianque: Run, fasta: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    said = bianque("fold", fasta, "--format dbn,ct,bpseq,json,svg --out", out)
    assert said.code == 0
    assert said.out.count("\n") == 2
    assert {path.name for path in out.iterdir()} == {
        f"{name}.{kind}" for name in ("one", "two") for kind in ("dbn", "ct", "bpseq", "json", "svg")
    }
    assert (out / "one.ct").read_text("utf-8").splitlines()[1] == "1\tG\t0\t2\t12\t1"
    assert (out / "one.bpseq").read_text("utf-8").splitlines()[1] == "1 G 12"
    made = json.loads((out / "one.json").read_text("utf-8"))
    assert made["pairs"] == [[1, 12], [2, 11], [3, 10], [4, 9]]
    assert sum(loop["energy"] for loop in made["loops"]) == pytest.approx(made["energy"])
    drawn = ElementTree.parse(out / "one.svg").getroot()
    assert drawn.get("aria-label") == "one, -5.40 kcal/mol"
    assert HAIRPIN in [text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")]


def test_records_of_one_name_each_have_a_file(bianque: Run, tmp_path: Path) -> None:
    path, out = tmp_path / "x.fa", tmp_path / "out"
    path.write_text(f">a/b\n{HAIRPIN}\n>a/b\n{HAIRPIN}\n>..\n{HAIRPIN}\n", "utf-8")
    assert bianque("fold", path, "--out", out).code == 0
    assert sorted(one.name for one in out.iterdir()) == ["a_b.dbn", "a_b_.dbn", "sequence.dbn"]


def test_names_too_long_or_different_only_in_case_each_have_a_file(bianque: Run, tmp_path: Path) -> None:
    path, out = tmp_path / "x.fa", tmp_path / "out"
    path.write_text("".join(f">{name}\n{HAIRPIN}\n" for name in ("染" * 400, "a", "A")), "utf-8")
    assert bianque("fold", path, "--accessibility 4 --out", out).code == 0
    assert sorted(one.name for one in out.glob("*.dbn")) == ["A_.dbn", "a.dbn", "染" * 50 + ".dbn"]


def test_a_name_ends_where_its_line_does(bianque: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.fa"
    path.write_bytes(f">one caf\xe9\x85 a\n{HAIRPIN}\n".encode("latin-1"))
    assert bianque("fold", path).out == f">one\n{HAIRPIN}\n((((....)))) (-5.40)\n"


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


def test_structures_near_the_best_are_listed(bianque: Run, fasta: Path, tmp_path: Path) -> None:
    said = bianque("fold", fasta, "--subopt 2.2")
    assert said.code == 0
    assert said.out == (
        f">one 2 structures\n{HAIRPIN}\n((((....)))) (-5.40)\n(((.....))). (-4.20)\n"
        ">two 1 structure\nGGGGUUUUCCCC\n((((....)))) (-5.90)\n"
    )
    assert "one: 12 nt, -5.40 kcal/mol, 67% paired; 2 structures within 2.2 kcal/mol of the least energy" in said.err
    written = bianque("fold", fasta, "--subopt 2.2 --out", tmp_path / "out")
    assert written.out.count("\n") == 2
    assert (tmp_path / "out" / "one.subopt.dbn").read_text("utf-8") == said.out[: said.out.index(">two")]
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == ["one.subopt.dbn", "two.subopt.dbn"]


def test_what_probing_adds_stands_beside_each_structure(bianque: Run, fasta: Path, tmp_path: Path) -> None:
    shape = tmp_path / "r.tsv"
    shape.write_text("".join(f"{x}\t{2 if 4 < x < 9 else 0}\n" for x in range(1, 13)), "utf-8")
    said = bianque("fold", fasta, "--subopt 2.5 --shape", shape)
    assert "((((....)))) (-5.40) probing -7.20\n" in said.out


def test_a_record_with_too_many_structures_does_not_stop_the_others(bianque: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.fa"
    path.write_text(f">many\n{'GGGAAACCC' * 12}\n>good\n{HAIRPIN}\n", "utf-8")
    said = bianque("fold", path, "--subopt 10")
    assert said.code == 2
    assert said.out.startswith(">good ")
    assert "record 'many' has more structures than 10,000 within 10 kcal/mol of the least energy" in said.err
    assert "give an energy of at most" in said.err


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
        ("--temperature 1e300", "no temperature"),
        ("--threads 0", "--threads"),
        ("--beam -1", "--beam"),
        ("--parameters {fasta}", "is no parameter file"),
        ("--constraint {fasta}", "holds no constraint"),
        ("--subopt -1", "within -1 kcal/mol of the least energy cannot be listed"),
        ("--subopt nan", "within nan kcal/mol"),
        ("--subopt 1e9", "give 0 to 100"),
        ("--subopt many", "--subopt"),
        ("--subopt 1 --eval", "--eval and --subopt exclude each other"),
        ("--subopt 1 --format ct", "--format ct has nothing to write"),
        ("--format ct", "give --out DIR, where files go"),
        ("--eval --shape {fasta}", "--eval folds and writes nothing"),
        ("--beam 5 --pairs", "--beam and --pairs, --mea and --accessibility exclude each other"),
    ],
)
def test_a_bad_option_says_what_to_do(bianque: Run, fasta: Path, options: str, said: str) -> None:
    answer = bianque("fold", fasta, options.format(fasta=fasta))
    assert answer.code == 2
    assert said in answer.err


def test_a_span_beyond_the_sequence_is_no_limit(bianque: Run, fasta: Path) -> None:
    said = bianque("fold", fasta, "--span 99999999999")
    assert said.code == 0
    assert said.out == bianque("fold", fasta).out


def test_a_file_without_sequences_is_refused(bianque: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.fa"
    path.write_text("\n\n", "utf-8")
    assert "holds no sequence" in bianque("fold", path).err
    assert bianque("fold", tmp_path / "none.fa").code == 2


def test_pairs_accuracy_and_accessibility_are_printed_below_the_structure(bianque: Run, fasta: Path) -> None:
    said = bianque("fold", fasta, "--pairs --mea --accessibility 4")
    assert said.code == 0
    assert ">one maximum expected accuracy" in said.out
    assert ">one centroid" in said.out
    assert "3\t10\t0.871235\n" in said.out
    assert "5\tA\t1.000000\n" in said.out
    assert "5\t8\tAAAA\t1\n" in said.out
    assert "one: 12 nt, -5.40 kcal/mol" in said.err
    assert "; ensemble -5.51 kcal/mol, this structure 84% of it; " in said.err


def test_the_ensemble_is_written_to_files_of_its_own_and_into_json_and_svg(
    bianque: Run, fasta: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert bianque("fold", fasta, "--pairs --mea --accessibility 4 --format json,svg --out", out).code == 0
    ends = {"json", "svg", "pairs.tsv", "unpaired.tsv", "accessibility.tsv", "mea.dbn", "centroid.dbn"}
    assert {path.name for path in out.iterdir()} == {f"{name}.{end}" for name in ("one", "two") for end in ends}
    made = json.loads((out / "one.json").read_text("utf-8"))["ensemble"]
    assert made["energy"] == pytest.approx(-5.5074, abs=1e-3)
    assert made["mea"] == made["centroid"] == "((((....))))"
    assert made["pairs"][0] == [3, 10, pytest.approx(0.871235)]
    assert len(made["unpaired"]) == 12
    assert len(made["accessibility"]) == 9


def test_an_ensemble_is_not_asked_for_together_with_one_structure(bianque: Run, fasta: Path) -> None:
    for other in ("--eval", "--subopt 1"):
        said = bianque("fold", fasta, "--pairs", other)
        assert said.code == 2
        assert "--pairs, --mea and --accessibility exclude each other" in said.err


def test_an_ensemble_too_large_for_the_machine_is_refused_before_it_starts(bianque: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.fa"
    path.write_text(">long\n" + "ACGU" * 250_000 + "\n", "utf-8")
    said = bianque("fold", path, "--pairs")
    assert said.code == 2
    assert "the ensemble of 1,000,000 nucleotides needs about 12,004.8 GB of memory" in said.err
    assert "--span" in said.err


def test_suboptimals_too_many_for_the_machine_s_memory_are_refused_before_they_are_looked_for(
    bianque: Run, tmp_path: Path
) -> None:
    path = tmp_path / "x.fa"
    path.write_text(">long\n" + "ACGU" * 250_000 + "\n", "utf-8")
    said = bianque("fold", path, "--subopt 1")
    assert said.code == 2
    assert "folding 1,000,000 nucleotides needs about 4,040.4 GB of memory" in said.err
    assert "--beam" not in said.err
