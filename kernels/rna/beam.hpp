// A structure of low energy in linear time and memory: a heuristic, for sequences too long to fold exactly.
//
// After Huang et al. 2019, Bioinformatics 35:i295: nucleotides are taken from 5' to 3', and of what may end at each
// only the best few are kept, by their energy and that of the best structure before them.
#pragma once

#include <vector>

#include "mfe.hpp"

namespace bianque::rna {

// Something that ends at a known column: its first nucleotide and the energy of what is from there to the column.
struct BeamState {
    int32_t row, energy;
};

// What the filling keeps, by column; rows from high to low.
struct Beams {
    // C[i,j]: closed by the pair (i, j). M[i,j]: a multiloop's part whose first stem begins at i; what follows the last
    // one is unpaired.
    std::vector<std::vector<BeamState>> closed, multi;
    std::vector<int32_t> prefix;  // best energy found of the first x nucleotides
    int64_t candidates = 0;       // see Fold
};

// Keeps at most `width` states of a kind at each nucleotide. Exact where the width is at least the length.
Fold fold_beam(const Problem& problem, int width, Instructions instructions, const Progress& progress);

// The structure that the best prefix of all nucleotides stands for; false where the beams hold none.
bool trace(const Problem& problem, const Beams& beams, std::vector<int32_t>& partner);

}  // namespace bianque::rna
