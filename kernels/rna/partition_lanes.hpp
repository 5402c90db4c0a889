// The vectorised part of the partition function. Included by one source file per instruction set, which says how many
// doubles a vector holds.
#pragma once

#include "partition_tile.hpp"

namespace bianque::rna {
namespace {

typedef double V __attribute__((vector_size(LANES * sizeof(double))));
typedef double LooseV __attribute__((vector_size(LANES * sizeof(double)), aligned(8), may_alias));
typedef int64_t Mask __attribute__((vector_size(LANES * sizeof(double))));

inline V load(const double* p) { return *reinterpret_cast<const LooseV*>(p); }
inline void store(double* p, V value) { *reinterpret_cast<LooseV*>(p) = value; }
inline V all(double value) { return value - V{}; }
inline V kept_where(Mask mask, V value) { return reinterpret_cast<V>(reinterpret_cast<Mask>(value) & mask); }

inline V gather(const double* table, const int32_t* index) {
    V made;
    for (int x = 0; x < LANES; ++x) made[x] = table[index[x]];
    return made;
}

inline const double* expanded(const Weights& t, int table, int key, int row) {
    return t.expanded[table] + std::size_t(key) * t.stride + row;
}

// B of one column and what an interior loop around it (inside) or within it (outside) makes of it.
template <int SIGN>
inline void derive(const Weights& t, const WeightColumn& key, int row, V b, double* const* closed, int at) {
    constexpr int first = SIGN > 0 ? INNER : OUTER;
    const int by = SIGN > 0 ? key.inner : key.j1;
    store(closed[0] + at, b);
    for (int x = 0; x < 4; ++x) store(closed[x + 1] + at, b * load(expanded(t, first + x, by, row)));
}

template <int SIGN>
void derive_rows(const Weights& t, const WeightColumn& key, int row, int count, double* const* closed) {
    for (int r = 0; r < count; r += LANES) derive<SIGN>(t, key, row + r, load(closed[0] + r), closed, r);
}

// The sum over all stacks, bulges and interior loops of the cell in row i. `d` are its column's ends at row i, `w` its
// W. A cell a rows and b columns on is at `d - b * TILE_ROWS + SIGN * a`.
template <int SIGN, bool CONSTRAINED>
inline V loops(const Weights& t, const WeightColumn* key, int i, double* const* d, double* w) {
    constexpr int IN = SIGN > 0 ? OUTER : INNER;
    const int by = SIGN > 0 ? key->j1 : key->inner;
    const int run = SIGN > 0 ? key->run_before : key->run_after;
    const double* const* run_rows = SIGN > 0 ? t.free_after : t.free_before;
    // Unpaired stretches of a rows and b columns, between the cell and the other pair.
    const auto free = [&](int a, int b) { return b <= run ? load(run_rows[a] + i) : V{}; };
    const auto both = [&](const double* x, int a, int b) {  // (a, b) and (b, a)
        const V one = load(x - b * TILE_ROWS + SIGN * a), other = load(x - a * TILE_ROWS + SIGN * b);
        if constexpr (CONSTRAINED) return one * free(a - 1, b - 1) + other * free(b - 1, a - 1);
        return one + other;
    };

    const double* inner = d[1];
    V sum{};
    V step = all(1.0);
    if constexpr (CONSTRAINED) step = free(1, 1);
    for (int s = MAX_LOOP; s >= 6; --s) {
        V size = both(inner, 3, s - 1) * t.asymmetry[s];
        if constexpr (CONSTRAINED)
            size += step * load(w + (s - 2 - FIRST_SIZE) * W_ROWS + SIGN);
        else
            size += load(w + (s - 2 - FIRST_SIZE) * W_ROWS + SIGN);
        store(w + (s - FIRST_SIZE) * W_ROWS, size);
        sum += size * t.interior[s];
    }
    // Loops of 2 by 2 and 2 by 3 have tables of their own; here they only start the recurrence.
    store(w + W_ROWS, both(inner, 3, 4) * t.asymmetry[5]);
    V two = load(inner - 3 * TILE_ROWS + SIGN * 3);
    if constexpr (CONSTRAINED) two *= free(2, 2);
    store(w, two);
    sum *= load(expanded(t, IN, by, i));

    V bulges{};
    for (int u = 2; u <= MAX_LOOP; ++u) bulges += both(d[4], 1, 1 + u) * t.bulge[u];
    sum += bulges * load(expanded(t, IN + 3, by, i));
    V one_by{};
    for (int u = 3; u < MAX_LOOP; ++u) one_by += both(d[2], 2, 1 + u) * t.one_n[u];
    sum += one_by * load(expanded(t, IN + 1, by, i));
    sum += both(d[3], 3, 4) * t.size_23 * load(expanded(t, IN + 2, by, i));

    // Tables of all nucleotides are kept by the outer pair's row and column.
    const auto outer_row = [&](int a) { return SIGN > 0 ? i : i - a; };
    const auto outer_key = [&](int b) -> const WeightColumn& { return SIGN > 0 ? *key : key[b]; };
    const auto other = [&](int a, int b) {
        V value = load(d[0] - b * TILE_ROWS + SIGN * a);
        if constexpr (CONSTRAINED) value *= free(a - 1, b - 1);
        return value;
    };
    {
        const WeightColumn& column = outer_key(1);
        const int row = outer_row(1);
        sum += other(1, 1) * load(expanded(t, STACK, column.j1, row)) * (load(t.stack_bonus + row) * column.stack_bonus);
        sum += t.bulge1 * (other(2, 1) * load(expanded(t, STACK_BULGED, column.j1, outer_row(2))));
    }
    sum += t.bulge1 * (other(1, 2) * load(expanded(t, STACK, outer_key(2).j2, outer_row(1))));
    sum += other(2, 2) * gather(t.runs[INT11] + outer_key(2).j012 * t.run3, t.i012 + outer_row(2));
    sum += other(3, 2) * gather(t.runs[INT21_LEFT] + outer_key(2).j012 * t.run4, t.i0123 + outer_row(3));
    sum += other(2, 3) * gather(t.runs[INT21_RIGHT] + outer_key(3).j0123 * t.run3, t.i012 + outer_row(2));
    sum += other(3, 3) * gather(t.runs[INT22] + outer_key(3).j0123 * t.run4, t.i0123 + outer_row(3));
    return sum;
}

inline V row_numbers(int first) {
    V made;
    for (int x = 0; x < LANES; ++x) made[x] = first + x;
    return made;
}

// Nothing where no pair may be: out of the span, against the constraint, or (seen from outside) below the diagonal.
template <bool CONSTRAINED>
inline V allowed(const WeightTile& tile, const WeightColumn& key, int i, int j, V value) {
    if (tile.diagonal) value = kept_where(row_numbers(i) < all(j - MIN_HAIRPIN), value);
    if (tile.limited) value = kept_where(row_numbers(i) > all(j - tile.span), value);
    if constexpr (CONSTRAINED) value = kept_where(load(tile.weights->layer + i) == all(key.layer), value);
    return value;
}

template <bool CONSTRAINED>
void inside_pairs(WeightTile& tile, int c) {
    const Weights& t = *tile.weights;
    const WeightColumn* key = tile.keys + c;
    const int j = tile.first_column + c;
    const double* m2 = tile.m2 + c * M2_STRIDE;
    alignas(64) double near[BLOCK] = {};
    const bool is_near = j - tile.first_row < BLOCK + NEAR + MIN_HAIRPIN + 1;
    if (is_near)
        for (int x = 0; x < NEAR; ++x)
            if (const int r = j - MIN_HAIRPIN - 1 - x - tile.first_row; r >= 0 && r < BLOCK) near[r] = key->near[x];
    const V nothing = all(tile.nothing);
    for (int r = 0; r < BLOCK; r += LANES) {
        const int i = tile.first_row + r;
        double* d[ARRAYS];
        for (int x = 0; x < ARRAYS; ++x) d[x] = tile.closed[x] + (HALO - 1 + c) * TILE_ROWS + r;
        V b = loops<1, CONSTRAINED>(t, key, i, d, tile.w + r);
        V hairpin = load(t.hairpin + i - j) * load(expanded(t, HAIRPIN, key->j1, i));
        if (is_near) hairpin += load(near + r);
        if constexpr (CONSTRAINED) hairpin = kept_where(row_numbers(i) >= all(key->last_must), hairpin);
        b += hairpin * nothing;
        b += load(m2 + r + 1) * load(expanded(t, CLOSING, key->j1, i));
        b = allowed<CONSTRAINED>(tile, *key, i, j, b);
        derive<1>(t, *key, i, b, d, 0);
        const V stem = b * load(expanded(t, STEM, key->inner, i));
        store(tile.m1 + (c + 1) * BLOCK + r, load(tile.m1 + c * BLOCK + r) * key->unpaired + stem);
    }
}

// M2 of one column: what the tile itself adds to the products of whole tiles.
inline void inside_splits(WeightTile& tile, int c) {
    constexpr int CHUNK = 4;
    double* m2 = tile.m2 + (c + 1) * M2_STRIDE;
    const double* m1 = tile.m1 + (c + 1) * BLOCK;
    const double* strip = tile.m1_strip + c * BLOCK;
    for (int r0 = 0; r0 < BLOCK; r0 += CHUNK * LANES) {
        V sum[CHUNK];
        for (int x = 0; x < CHUNK; ++x) sum[x] = load(m2 + r0 + x * LANES);
        const auto add = [&](const double* m, double by) {
            for (int x = 0; x < CHUNK; ++x) sum[x] += load(m + r0 + x * LANES) * by;
        };
        if (!tile.diagonal)
            for (int k = 0; k <= c; ++k) add(tile.m + k * BLOCK, strip[k] * tile.strip_scale);
        const int last = tile.diagonal ? c : BLOCK - 1;
        for (int k = r0 + 1; k <= last; ++k) add(tile.m_block + k * BLOCK, m1[k] * tile.block_scale);
        for (int x = 0; x < CHUNK; ++x) store(m2 + r0 + x * LANES, sum[x]);
    }
}

template <bool CONSTRAINED>
void inside_tile(WeightTile& tile) {
    for (int x = 0; x < SIZES; ++x) tile.w_edge[x] = tile.w[x * W_ROWS];
    for (int c = 0; c < tile.columns; ++c) {
        for (int x = 0; x < SIZES; ++x) tile.w[x * W_ROWS + BLOCK] = tile.w_beside[c * SIZES + x];
        inside_pairs<CONSTRAINED>(tile, c);
        for (int x = 0; x < SIZES; ++x) tile.w_edge[(c + 1) * SIZES + x] = tile.w[x * W_ROWS];
        inside_splits(tile, c);
        const double* m1 = tile.m1 + (c + 1) * BLOCK;
        const double* m2 = tile.m2 + (c + 1) * M2_STRIDE;
        double* m = tile.m + (c + 1) * BLOCK;
        double l = tile.l_edge[c];
        for (int r = BLOCK - 1; r >= 0; --r) {
            l = m1[r] + tile.weights->unpaired[tile.first_row + r] * l;
            m[r] = m2[r] + l;
        }
        tile.l_edge[c] = l;
    }
}

void inside(WeightTile& tile) { tile.constrained ? inside_tile<true>(tile) : inside_tile<false>(tile); }

// The derivative of M in the column before `c`, from those of M2 in this strip's columns from c on.
inline void outside_splits(const WeightTile& tile, int c, double* m) {
    constexpr int CHUNK = 4;
    for (int r0 = 0; r0 < BLOCK; r0 += CHUNK * LANES) {
        V sum[CHUNK];
        for (int x = 0; x < CHUNK; ++x) sum[x] = load(tile.m + c * BLOCK + r0 + x * LANES);
        for (int later = c; later < tile.columns; ++later) {
            const double by = tile.m1_strip[later * BLOCK + c] * tile.strip_scale;
            for (int x = 0; x < CHUNK; ++x) sum[x] += load(tile.m2 + later * BLOCK + r0 + x * LANES) * by;
        }
        for (int x = 0; x < CHUNK; ++x) store(m + r0 + x * LANES, sum[x]);
    }
}

template <bool CONSTRAINED>
void outside_pairs(WeightTile& tile, int c) {
    constexpr int CHUNK = 4;
    const Weights& t = *tile.weights;
    const WeightColumn* key = tile.keys + c;
    const int j = tile.first_column + c, slot = HALO - 1 + STRIP - 1 - c;
    double* m1 = tile.m1 + c * BLOCK;
    const double* m2 = tile.m2 + c * BLOCK;
    for (int r0 = 0; r0 < BLOCK; r0 += CHUNK * LANES) {
        V sum[CHUNK];
        for (int x = 0; x < CHUNK; ++x) {
            const int r = r0 + x * LANES;
            sum[x] = load(m1 + r) + load(tile.l + c * BLOCK + r) + load(m1 + BLOCK + r) * key[1].unpaired;
        }
        for (int i = 0; i < r0 + CHUNK * LANES; ++i) {
            const double by = m2[i] * tile.block_scale;
            for (int x = 0; x < CHUNK; ++x) sum[x] += load(tile.m_block + i * BLOCK + r0 + x * LANES) * by;
        }
        for (int x = 0; x < CHUNK; ++x) store(m1 + r0 + x * LANES, sum[x]);
    }
    const V suffix = all(tile.suffix[c]);
    for (int r = BLOCK - LANES; r >= 0; r -= LANES) {
        const int i = tile.first_row + r;
        double* d[ARRAYS];
        for (int x = 0; x < ARRAYS; ++x) d[x] = tile.closed[x] + slot * TILE_ROWS + r;
        V b = loops<-1, CONSTRAINED>(t, key, i, d, tile.w + r);
        b += load(m1 + r) * load(expanded(t, STEM, key->inner, i));
        b += load(tile.prefix + r) * suffix * load(expanded(t, EXTERIOR, key->exterior, i));
        derive<-1>(t, *key, i, allowed<CONSTRAINED>(tile, *key, i, j, b), d, 0);
    }
}

template <bool CONSTRAINED>
void outside_tile(WeightTile& tile) {
    const Weights& t = *tile.weights;
    for (int x = 0; x < SIZES; ++x) tile.w_edge[STRIP * SIZES + x] = tile.w[x * W_ROWS + BLOCK - 1];
    for (int c = tile.columns - 1; c >= 0; --c) {
        alignas(64) double m[BLOCK];
        if (c + 1 < STRIP)
            outside_splits(tile, c + 1, m);
        else
            for (int r = 0; r < BLOCK; ++r) m[r] = tile.m_carry[r];
        double l = tile.l_edge[c];
        const double* beyond = tile.closed[0] + (HALO - 2 + STRIP - 1 - c) * TILE_ROWS - 1;
        for (int r = 0; r < BLOCK; ++r) {
            l = m[r] + t.unpaired[tile.first_row + r - 1] * l;
            tile.l[c * BLOCK + r] = l;
        }
        tile.l_edge[c] = l;
        for (int r = 0; r < BLOCK; r += LANES) {
            const V closing = load(expanded(t, CLOSING, tile.keys[c + 1].j1, tile.first_row + r - 1));
            store(tile.m2 + c * BLOCK + r, load(m + r) + load(beyond + r) * closing);
        }
        for (int x = 0; x < SIZES; ++x) tile.w[x * W_ROWS - 1] = tile.w_beside[(c + 1) * SIZES + x];
        outside_pairs<CONSTRAINED>(tile, c);
        for (int x = 0; x < SIZES; ++x) tile.w_edge[c * SIZES + x] = tile.w[x * W_ROWS + BLOCK - 1];
    }
    outside_splits(tile, 0, tile.m);
}

void outside(WeightTile& tile) { tile.constrained ? outside_tile<true>(tile) : outside_tile<false>(tile); }

// c += scale a b; TURNED: a b'.
template <bool TURNED>
void multiply(const double* a, const double* b, double scale, double* c, int stride) {
    constexpr int WIDE = 2, COLUMNS = 4;
    for (int j = 0; j < BLOCK; j += COLUMNS)
        for (int i = 0; i < BLOCK; i += WIDE * LANES) {
            V sum[COLUMNS][WIDE] = {};
            for (int k = 0; k < BLOCK; ++k) {
                V left[WIDE];
                for (int x = 0; x < WIDE; ++x) left[x] = load(a + k * BLOCK + i + x * LANES);
                for (int y = 0; y < COLUMNS; ++y) {
                    const double by = TURNED ? b[k * BLOCK + j + y] : b[(j + y) * BLOCK + k];
                    for (int x = 0; x < WIDE; ++x) sum[y][x] += left[x] * by;
                }
            }
            for (int y = 0; y < COLUMNS; ++y)
                for (int x = 0; x < WIDE; ++x) {
                    double* to = c + (j + y) * stride + i + x * LANES;
                    store(to, load(to) + sum[y][x] * scale);
                }
        }
}

const PartitionSweep* partition_sweep() {
    static const PartitionSweep made = {&inside,          &outside,        &derive_rows<1>,
                                        &derive_rows<-1>, &multiply<false>, &multiply<true>};
    return &made;
}

}  // namespace
}  // namespace bianque::rna
