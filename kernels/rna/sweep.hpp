// What the sweep over the dynamic programme's cells works on: plain memory, so that the vectorised part can be
// compiled once per instruction set without a template of the standard library in it.
//
// Let C[i,j] be the best energy of i..j closed by the pair (i, j), M[i,j] that of a multiloop's part with at least one
// stem, M2[i,j] with at least two. For fixed j every C[i,j] depends on earlier columns only, so a column is a vector
// over i. Columns are taken in strips, rows in blocks, from high i to low i, so that what a tile touches stays in the
// caches.
//
// Energies of a tile are kept as 16-bit differences to the tile's base: twice as many fit a vector and a cache. Where
// that is not exact, which the sweep notices, the fold is done again with 32 bits (and bases of zero).
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "model.hpp"

namespace bianque::rna {

constexpr int STRIP = 64;        // columns worked on together
constexpr int BLOCK = 64;        // rows worked on together
constexpr int MACRO = 512;       // rows for which the candidates of a strip are applied together
constexpr int HALO = 32;         // rows above a block, and columns before a strip, that an interior loop reaches
constexpr int WIDEST = 32;       // lanes of the widest vector
constexpr int ROWS = BLOCK + HALO + WIDEST;
constexpr int M2_ROWS = BLOCK + WIDEST;  // one block's M2, with the row above it
constexpr int SLOTS = HALO - 1 + STRIP;   // columns of C that a strip sees
constexpr int ARRAYS = 5;                 // C, and with the four ends an interior loop may give it
constexpr int FIRST_SIZE = 4;             // W is kept for 4 to MAX_LOOP unpaired nucleotides
constexpr int SIZES = MAX_LOOP - FIRST_SIZE + 1;
constexpr int NEAR = 4;                   // hairpins of 3 to 6 nucleotides, which may be special
constexpr int PAD = 128;                  // readable entries before and after every array over rows

// What a number of T may be. From LIMIT on it means "not possible"; below FLOOR it may have been cut off.
template <class T>
struct Range;
template <>
struct Range<int16_t> {
    static constexpr int16_t INFINITE = 32767, LIMIT = 29000, FLOOR = -31000;
    static constexpr int32_t START = 8000;  // a tile's base lies this much above its first known M
};
template <>
struct Range<int32_t> {
    static constexpr int32_t INFINITE = INF, LIMIT = INF / 2, FLOOR = -INF, START = 0;
};

// A table's entries: for 16-bit lanes sixteen low bytes and sixteen high bytes, which a byte shuffle looks up; for
// 32-bit lanes plain numbers, which a gather does.
template <class T>
using Entry = std::conditional_t<sizeof(T) == 2, uint8_t, int32_t>;

// Nucleotides of the row as an index into a table. A byte shuffle wants the index in the low byte for the table's low
// half, and in the high byte for the other.
template <class T>
struct RowIndex {
    const T *low, *high;
};

// Energies by nucleotides. Outer tables: row s[j], s[j']; entry s[i], s[i']. Inner tables: row s[l], s[l+1]; entry
// s[k], s[k-1].
template <class T>
struct Tables {
    const Entry<T>*forbidden, *stack, *hairpin, *interior, *interior_1n, *interior_23, *end, *closing;
    const Entry<T>*inner, *inner_1n, *inner_23, *inner_end, *stem, *exterior;
    const Entry<T>*int11, *int21_left, *int21_right, *int22;
    T bulge[MAX_LOOP + 1][WIDEST], interior_n[MAX_LOOP + 1][WIDEST], one_n[MAX_LOOP + 1][WIDEST];
    T asymmetry[MAX_LOOP + 1][WIDEST];
    T size_23, bulge1, ninio, multi_base;
};

struct Candidate {
    int32_t row;     // k
    int32_t energy;  // C[k,j] and its stem
};

// One column's stored M and C, differences to the base of their block; at row 0, though only rows from the strip's
// first one on exist.
template <class T>
struct Column {
    T *m, *c;
    const int32_t* base;  // at block 0
};

// Row-indexed constants of the sequence; index 0 is row 0.
template <class T>
struct Rows {
    RowIndex<T> i01, i02, im;  // nucleotides at i and i+1, i and i+2, i and i-1
    RowIndex<T> i012, i0123;   // for small interior loops
    const T *upper0, *upper3;  // -1 where s[i], s[i+3] is G or U
    const T *layer, *pair_bonus, *stack_bonus;
    const T* hairpin;  // energy by size, at 0: j - i = 0; index i - j
    const T* span;     // INFINITE where too near or beyond the span, else the least number; index i - j
};

// One column's constants.
struct ColumnKeys {
    int32_t j1, j2, inner;              // rows of the tables: s[j] s[j-1]; s[j] s[j-2]; s[j] s[j+1]
    int32_t j012, j0123;
    int32_t layer, pair_bonus, stack_bonus;
    int32_t near[NEAR];                 // hairpin energies of (j - 4 - x, j)
};

// The part of a strip that a block reads and writes. Index 0 of rows is the block's first row.
template <class T>
struct Tile {
    const Tables<T>* tables;
    Rows<T> rows;
    const ColumnKeys* keys;   // per column of the strip
    int first_column, columns, first_row;
    int32_t base;
    bool limited, constrained, shaped;  // limited: some pairs are too near, or beyond the span

