// Energy of a given structure, loop by loop.
#pragma once

#include <vector>

#include "model.hpp"

namespace bianque::rna {

enum class LoopKind : int32_t { exterior, hairpin, interior, multi };

struct Loop {
    LoopKind kind;
    int i, j;      // the closing pair; -1, -1 for the exterior loop
    int k, l;      // the inner pair of a stack, bulge or interior loop; -1, -1 for others
    int32_t energy;
};

// `partner` holds each position's partner or -1, without pseudoknots and with at least three nucleotides in a hairpin.
std::vector<Loop> evaluate(const Model& model, const std::vector<uint8_t>& bases, const std::vector<int32_t>& partner);

}  // namespace bianque::rna
