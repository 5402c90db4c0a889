"""RNA secondary structure: exact minimum free energy or beam search, pair probabilities, energies of structures.

>>> from bianque.treat import rna
>>> f = rna.fold("GGGGAAAACCCC")
>>> f.energy, f.structure
(-5.4, '((((....))))')
"""

from bianque.treat.rna.drawing import Picture, arc_diagram, circle_plot, mountain_plot
from bianque.treat.rna.energy import Loop, evaluate
from bianque.treat.rna.fasta import read_records
from bianque.treat.rna.folding import Cancelled, Fold, fold, instructions
from bianque.treat.rna.memory import beam_within, memory_needed, span_within
from bianque.treat.rna.parameters import Parameters, read_parameters, turner_2004
from bianque.treat.rna.partition import LONGEST_STRETCH, Ensemble, ensemble, expected_accuracy
from bianque.treat.rna.sequence import Record
from bianque.treat.rna.structure import Partners, dot_bracket, pairs_of, partners_of
from bianque.treat.rna.suboptimal import MOST_STRUCTURES, suboptimals

__all__ = [
    "LONGEST_STRETCH",
    "MOST_STRUCTURES",
    "Cancelled",
    "Ensemble",
    "Fold",
    "Loop",
    "Parameters",
    "Partners",
    "Picture",
    "Record",
    "arc_diagram",
    "beam_within",
    "circle_plot",
    "dot_bracket",
    "ensemble",
    "evaluate",
    "expected_accuracy",
    "fold",
    "instructions",
    "memory_needed",
    "mountain_plot",
    "pairs_of",
    "partners_of",
    "read_parameters",
    "read_records",
    "span_within",
    "suboptimals",
    "turner_2004",
]