    T* closed[ARRAYS];        // [SLOTS][ROWS] each
    T* w;                     // [SIZES][ROWS]: best of W per size, as of the previous column
    const T* w_above;         // [STRIP + 1][SIZES]: W at the row above the block, before each column
    T* w_below;               // the same for the block below
    T* multi[2];              // M of the previous and the present column, [ROWS]; index 0 previous at the start
    T* m_edge;                // [STRIP]: M at the row above the block; on return at the block's first row
    T* m2[STRIP + 1];         // M2 at the block's first row, of the column before the strip and of each of the strip
    Column<T>* store;         // per column of the sequence
    const Candidate* late[STRIP];  // candidates above the block whose left neighbour is in this strip
    int late_count[STRIP];
    Candidate (*found)[BLOCK];
    int* found_count;         // per column
    bool inexact;             // on return: 16 bits did not do
};

// The vectorised part for one instruction set.
template <class T>
struct Sweep {
    void (*block)(Tile<T>&);
    // Values seen from a base that lies lower by `rise`; `count` is rounded up to whole vectors.
    void (*lift)(const T* from, T* to, int count, int32_t rise);
    // C of one column before the strip, at the block's first row, with `rise` added to fit the tile's base.
    void (*halo)(const Tables<T>&, const Rows<T>&, const ColumnKeys&, const T* c, int32_t rise, int first_row,
                 T* const* out);
    // Applies one candidate of energy `energy` to some blocks: m2 = min(m2, m + energy), where m is the column left of
    // the candidate. Pointers at the first block; m2's blocks are M2_ROWS apart.
    void (*push)(const T* m, const int32_t* m_bases, const int32_t* m2_bases, int32_t energy, int blocks, T* m2);
    // Smallest of C[i,j] + exterior stem + f[i] for rows first..last-1.
    int32_t (*exterior)(const Tables<T>&, const Rows<T>&, const ColumnKeys&, const Column<T>&, const int32_t* f,
                        int first, int last);
};

// For `count` inner pairs, out[row + x] = min(out[row + x], energy + sizes[x]) for x from `first` on to SPREAD - 1.
constexpr int SPREAD = 32;
using Spread = void (*)(const int32_t* rows, const int32_t* energies, int count, const int32_t* sizes, int first,
                        int32_t* out);

struct Sweeps {
    const Sweep<int16_t>* narrow;  // null where the instruction set has nothing to gain by it
    const Sweep<int32_t>* wide;
    Spread spread;
};

enum class Instructions;
const Sweeps& sweeps(Instructions instructions);

const Sweeps& portable_sweeps();
const Sweeps& avx2_sweeps();
const Sweeps& avx512_sweeps();

}  // namespace bianque::rna
