"""The memory that a fold takes, told before it starts."""

from __future__ import annotations

FOLD_BYTES = 4  # for each (i, j): C and M of 16 bits
WIDE_BYTES = 8  # of 32 bits, for sequences with N and positions forced to pair
SUBOPTIMAL_BYTES = 4  # for each (i, j) beside them: the best with two stems
ENSEMBLE_BYTES = 24  # three doubles
ENSEMBLE_BYTES_PER_POSITION = 4000  # Boltzmann weights by position
PARTNER_BYTES = 4  # for each position of each structure
BEAM_BYTES = 16  # for each state kept at a nucleotide: a row and an energy, of what a pair closes and of multiloops
BEAM_BYTES_PER_POSITION = 200  # beside the states
ROUNDING = 2 * 64  # rows beyond the span: strips and blocks are 64 wide


def memory_needed(
    length: int, span: int = 0, *, beam: int = 0, wide: bool = False, ensemble: bool = False, structures: int = 0
) -> int:
    """Bytes that folding a sequence of this length takes, about.

    beam        states kept at each nucleotide; 0: exact
    wide        for sequences with N and positions forced to pair, which a beam search does not mind
    ensemble    for pair probabilities
    structures  so many suboptimal ones at most
    """
    if beam:
        reach = min(length, span) if span else length
        return (BEAM_BYTES * min(beam, reach) + BEAM_BYTES_PER_POSITION) * length
    half = length * (length + 64) // 2
    cells = min(half, length * (span + ROUNDING)) if span else half
    return _per_cell(wide, ensemble, structures) * cells + _per_position(ensemble, structures) * length


def span_within(memory: float, length: int, *, wide: bool = False, ensemble: bool = False, structures: int = 0) -> int:
    """The largest span with which a sequence of this length folds within so many bytes; below 5 there is none."""
    left = memory - _per_position(ensemble, structures) * length
    return int(left / (_per_cell(wide, ensemble, structures) * length)) - ROUNDING


def beam_within(memory: float, length: int) -> int:
    """The widest beam with which a sequence of this length folds within so many bytes; below 1 there is none."""
    return int((memory / length - BEAM_BYTES_PER_POSITION) / BEAM_BYTES)


def _per_cell(wide: bool, ensemble: bool, structures: int) -> int:
    if ensemble:
        return ENSEMBLE_BYTES
    return (WIDE_BYTES if wide else FOLD_BYTES) + (SUBOPTIMAL_BYTES if structures else 0)


def _per_position(ensemble: bool, structures: int) -> int:
    return PARTNER_BYTES * structures + (ENSEMBLE_BYTES_PER_POSITION if ensemble else 100)
