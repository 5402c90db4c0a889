// The structure of maximum expected accuracy, from base-pair probabilities.
#pragma once

#include <cstdint>
#include <vector>

#include "mfe.hpp"

namespace bianque::rna {

// What each pair and each unpaired nucleotide is worth; a structure is worth the sum.
struct Worth {
    std::vector<int32_t> first, second;
    std::vector<double> pair;
    std::vector<double> unpaired;
};

// The partner of each position, -1: unpaired, in the structure worth most.
std::vector<int32_t> most_worth(const Worth& worth, const Progress& progress);

}  // namespace bianque::rna
