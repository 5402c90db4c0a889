// What one tile of the partition function works on: plain memory, so that the vectorised part can be compiled once per
// instruction set without a template of the standard library in it.
//
// Inside: let B[i,j] be the sum of the Boltzmann weights of all structures of i..j closed by the pair (i, j), M1[i,j]
// that of a multiloop's part with exactly one stem, which starts at i, L[i,j] = M1[i,j] + u L[i+1,j] with unpaired
// nucleotides before it, M2[i,j] = sum over k of M[i,k-1] M1[k,j] with at least two stems, M = L + M2.
// Outside: the derivatives of the whole sum with respect to each of these, from the longest intervals to the shortest.
// B times its derivative, over the whole sum, is the probability of the pair (McCaskill 1990, Biopolymers 29:1105).
//
// Both directions look alike: the cell (i, j) gathers from cells a rows and b columns further in, or further out. One
// code with a SIGN serves both; columns are kept in the order in which they are worked on.
//
// A tile's values are kept as doubles times a power of two of the tile's own, so that nothing overflows however long
// the sequence is.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sweep.hpp"

namespace bianque::rna {

// Tables expanded over rows: [key of the column's nucleotides][row].
enum Expanded {
    STACK,          // s[i], s[i+1]; s[j], s[j'], for j' = j - 1 or j - 2
    STACK_BULGED,   // s[i], s[i+2]; s[j], s[j-1]
    HAIRPIN, CLOSING,
    OUTER, OUTER_1N, OUTER_23, OUTER_END,  // the closing pair's part in an interior loop
    INNER, INNER_1N, INNER_23, INNER_END,  // the inner pair's
    STEM,
    EXTERIOR,
    EXPANDED
};
enum Runs { INT11, INT21_LEFT, INT21_RIGHT, INT22, RUNS };  // small loops by all their nucleotides: [column key][row key]

struct Weights {
    const double* expanded[EXPANDED];
    std::size_t stride;                 // of a key
    const double* runs[RUNS];
    int run3, run4;                     // number of row keys of three, of four nucleotides
    const int32_t *i012, *i0123;        // row keys
    const double* stack_bonus;          // of s[i] and s[i+1]
    const double* hairpin;              // by size; index i - j
    const double* unpaired;             // in a multiloop, by row
    const double* layer;                // see Rows
    const double* free_after[MAX_LOOP + 1];   // 1 where i+1 .. i+a may be unpaired
    const double* free_before[MAX_LOOP + 1];  // 1 where i-a .. i-1 may
    double bulge[MAX_LOOP + 1], interior[MAX_LOOP + 1], asymmetry[MAX_LOOP + 1], one_n[MAX_LOOP + 1];
    double size_23, bulge1;
};

struct WeightColumn {
    int32_t j1, j2, inner, exterior;    // keys: s[j] s[j-1]; s[j] s[j-2]; s[j] s[j+1]; the same with the end
    int32_t j012, j0123;
    int32_t run_before, run_after;      // how many nucleotides before, after j may be unpaired, at most MAX_LOOP
    int32_t last_must;                  // the last position before j that must pair, or -1
    double stack_bonus, layer, unpaired;
    double near[NEAR];                  // weights of the hairpins (j - 4 - x, j)
};

constexpr int CELLS = STRIP * BLOCK;    // of a stored tile: column by column
constexpr int TILE_ROWS = HALO + BLOCK + 8;
constexpr int M2_STRIDE = BLOCK + 8;    // a column of M2 with the row above the block
constexpr int W_ROWS = 8 + BLOCK + 8;

struct WeightTile {
    const Weights* weights;
    const WeightColumn* keys;           // per column of the strip
    int first_column, columns, first_row, span;
    bool diagonal, constrained, limited;
    double nothing;                     // the weight of nothing folded, 1, in the tile's unit

    double* closed[ARRAYS];             // [SLOTS][TILE_ROWS]: B, and with the four ends of an interior loop
    double* w;                          // [SIZES][W_ROWS], row 0 at 8: sums of interior loops per size
    const double* w_beside;             // [STRIP + 1][SIZES]: W of the row beside the block, before each column
    double* w_edge;                     // the same for the block to come
    double* m1;                         // [STRIP + 1][BLOCK], the first for the column before the strip's first
    double* m2;                         // [STRIP + 1][M2_STRIDE]; outside: its derivative, [STRIP][BLOCK]
    double* m;                          // [STRIP + 1][BLOCK]: M one column on: M[i,k-1] at k; outside: its derivative
    double* l_edge;                     // [STRIP]: L of the row beside the block; on return of the block's last row
    const double *m_block, *m1_strip;   // M (outside: turned) of the block's own diagonal tile, M1 of the strip's
    double block_scale, strip_scale;    // their units
    // Outside only:
    const double *prefix;               // weights of the nucleotides before each row of the block, in the tile's unit
    const double *suffix;               // [STRIP]: weights of those after each column, in the tile's unit
    const double* m_carry;              // [BLOCK]: M's derivative in the strip's last column
    double *l;                          // [STRIP][BLOCK]: L's derivative
};

struct PartitionSweep {
    void (*inside)(WeightTile&);
    void (*outside)(WeightTile&);
    // Ends of interior loops for `count` rows of one column; `key` is the column's.
    void (*derive_inside)(const Weights&, const WeightColumn& key, int row, int count, double* const* closed);
    void (*derive_outside)(const Weights&, const WeightColumn& key, int row, int count, double* const* closed);
    // c += scale a b, and c += scale a b', for tiles of BLOCK by BLOCK; c's columns are `stride` apart.
    void (*multiply)(const double* a, const double* b, double scale, double* c, int stride);
    void (*multiply_turned)(const double* a, const double* b, double scale, double* c, int stride);
};

const PartitionSweep& portable_partition();
const PartitionSweep& avx2_partition();
const PartitionSweep& avx512_partition();

}  // namespace bianque::rna
