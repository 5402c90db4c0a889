// What the partition function keeps between tiles, and a thread's working memory.
#pragma once

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "boltzmann.hpp"
#include "partition_tile.hpp"
#include "traceback.hpp"

namespace bianque::rna {

inline double power_of_two(int exponent) { return std::ldexp(1.0, exponent); }

inline void check(double value) {
    if (!std::isfinite(value))
        throw std::overflow_error("the weights of neighbouring structures differ by more than numbers can hold");
}

// Where the tile keeps column c when it is worked on from outside.
inline int outside_slot(int c) { return HALO - 1 + STRIP - 1 - c; }

// The stored tiles of one strip: blocks `low` to `strip`, each in a unit of its own.
struct Stored {
    int low = 0;
    std::vector<int> units;
    Room<double> pairs;    // B; once the outside is known, its derivative
    Room<double> m1, m;    // M one column on, see WeightTile
    Room<double> m2;       // the derivative of M2
    int unit(int block) const { return units[block - low]; }
    bool has(int block) const { return block >= low && block < low + static_cast<int>(units.size()); }
    double* at(const Room<double>& room, int block) const { return room.data() + std::size_t(block - low) * CELLS; }
};

// A thread's working memory.
struct Scratch {
    Room<double> closed, w, w_edges[2], w_beside, m1, m2, m, l, l_edge, carry, suffix;
    std::vector<double> m2_edge;  // M2 of the first row of the block above, from the column before the strip on
    int upper = 0;                // which of the two edges of W is that of the block before

    Scratch()
        : closed(ARRAYS * SLOTS * TILE_ROWS + PAD),
          w(SIZES * W_ROWS + PAD),
          w_beside((STRIP + 1) * SIZES),
          m1((STRIP + 1) * BLOCK),
          m2((STRIP + 1) * M2_STRIDE + PAD),
          m((STRIP + 1) * BLOCK),
          l(CELLS),
          l_edge(STRIP),
          carry(BLOCK),
          suffix(STRIP),
          m2_edge(STRIP + 1) {
        for (Room<double>& edge : w_edges) edge = Room<double>((STRIP + 1) * SIZES);
    }
    void clear() {
        for (Room<double>* values : {&closed, &w, &w_edges[0], &w_edges[1], &m1, &m2, &m, &l, &l_edge, &carry})
            values->fill(0);
        std::fill(m2_edge.begin(), m2_edge.end(), 0);
    }
    void open(WeightTile& tile, int halo_before) {
        for (int x = 0; x < ARRAYS; ++x) tile.closed[x] = closed.data() + x * SLOTS * TILE_ROWS + halo_before;
        tile.w = w.data() + 8;
        tile.w_beside = w_beside.data();
        tile.m1 = m1.data();
        tile.m2 = m2.data();
        tile.m = m.data();
        tile.l = l.data();
        tile.l_edge = l_edge.data();
        tile.m_carry = carry.data();
        tile.suffix = suffix.data();
    }
};

inline void scaled(const double* from, double* to, int count, double factor) {
    for (int x = 0; x < count; ++x) to[x] = from[x] * factor;
}

inline double largest(const double* values, int count, double so_far) {
    for (int x = 0; x < count; ++x) so_far = values[x] > so_far || values[x] != values[x] ? values[x] : so_far;
    return so_far;
}

}  // namespace bianque::rna
