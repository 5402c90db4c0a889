// The ensemble of all structures of one sequence: partition function, base-pair probabilities, unpaired stretches.
#pragma once

#include <cstdint>
#include <vector>

#include "mfe.hpp"

namespace bianque::rna {

struct EnsembleProblem {
    Problem problem;            // pair_bonus is not used
    std::vector<uint8_t> must;  // positions that have to pair; empty: none
    double kt = 0;              // dcal/mol
    double cutoff = 0;          // pairs less probable are left out of the list
    int stretch = 0;            // length of the stretches whose probability to be unpaired is asked for; 0: none
};

struct Ensemble {
    double log_weight = 0;                // natural logarithm of the partition function
    std::vector<int32_t> first, second;   // pairs, by their second position, then by their first
    std::vector<double> probability;
    std::vector<double> paired;           // of each position
    std::vector<double> unpaired_stretch; // of the stretch that starts at each position
};

// The longest stretch that can be asked for.
constexpr int LONGEST_STRETCH = 64;

// Throws std::domain_error where no structure meets the constraints, std::overflow_error where weights leave what doubles
// hold.
Ensemble ensemble(const EnsembleProblem& asked, Instructions instructions, const Progress& progress);

}  // namespace bianque::rna
