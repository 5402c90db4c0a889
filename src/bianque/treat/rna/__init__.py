"""RNA secondary structure: exact minimum free energy or beam search, and the energy of any structure, loop by loop.

>>> from bianque.treat import rna
>>> f = rna.fold("GGGGAAAACCCC")
>>> f.energy, f.structure
(-5.4, '((((....))))')
"""

from bianque.treat.rna.energy import Loop, evaluate
from bianque.treat.rna.fasta import read_records
from bianque.treat.rna.folding import Fold, beam_within, fold, instructions, memory_needed, span_within
from bianque.treat.rna.parameters import Parameters, read_parameters, turner_2004
from bianque.treat.rna.sequence import Record
from bianque.treat.rna.structure import dot_bracket, pairs_of, partners_of

__all__ = [
    "Fold",
    "Loop",
    "Parameters",
    "Record",
    "beam_within",
    "dot_bracket",
    "evaluate",
    "fold",
    "instructions",
    "memory_needed",
    "pairs_of",
    "partners_of",
    "read_parameters",
    "read_records",
    "span_within",
    "turner_2004",
]
