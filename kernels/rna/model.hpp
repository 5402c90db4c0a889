// The nearest-neighbour model: energies of loops in dcal/mol, as tables over pair types and nucleotides.
//
// Turner and Mathews 2010, Nucleic Acids Res 38:D280 (NNDB); the rules of the loops are theirs.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace bianque::rna {

using std::int32_t;
using std::int64_t;
using std::uint8_t;

// Larger than any energy; ten of them still fit into 32 bits.
constexpr int32_t INF = 1 << 27;
constexpr int MAX_LOOP = 30;     // unpaired nucleotides in an interior loop
constexpr int MIN_HAIRPIN = 3;   // unpaired nucleotides in a hairpin loop
constexpr int TYPES = 7;         // CG GC GU UG AU UA and any other pair, which is evaluated but never predicted
constexpr int OTHER_PAIR = 6;
constexpr int BASES = 5;         // A C G U and N
constexpr int N = 4;

inline bool finite(int64_t energy) { return energy < INF / 2; }

// Pair type of two nucleotides; OTHER_PAIR where they do not pair.
inline int pair_type(int five, int three) {
    constexpr uint8_t type[BASES][BASES] = {
        {6, 6, 6, 4, 6},  // A: AU
        {6, 6, 0, 6, 6},  // C: CG
        {6, 1, 6, 2, 6},  // G: GC GU
        {5, 6, 3, 6, 6},  // U: UA UG
        {6, 6, 6, 6, 6},
    };
    return type[five][three];
}

struct Model {
    using Mismatch = std::array<std::array<std::array<int32_t, BASES>, BASES>, TYPES>;  // type, 3' of i, 5' of j

    int32_t stack[TYPES][TYPES];
    Mismatch mismatch_hairpin, mismatch_interior, mismatch_interior_1n, mismatch_interior_23;
    Mismatch mismatch_multi, mismatch_exterior;  // type, 5' neighbour, 3' neighbour; zero where ends do not dangle
    int32_t dangle5[TYPES][BASES], dangle3[TYPES][BASES];
    int32_t int11[TYPES][TYPES][BASES][BASES];
    int32_t int21[TYPES][TYPES][BASES][BASES][BASES];
    int32_t int22[TYPES][TYPES][BASES][BASES][BASES][BASES];
    int32_t hairpin[MAX_LOOP + 1], bulge[MAX_LOOP + 1], interior[MAX_LOOP + 1];
    int32_t ninio, ninio_max;
    int32_t multi_base, multi_closing, multi_stem;
    int32_t terminal_au;
    double log_extrapolation;
    std::unordered_map<std::string, int32_t> special_hairpins;  // the loop with its closing pair, in letters

    int32_t end_penalty(int type) const { return type > 1 ? terminal_au : 0; }

    int32_t loop_size(const int32_t* table, int unpaired) const {
        if (unpaired <= MAX_LOOP) return table[unpaired];
        return table[MAX_LOOP] + static_cast<int32_t>(log_extrapolation * std::log(unpaired / double(MAX_LOOP)));
    }

    // Energy of the hairpin closed by (i, j) of `s`.
    int32_t hairpin_energy(const uint8_t* s, int i, int j) const;

    // Energy of the stack, bulge or interior loop between (i, j) and the inner pair (k, l).
    int32_t interior_energy(const uint8_t* s, int i, int j, int k, int l) const;

    // A stem in a multiloop, its neighbours on the 5' and the 3' side.
    int32_t multi_stem_energy(int type, int five, int three) const {
        return mismatch_multi[type][five][three] + end_penalty(type) + multi_stem;
    }

    // A stem in the exterior loop of a sequence of n nucleotides.
    int32_t exterior_stem_energy(const uint8_t* s, int n, int i, int j) const {
        const int type = pair_type(s[i], s[j]);
        int32_t energy = end_penalty(type);
        if (i > 0 && j + 1 < n) return energy + mismatch_exterior[type][s[i - 1]][s[j + 1]];
        if (i > 0) energy += dangle5[type][s[i - 1]];
        if (j + 1 < n) energy += dangle3[type][s[j + 1]];
        return energy;
    }
};

}  // namespace bianque::rna
