// Every structure whose energy is within a given distance of the least.
//
// Wuchty, Fontana, Hofacker and Schuster 1999, Biopolymers 49:145.
#pragma once

#include <cstdint>
#include <vector>

#include "mfe.hpp"

namespace bianque::rna {

struct Suboptimals {
    std::vector<int32_t> energies;  // dcal/mol, bonuses included, in no order
    std::vector<int32_t> partners;  // per structure, each position's partner or -1
    int64_t count = 0;              // of structures within `reach`
    int32_t reach = 0;              // dcal/mol above the least energy; -1: even those of the least energy are too many
};

// All structures within `within` dcal/mol of the least energy, each once. Where there are more than `most`, none is
// given, and `reach` is the largest distance within which there are no more than `most`. A structure that leaves a
// position with a pair bonus unpaired does not count; where that of least energy does, it is given alone, with a count
// of 0.
Suboptimals suboptimals(const Problem& problem, int32_t within, int64_t most, Instructions instructions,
                        const Progress& progress);

}  // namespace bianque::rna
