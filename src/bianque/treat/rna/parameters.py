"""Energy parameters of the nearest-neighbour model: our Turner 2004 table, or a user's file in the same format.

The format is that of RNAfold parameter files 2.0: sections headed by `# name`, comments between /* and */, numbers in
dcal/mol; nucleotides in the order N A C G U, pairs in the order CG GC GU UG AU UA and any other. A section that a file
leaves out keeps Turner 2004's values.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from bianque import _kernels
from bianque.model.errors import BadInput

Table = NDArray[np.int32]

INFINITE = 1 << 27  # as in kernels/rna/model.hpp
LARGEST = 20_000  # dcal/mol: beyond it sums over a genome would leave 32 bits
IMPOSSIBLE = 1_000_000  # dcal/mol, from which on a file means that there is no such loop
ZERO_CELSIUS = 273.15  # K
MEASURED_AT = 37.0  # °C
HOTTEST = 200.0  # °C: far beyond any structure, and within what energies of 32 bits can be moved to
DANGLES = (0, 2)

# Section → shape of its tables; how many of the last axes run over nucleotides.
SHAPES: dict[str, tuple[tuple[int, ...], int]] = {
    "stack": ((7, 7), 0),
    "mismatch_hairpin": ((7, 5, 5), 2),
    "mismatch_interior": ((7, 5, 5), 2),
    "mismatch_interior_1n": ((7, 5, 5), 2),
    "mismatch_interior_23": ((7, 5, 5), 2),
    "mismatch_multi": ((7, 5, 5), 2),
    "mismatch_exterior": ((7, 5, 5), 2),
    "dangle5": ((7, 5), 1),
    "dangle3": ((7, 5), 1),
    "int11": ((7, 7, 5, 5), 2),
    "int21": ((7, 7, 5, 5, 5), 3),
    "int22": ((6, 6, 4, 4, 4, 4), 4),
    "hairpin": ((31,), 0),
    "bulge": ((31,), 0),
    "interior": ((31,), 0),
}
NUMBERS = {"ML_params": 6, "NINIO": 3, "Misc": 6}
SPECIAL = {"Hexaloops": 8, "Tetraloops": 6, "Triloops": 5}  # letters of the loop with its closing pair
NAMED = {"INF": INFINITE, "DEF": -50, "MAX": INFINITE, "NST": 0}  # numbers the format writes as words
DANGLING = ("mismatch_multi", "mismatch_exterior", "dangle5", "dangle3")


_Made = tuple[_kernels.rna.Model, float]  # and the most that a structure earns for each nucleotide


@dataclass(frozen=True)
class Parameters:
    """One set of parameters at 37 °C with the enthalpies that carry it to other temperatures.

    tables      section → energies and enthalpies, dcal/mol; nucleotides A C G U N, pairs CG GC GU UG AU UA other
    numbers     the values of ML_params, NINIO and Misc
    hairpins    special hairpin loop, with its closing pair → energy and enthalpy of the whole loop
    """

    name: str
    tables: dict[str, tuple[Table, Table]]
    numbers: dict[str, tuple[float, ...]]
    hairpins: dict[str, tuple[int, int]]
    _made: dict[tuple[float, int], _Made] = field(default_factory=dict, init=False, repr=False)

    def at(self, temperature: float = MEASURED_AT, dangles: int = 2) -> _kernels.rna.Model:
        """The kernel's model at a temperature in °C.

        dangles   2: unpaired neighbours of a stem in a multiloop or the exterior loop add their energy, always;
                  0: never
        raises    BadInput  for a temperature at or below 0 K or beyond 200 °C, or other dangles
        """
        return self._at(temperature, dangles)[0]

    def earned_at_most(self, temperature: float = MEASURED_AT, dangles: int = 2) -> float:
        """The most that a structure earns for each nucleotide, dcal/mol; see `at`."""
        return self._at(temperature, dangles)[1]

    def _at(self, temperature: float, dangles: int) -> tuple[_kernels.rna.Model, float]:
        if not -ZERO_CELSIUS < temperature <= HOTTEST:
            raise BadInput(f"{temperature} °C is no temperature", remedy="give degrees Celsius, for example 37")
        if dangles not in DANGLES:
            raise BadInput(f"dangles {dangles} are not known", remedy="use 2 (stems feel their neighbours) or 0 (none)")
        key = (float(temperature), dangles)
        if key not in self._made:
            self._made[key] = self._model(*key)
        return self._made[key]

    def _model(self, temperature: float, dangles: int) -> tuple[_kernels.rna.Model, float]:
        scale = (temperature + ZERO_CELSIUS) / (MEASURED_AT + ZERO_CELSIUS)

        def scaled(energy: Table, enthalpy: Table) -> Table:
            # Gibbs: G(T) = H - (H - G(37)) T / 310.15, cut to whole dcal/mol as the reference does.
            moved = np.trunc(enthalpy - (enthalpy - energy.astype(np.float64)) * scale)
            return np.where(energy >= INFINITE, INFINITE, moved).astype(np.int32)

        def number(section: str, at: int) -> Table:
            energy, enthalpy = (np.array([x], np.int32) for x in self.numbers[section][at : at + 2])
            return scaled(energy, enthalpy)

        tables = {name: scaled(*pair) for name, pair in self.tables.items()}
        for name in DANGLING:  # a neighbour never costs anything
            tables[name] = np.minimum(tables[name], 0) if dangles else np.zeros_like(tables[name])
        tables["ninio"] = number("NINIO", 0)
        tables["ninio_max"] = np.array([self.numbers["NINIO"][2]], np.int32)
        tables["multi_base"] = number("ML_params", 0)
        tables["multi_closing"] = number("ML_params", 2)
        tables["multi_stem"] = number("ML_params", 4)
        tables["terminal_au"] = number("Misc", 2)
        hairpins = {
            loop: int(scaled(np.array([energy], np.int32), np.array([enthalpy], np.int32))[0])
            for loop, (energy, enthalpy) in self.hairpins.items()
        }
        return _kernels.rna.Model(tables, hairpins, self.numbers["Misc"][4] * scale), _earned(tables, hairpins)


def _earned(tables: dict[str, Table], hairpins: dict[str, int]) -> float:
    """The most that a loop earns for each of its nucleotides, its inner pairs counted with it, dcal/mol."""
    least = {name: min(0, int(table.min())) for name, table in tables.items()}
    mismatch = min(least[f"mismatch_interior{kind}"] for kind in ("", "_1n", "_23"))
    in_multiloop = least["multi_stem"] + least["multi_closing"] + least["mismatch_multi"]
    outside = min(least["mismatch_exterior"], least["dangle5"] + least["dangle3"])
    of_two = min(least["stack"], least["terminal_au"] + min(in_multiloop, outside))
    of_three = [least["bulge"] + least["stack"] + 2 * least["terminal_au"]]
    of_three += [least["interior"] + least["ninio"] + 2 * mismatch]
    of_three += [least[name] for name in ("int11", "int21", "int22")]
    of_five = min([least["hairpin"] + least["mismatch_hairpin"] + least["terminal_au"], *hairpins.values()])
    return max(-of_two / 2, -min(of_three) / 3, -of_five / 5, -float(least["multi_base"]))


@cache
def turner_2004() -> Parameters:
    """Turner 2004 (NNDB; Turner and Mathews 2010, Nucleic Acids Res 38:D280), which folds use unless told otherwise."""
    text = resources.files("bianque.treat.rna").joinpath("turner2004.par").read_text("utf-8")
    return _parsed(text, "Turner 2004", None)


def read_parameters(text: str, name: str) -> Parameters:
    """A user's parameter file.

    text      the file's content
    name      what the parameters are called where a result names its method; in errors, the file
    raises    BadInput  with section and remedy
    """
    return _parsed(text, name, turner_2004())


def _parsed(text: str, name: str, default: Parameters | None) -> Parameters:
    sections = _tokens(text, name)
    tables = dict(default.tables) if default else {}
    numbers = dict(default.numbers) if default else {}
    hairpins = dict(default.hairpins) if default else {}
    for section, (shape, nucleotides) in SHAPES.items():
        given = [sections.get(section), sections.get(f"{section}_enthalpies")]
        if given == [None, None]:
            continue
        pair = [
            _table(tokens, shape, nucleotides, f"{name}: section {section}") if tokens is not None else None
            for tokens in given
        ]
        old = tables.get(section)
        energy, enthalpy = (new if new is not None else old[x] if old else None for x, new in enumerate(pair))
        if energy is None or enthalpy is None:
            raise BadInput(f"{name}: section {section} has no counterpart of energies and enthalpies")
        tables[section] = energy, enthalpy
    for section, count in NUMBERS.items():
        if section in sections:
            numbers[section] = tuple(_number(token, f"{name}: section {section}") for token in sections[section])
            if len(numbers[section]) < count:
                raise BadInput(f"{name}: section {section} has {len(numbers[section])} numbers, {count} are needed")
    if any(section in sections for section in SPECIAL):
        hairpins = {}
    for section, letters in SPECIAL.items():
        tokens = sections.get(section, [])
        for at in range(0, len(tokens), 3):
            loop, *values = tokens[at : at + 3]
            if len(loop) != letters or set(loop) - set("ACGU") or len(values) != 2:
                remedy = f"each line is a loop of {letters} letters with its closing pair, its energy and enthalpy"
                raise BadInput(f"{name}: section {section}: {' '.join(tokens[at : at + 3])!r}", remedy=remedy)
            energy_37, enthalpy_37 = (int(_number(token, f"{name}: section {section}")) for token in values)
            hairpins[loop] = energy_37, enthalpy_37
    return Parameters(name, tables, numbers, hairpins)


def _tokens(text: str, name: str) -> dict[str, list[str]]:
    first, _, rest = text.partition("\n")
    if not first.startswith("## RNAfold parameter file v2.0"):
        remedy = "its first line must be '## RNAfold parameter file v2.0'; older files can be converted by their makers"
        raise BadInput(f"{name} is no parameter file", remedy=remedy)
    sections: dict[str, list[str]] = {}
    section = ""
    for line in re.sub(r"/\*.*?\*/", " ", rest, flags=re.DOTALL).splitlines():
        if line.startswith("#"):
            section = line.lstrip("# ").strip().replace("internal", "interior")
            if section == "END":
                break
            sections[section] = []
        elif line.strip():
            if not section:
                raise BadInput(f"{name}: {line.strip()!r} stands before the first section")
            sections[section] += line.split()
    return sections


def _number(token: str, where: str) -> float:
    try:
        value = NAMED[token] if token in NAMED else float(token)
    except ValueError as cause:
        raise BadInput(f"{where}: {token!r} is no number") from cause
    if not value >= -LARGEST or LARGEST < value < IMPOSSIBLE:
        remedy = f"energies lie between -{LARGEST:,} and {LARGEST:,} dcal/mol; from {IMPOSSIBLE:,} on a loop cannot be"
        raise BadInput(f"{where}: {token} is no energy of a loop", remedy=remedy)
    return min(value, INFINITE)


def _table(tokens: list[str], shape: tuple[int, ...], nucleotides: int, where: str) -> Table:
    """Tokens as an array with nucleotides in our order, and pairs and N that the file leaves out filled in."""
    needed = int(np.prod(shape))
    if len(tokens) != needed:
        raise BadInput(f"{where} has {len(tokens)} numbers, {needed} are needed")
    numbers = [_number(token, where) for token in tokens]
    values = np.array(numbers).reshape(shape)
    values = np.where(values >= IMPOSSIBLE, INFINITE, values).astype(np.int32)
    axes = range(len(shape) - nucleotides, len(shape))
    if shape[-1] == 5:
        for axis in axes:
            values = np.roll(values, -1, axis)  # N A C G U → A C G U N
    if shape[0] == 6:  # only canonical pairs of known nucleotides: the rest has the least favourable value
        for axis in range(len(shape)):
            values = np.concatenate([values, values.max(axis=axis, keepdims=True)], axis)
    return np.ascontiguousarray(values)
