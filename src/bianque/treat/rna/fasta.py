"""Records of FASTA and dot-bracket files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bianque.treat.rna.sequence import Record

STRUCTURE = set("().,[]{}<>")


def read_records(lines: Iterable[str], file: str) -> Iterator[Record]:
    """The records of a FASTA file, or of one with a structure under each sequence.

    A file without any header holds one sequence a line. Blank lines and line ends of any system are fine; an energy
    after a structure is passed over.

    lines     text lines
    file      what to call the file in `Record.where`
    """
    name, first_line, structure = "", 0, ""
    sequence: list[str] = []
    headed = False
    count = 0

    def made(line: int) -> Record:
        where = f"{file}, line {line}, record {name!r}" if headed else f"{file}, line {line}"
        # A name goes to terminals and into files: what cannot be printed would do something there.
        shown = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name)
        return Record(shown or f"sequence{count}", "".join(sequence), structure, where)

    for number, raw in enumerate(lines, start=1):
        line = raw.strip().lstrip("\ufeff")
        if not line or line.startswith(";"):
            continue
        if line.startswith(">"):
            if headed or sequence:
                yield made(first_line)
            headed, count = True, count + 1
            words = line[1:].split()
            name, first_line, sequence, structure = (words[0] if words else f"sequence{count}"), number, [], ""
        elif set(line.split()[0]) <= STRUCTURE:
            structure += line.split()[0]
        elif headed:
            sequence.append("".join(line.split()))
        else:
            if sequence:
                yield made(first_line)
            count += 1
            name, first_line, sequence, structure = f"sequence{count}", number, ["".join(line.split())], ""
    if headed or sequence:
        yield made(first_line)
