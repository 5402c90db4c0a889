// The vectorised part of the sweep. Included by one source file per instruction set, after its lanes.
#pragma once

#include "sweep.hpp"

namespace bianque::rna {
namespace {

// Bytes or numbers of one table row: 16-bit lanes know A C G U alone, 32-bit lanes N as well.
template <class V>
constexpr int WIDTH = sizeof(typename V::T) == 2 ? 32 : 25;

template <class V>
V lookup(const Entry<typename V::T>* table, int32_t row, typename V::Index index) {
    return V::lookup(table + row * WIDTH<V>, index);
}

template <class T>
int32_t at_most(int32_t addend) {
    return sizeof(T) == 2 && addend > Range<T>::INFINITE ? Range<T>::INFINITE : addend;
}

// Values seen from a base that lies lower by `rise`.
template <class V, class T>
void lift(const T* from, T* to, int count, int32_t rise) {
    const V add = V::all(at_most<T>(rise));
    for (int r = 0; r < count; r += V::SIZE) (V::load(from + r) + add).store(to + r);
}

template <class V, class T>
void derive(const Tables<T>& t, const Rows<T>& rows, const ColumnKeys& key, V c, int row, T* const* out, int at) {
    const auto im = V::index(rows.im, row);
    c.store(out[0] + at);
    (c + lookup<V>(t.inner, key.inner, im)).store(out[1] + at);
    (c + lookup<V>(t.inner_1n, key.inner, im)).store(out[2] + at);
    (c + lookup<V>(t.inner_23, key.inner, im)).store(out[3] + at);
    (c + lookup<V>(t.inner_end, key.inner, im)).store(out[4] + at);
}

template <class V, class T>
void halo(const Tables<T>& t, const Rows<T>& rows, const ColumnKeys& key, const T* c, int32_t rise, int first_row,
          T* const* out) {
    const V add = V::all(at_most<T>(rise));
    for (int r = 0; r < BLOCK; r += V::SIZE) derive<V, T>(t, rows, key, V::load(c + r) + add, first_row + r, out, r);
}

// m2 = min(m2, m + offset) for the first `count` rows; `count` a multiple of the lanes.
template <class V, class T>
void push_rows(const T* m, int32_t offset, T* m2, int count) {
    if constexpr (sizeof(T) == 2) {
        if (offset >= Range<T>::LIMIT - Range<T>::FLOOR) return;
        if (offset > 32767) {  // beyond what one addend can be
            const V most = V::all(32767), rest = V::all(offset - 32767);
            for (int r = 0; r < count; r += V::SIZE)
                min(V::load(m2 + r), V::load(m + r) + most + rest).store(m2 + r);
            return;
        }
        if (offset < 0) {  // what is not possible must not become so
            const V limit = V::all(Range<T>::LIMIT), never = V::all(Range<T>::INFINITE);
            const V add = V::all(offset < -32768 ? -32768 : offset);
            for (int r = 0; r < count; r += V::SIZE) {
                const V value = V::load(m + r);
                min(V::load(m2 + r), choose(less(value, limit), never, value + add)).store(m2 + r);
            }
            return;
        }
    }
    const V add = V::all(offset);
    for (int r = 0; r < count; r += V::SIZE) min(V::load(m2 + r), V::load(m + r) + add).store(m2 + r);
}

template <class V, class T>
void push(const T* m, const int32_t* m_bases, const int32_t* m2_bases, int32_t energy, int blocks, T* m2) {
    for (int b = 0; b < blocks; ++b)
        push_rows<V>(m + b * BLOCK, m_bases[b] - m2_bases[b] + energy, m2 + b * M2_ROWS, BLOCK);
}

template <class T>
int32_t entry(const Entry<T>* table, int32_t row, T low) {
    if constexpr (sizeof(T) == 2) {
        const uint8_t* bytes = table + row * 32 + (low & 15);
        return static_cast<int16_t>(bytes[0] | bytes[16] << 8);
    } else {
        return table[row * 25 + low];
    }
}

template <class V, class T>
int32_t exterior(const Tables<T>& t, const Rows<T>& rows, const ColumnKeys& key, const Column<T>& column,
                 const int32_t* f, int first, int last) {
    int32_t smallest = INF;
    const auto one = [&](int i) {
        if (column.c[i] >= Range<T>::LIMIT) return;
        const int32_t x =
            column.base[i / BLOCK] + column.c[i] + f[i] + entry<T>(t.exterior, key.inner, rows.im.low[i]);
        smallest = x < smallest ? x : smallest;
    };
    int i = first;
    if constexpr (sizeof(T) == 2) {
        for (; i < last && i % BLOCK != 0; ++i) one(i);
        for (; i + BLOCK <= last; i += BLOCK) {
            int32_t least = INF;
            for (int r = i; r < i + BLOCK; r += V::SIZE) {
                const V c = V::load(column.c + r);
                // An impossible C stays beyond the limit with whatever the stem adds.
                const V x = choose(less(c, V::all(Range<T>::LIMIT)), V::all(Range<T>::INFINITE),
                                   c + lookup<V>(t.exterior, key.inner, V::index(rows.im, r)));
                const int32_t here = V::least_sum(x, f + r);
                least = here < least ? here : least;
            }
            least += column.base[i / BLOCK];
            smallest = least < smallest ? least : smallest;
        }
    }
    for (; i < last; ++i) one(i);
    return smallest;
}

// W of S unpaired nucleotides from that of S - 2 one pair further in, and what it adds to the best loop so far. From
// CAPPED on the cost of asymmetry is `cap`, which then stays in a register.
template <int S, int CAPPED, class V, class T>
V interior_sizes(const Tables<T>& t, const T* inner, T* w, V cap, V best) {
    V asymmetry = cap;
    if constexpr (S < CAPPED) asymmetry = V::load(t.asymmetry[S]);
    const V borders = min(V::load(inner - (S - 1) * ROWS + 3), V::load(inner - 3 * ROWS + S - 1)) + asymmetry;
    const V size = min(borders, V::load(w + (S - 2 - FIRST_SIZE) * ROWS + 1));
    size.store(w + (S - FIRST_SIZE) * ROWS);
    best = min(best, size + V::load(t.interior_n[S]));
    if constexpr (S > 6) return interior_sizes<S - 1, CAPPED>(t, inner, w, cap, best);
    return best;
}

template <int U, class V, class T>
V bulges(const Tables<T>& t, const T* end, V best) {
    best = min(best, min(V::load(end - ROWS + 1 + U), V::load(end - (1 + U) * ROWS + 1)) + V::load(t.bulge[U]));
    if constexpr (U < MAX_LOOP) return bulges<U + 1>(t, end, best);
    return best;
}

template <int U, class V, class T>
V one_by(const Tables<T>& t, const T* inner, V best) {
    best = min(best, min(V::load(inner - 2 * ROWS + 1 + U), V::load(inner - (1 + U) * ROWS + 2)) + V::load(t.one_n[U]));
    if constexpr (U < MAX_LOOP - 1) return one_by<U + 1>(t, inner, best);
    return best;
}

// The small interior loops whose energies are tabulated by all their nucleotides: 1 by 1, 2 by 1, 1 by 2, 2 by 2.
template <class V, class T>
V small_loops(const Tables<T>& t, const Rows<T>& rows, const ColumnKeys& key, const T* c, int i) {
    const auto i012 = V::index(rows.i012, i), i0123 = V::index(rows.i0123, i);
    const V c11 = V::load(c - 2 * ROWS + 2), c21 = V::load(c - 2 * ROWS + 3);
    const V c12 = V::load(c - 3 * ROWS + 2), c22 = V::load(c - 3 * ROWS + 3);
    if constexpr (sizeof(T) == 2) {
        // What pairs with a given nucleotide is one of A and G, or of C and U: one bit says which. Four tables of
        // the two nucleotides between, one for each kind of the two pairs' ends.
        const V upper0 = V::load(rows.upper0 + i), upper3 = V::load(rows.upper3 + i);
        const auto four = [&](const uint8_t* tables) {
            return choose(upper0, choose(upper3, V::lookup(tables, i0123), V::lookup(tables + 32, i0123)),
                          choose(upper3, V::lookup(tables + 64, i0123), V::lookup(tables + 96, i0123)));
        };
        return min(min(c11 + V::lookup(t.int11 + key.j012 * 32, i012), c12 + V::lookup(t.int21_right + key.j0123 * 32, i012)),
                   min(c21 + four(t.int21_left + key.j012 * 128), c22 + four(t.int22 + key.j0123 * 128)));
    } else {
        constexpr int K3 = 125, K4 = 625;
        return min(min(c11 + V::lookup(t.int11 + key.j012 * K3, i012), c12 + V::lookup(t.int21_right + key.j0123 * K3, i012)),
                   min(c21 + V::lookup(t.int21_left + key.j012 * K4, i0123), c22 + V::lookup(t.int22 + key.j0123 * K4, i0123)));
    }
}

// C of one column in one block, and the stems it makes.
template <class V, class T>
void close_column(Tile<T>& tile, int column, T* stems) {
    const Tables<T>& t = *tile.tables;
    const ColumnKeys& key = tile.keys[column];
    const Rows<T>& rows = tile.rows;
    const int j = tile.first_column + column;
    T* closed[ARRAYS];
    for (int x = 0; x < ARRAYS; ++x) closed[x] = tile.closed[x] + (HALO - 1 + column) * ROWS;
    const T* m2 = tile.m2[column];

    // A hairpin's energy is that of nothing folded: 0, seen from the tile's base.
    const V nothing = V::all(at_most<T>(-tile.base));
    alignas(64) T near[BLOCK];
    const bool is_near = j - tile.first_row < BLOCK + NEAR + MIN_HAIRPIN + 1;
    if (is_near) {
        for (T& x : near) x = Range<T>::INFINITE;
        for (int x = 0; x < NEAR; ++x) {
            const int r = j - MIN_HAIRPIN - 1 - x - tile.first_row;
            if (r >= 0 && r < BLOCK && key.near[x] < Range<T>::LIMIT) near[r] = static_cast<T>(key.near[x]);
        }
    }
    const V infinite = V::all(Range<T>::INFINITE);
    const V cap = V::all(t.asymmetry[MAX_LOOP][0]);
    constexpr int EARLY = 9;  // where the cap is reached in Turner's parameters
    const bool early = t.asymmetry[EARLY][0] == t.asymmetry[MAX_LOOP][0];
    V unsafe = V::all(0);
    for (int r = 0; r < BLOCK; r += V::SIZE) {
        const int i = tile.first_row + r;
        const auto i01 = V::index(rows.i01, i);
        T* w = tile.w + r;
        const T* c = closed[0] + r;
        const T* inner = closed[1] + r;

        V best = early ? interior_sizes<MAX_LOOP, EARLY>(t, inner, w, cap, infinite)
                       : interior_sizes<MAX_LOOP, MAX_LOOP + 1>(t, inner, w, cap, infinite);
        // Loops of 2 by 2 and 2 by 3 have tables of their own; here they only start the recurrence.
        (min(V::load(inner - 4 * ROWS + 3), V::load(inner - 3 * ROWS + 4)) + V::all(t.ninio)).store(w + ROWS);
        V::load(inner - 3 * ROWS + 3).store(w);
        best = best + lookup<V>(t.interior, key.j1, i01);

        best = min(best, bulges<2>(t, closed[4] + r, infinite) + lookup<V>(t.end, key.j1, i01));
        best = min(best, one_by<3>(t, closed[2] + r, infinite) + lookup<V>(t.interior_1n, key.j1, i01));
        const T* c23 = closed[3] + r;
        best = min(best, min(V::load(c23 - 4 * ROWS + 3), V::load(c23 - 3 * ROWS + 4)) + V::all(t.size_23) +
                             lookup<V>(t.interior_23, key.j1, i01));

        V stack = V::load(c - ROWS + 1) + lookup<V>(t.stack, key.j1, i01);
        if (tile.shaped)
            stack = stack + V::load(rows.stack_bonus + i) + V::load(rows.stack_bonus + i + 1) + V::all(key.stack_bonus);
        best = min(best, stack);
        best = min(best, V::load(c - ROWS + 2) + V::all(t.bulge1) +
                             lookup<V>(t.stack, key.j1, V::index(rows.i02, i)));
        best = min(best, V::load(c - 2 * ROWS + 1) + V::all(t.bulge1) + lookup<V>(t.stack, key.j2, i01));
        best = min(best, small_loops<V>(t, rows, key, c, i));

        V hairpin = V::load(rows.hairpin + i - j) + lookup<V>(t.hairpin, key.j1, i01);
        if (is_near) {
            hairpin = min(hairpin, V::load(near + r));
            hairpin = choose(less(hairpin, V::all(Range<T>::LIMIT)), infinite, hairpin + nothing);
        } else {
            hairpin = hairpin + nothing;
        }
        best = min(best, hairpin);
        best = min(best, V::load(m2 + r + 1) + lookup<V>(t.closing, key.j1, i01));

        V never = lookup<V>(t.forbidden, key.j1, i01);  // INFINITE where i and j cannot pair, else the least number
        if (tile.constrained) {
            never = choose(equal(V::load(rows.layer + i), V::all(key.layer)), infinite, never);
            best = best + V::load(rows.pair_bonus + i) + V::all(key.pair_bonus);
        }
        if (tile.limited) never = max(never, V::load(rows.span + i - j));
        best = max(min(best, V::all(Range<T>::INFINITE - 1)), never);
        // A pair that can form has an energy within range, or the range will not do.
        if constexpr (sizeof(T) == 2)
            unsafe = min(unsafe, choose(less(never, infinite), V::all(0), less(V::all(Range<T>::LIMIT - 500), best)));

        derive<V, T>(t, rows, key, best, i, closed, r);
        best.store(tile.store[j].c + i);
        (best + lookup<V>(t.stem, key.inner, V::index(rows.im, i))).store(stems + r);
    }
    if constexpr (sizeof(T) == 2)
        if (any_less(unsafe, V::all(0)) && !tile.inexact) {
            // Pairs too near for any hairpin are impossible, not out of range.
            for (int r = 0; r < BLOCK; ++r) {
                const int i = tile.first_row + r;
                if (j - i > MIN_HAIRPIN && closed[0][r] != Range<T>::INFINITE && closed[0][r] > Range<T>::LIMIT - 500)
                    tile.inexact = true;
            }
        }
}

// M of one column in one block, from high rows to low, and the candidates met on the way.
template <class V, class T>
void multi_column(Tile<T>& tile, int column, const T* stems, const T* previous, T* m) {
    constexpr T LIMIT = Range<T>::LIMIT;
    const int j = tile.first_column + column;
    const int32_t unpaired = tile.tables->multi_base;
    const V one = V::all(unpaired), limit = V::all(LIMIT);
    T* m2 = tile.m2[column + 1];
    const T* m2_before = tile.m2[column];
    for (int x = 0; x < tile.late_count[column]; ++x) {
        const Candidate& k = tile.late[column][x];
        const Column<T>& left = tile.store[k.row - 1];
        push_rows<V>(left.m + tile.first_row, left.base[tile.first_row / BLOCK] + k.energy - tile.base, m2, BLOCK);
    }
    Candidate* found = tile.found[column];
    int count = 0;
    int32_t above = tile.m_edge[column];  // M of the row above
    for (int r = BLOCK - V::SIZE; r >= 0; r -= V::SIZE) {
        const V two = min(V::load(m2 + r), V::load(m2_before + r) + one);
        two.store(m2 + r);
        const V split = min(V::load(previous + r) + one, two);
        const V stem = V::load(stems + r);
        // No lane can beat the row above it if none beats the most that this row can be.
        const int32_t most = above + (unpaired > 0 ? V::SIZE * unpaired : unpaired);
        const bool any = any_less(stem, min(min(split, V::all(most < LIMIT ? most : LIMIT)), limit));
        if constexpr (sizeof(T) == 2) {
            if (!any) {  // 16-bit lanes know no cost of an unpaired nucleotide
                const V here = least_from(split, static_cast<T>(above));
                here.store(m + r);
                above = m[r];
                continue;
            }
        }
        split.store(m + r);
        for (int x = V::SIZE - 1; x >= 0; --x) {
            T& here = m[r + x];
            if (above + unpaired < here) here = static_cast<T>(above + unpaired);
            if (any && stems[r + x] < here && stems[r + x] < LIMIT) {
                const int k = tile.first_row + r + x;
                here = stems[r + x];
                found[count++] = {k, tile.base + here};
                if (r + x > 0) {
                    const Column<T>& left = tile.store[k - 1];
                    const int32_t offset = left.base[tile.first_row / BLOCK] + here;
                    const T* values = left.m + tile.first_row;
                    push_rows<V>(values, offset, m2, r);
                    for (int y = r; y < r + x; ++y) {
                        if (values[y] >= LIMIT || values[y] + offset >= LIMIT) continue;
                        const T both = static_cast<T>(values[y] + offset);
                        if (both < m2[y]) m2[y] = both;
                        if (both < m[y]) m[y] = both;
                    }
                }
            }
            above = here;
        }
    }
    tile.found_count[column] = count;
    tile.m_edge[column] = m[0];
    if (m[0] < Range<T>::FLOOR) tile.inexact = true;
    T* kept = tile.store[j].m + tile.first_row;
    for (int r = 0; r < BLOCK; r += V::SIZE) V::load(m + r).store(kept + r);
}

template <class V, class T>
void block(Tile<T>& tile) {
    alignas(64) T stems[BLOCK];
    for (int x = 0; x < SIZES; ++x) tile.w_below[x] = tile.w[x * ROWS];
    for (int column = 0; column < tile.columns; ++column) {
        for (int x = 0; x < SIZES; ++x) tile.w[x * ROWS + BLOCK] = tile.w_above[column * SIZES + x];
        close_column<V, T>(tile, column, stems);
        for (int x = 0; x < SIZES; ++x) tile.w_below[(column + 1) * SIZES + x] = tile.w[x * ROWS];
        multi_column<V, T>(tile, column, stems, tile.multi[column % 2], tile.multi[(column + 1) % 2]);
    }
}

// See Spread.
template <class V>
void spread(const int32_t* rows, const int32_t* energies, int count, const int32_t* sizes, int first, int32_t* out) {
    for (int k = 0; k < count; ++k) {
        const V energy = V::all(energies[k]);
        int32_t* at = out + rows[k];
        for (int x = first / V::SIZE * V::SIZE; x < SPREAD; x += V::SIZE)
            min(V::load(at + x), energy + V::load(sizes + x)).store(at + x);
    }
}

template <class V, class T = typename V::T>
const Sweep<T>* sweep() {
    static const Sweep<T> made = {&block<V, T>, &lift<V, T>, &halo<V, T>, &push<V, T>, &exterior<V, T>};
    return &made;
}

}  // namespace
}  // namespace bianque::rna
