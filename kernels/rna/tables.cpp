#include "tables.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <utility>

namespace bianque::rna {
namespace {

template <class T>
constexpr int K = sizeof(T) == 2 ? 4 : 5;

template <class T>
void put(Entry<T>* row, int entry, int32_t energy) {
    if constexpr (sizeof(T) == 2) {
        const auto bits = static_cast<uint16_t>(static_cast<int16_t>(std::clamp(energy, -32768, 32767)));
        row[entry] = static_cast<uint8_t>(bits);
        row[entry + 16] = static_cast<uint8_t>(bits >> 8);
    } else {
        row[entry] = energy;
    }
}

int power(int base, int exponent) { return exponent == 0 ? 1 : base * power(base, exponent - 1); }

void digits(int number, int base, int count, int* out) {
    for (int x = count - 1; x >= 0; --x, number /= base) out[x] = number % base;
}

}  // namespace

// `energy` gets nucleotides i, i+1, ... and j, j-1, ...
template <class T>
const Entry<T>* LookupTables<T>::table(int columns, int rows, const Energy& energy) {
    constexpr bool bytes = sizeof(T) == 2;
    const int height = power(K<T>, columns), entries = power(K<T>, rows), width = bytes ? 32 : entries;
    memory_.emplace_back(std::size_t(height) * width + 64);
    for (int row = 0; row < height; ++row)
        for (int entry = 0; entry < entries; ++entry) {
            int i[4], j[4];
            digits(row, K<T>, columns, j);
            digits(entry, K<T>, rows, i);
            put<T>(memory_.back().data() + std::size_t(row) * width, entry, energy(i, j));
        }
    return memory_.back().data();
}

// 16 bits: per row four tables by s[i+1], s[i+2], for the two ends s[i], s[i+3] that may pair with s[j], s[j-3].
template <class T>
const Entry<T>* LookupTables<T>::four_tables(int columns, const Energy& energy) {
    if constexpr (sizeof(T) == 4) {
        return table(columns, 4, energy);
    } else {
        const int height = power(4, columns), inner = columns - 1;
        memory_.emplace_back(std::size_t(height) * 128 + 64);
        for (int row = 0; row < height; ++row)
            for (int ends = 0; ends < 4; ++ends)
                for (int between = 0; between < 16; ++between) {
                    int j[4];
                    digits(row, 4, columns, j);
                    const auto partner = [](int base, int upper) { return (base % 2 ? 0 : 1) + 2 * upper; };
                    const int i[4] = {partner(j[0], ends / 2), between / 4, between % 4, partner(j[inner], ends % 2)};
                    put<T>(memory_.back().data() + row * 128 + ends * 32, between, energy(i, j));
                }
        return memory_.back().data();
    }
}

template <class T>
LookupTables<T>::LookupTables(const Model& m) {
    // Outer: (i, j) with what follows inside. Inner: (k, l) with what precedes, k - 1 and l + 1.
    const auto pairs = [&](const std::function<int32_t(int, int, int, int)>& energy) {
        return table(2, 2, [&](const int* i, const int* j) { return energy(i[0], j[0], i[1], j[1]); });
    };
    tables_.forbidden = pairs([](int i, int j, int, int) {
        return pair_type(i, j) == OTHER_PAIR ? int32_t{Range<T>::INFINITE} : -INF;
    });
    tables_.stack = pairs([&](int i, int j, int k, int l) { return m.stack[pair_type(i, j)][pair_type(l, k)]; });
    tables_.hairpin = pairs([&](int i, int j, int x, int y) { return m.mismatch_hairpin[pair_type(i, j)][x][y]; });
    tables_.interior = pairs([&](int i, int j, int x, int y) { return m.mismatch_interior[pair_type(i, j)][x][y]; });
    tables_.interior_1n =
        pairs([&](int i, int j, int x, int y) { return m.mismatch_interior_1n[pair_type(i, j)][x][y]; });
    tables_.interior_23 =
        pairs([&](int i, int j, int x, int y) { return m.mismatch_interior_23[pair_type(i, j)][x][y]; });
    tables_.end = pairs([&](int i, int j, int, int) { return m.end_penalty(pair_type(i, j)); });
    tables_.closing = pairs([&](int i, int j, int x, int y) {
        return m.multi_closing + m.multi_stem_energy(pair_type(j, i), y, x);
    });
    tables_.inner = pairs([&](int k, int l, int x, int y) { return m.mismatch_interior[pair_type(l, k)][y][x]; });
    tables_.inner_1n = pairs([&](int k, int l, int x, int y) { return m.mismatch_interior_1n[pair_type(l, k)][y][x]; });
    tables_.inner_23 = pairs([&](int k, int l, int x, int y) { return m.mismatch_interior_23[pair_type(l, k)][y][x]; });
    tables_.inner_end = pairs([&](int k, int l, int, int) { return m.end_penalty(pair_type(l, k)); });
    tables_.stem = pairs([&](int k, int l, int x, int y) { return m.multi_stem_energy(pair_type(k, l), x, y); });
    tables_.exterior = pairs([&](int k, int l, int x, int y) {
        return m.end_penalty(pair_type(k, l)) + m.mismatch_exterior[pair_type(k, l)][x][y];
    });

    const Energy int11 = [&](const int* i, const int* j) {
        return m.int11[pair_type(i[0], j[0])][pair_type(j[2], i[2])][i[1]][j[1]];
    };
    const Energy int21_right = [&](const int* i, const int* j) {
        return m.int21[pair_type(i[0], j[0])][pair_type(j[3], i[2])][i[1]][j[2]][j[1]];
    };
    if constexpr (sizeof(T) == 2) {
        // Sixteen entries do: the ends by one bit each (see small_loops), and the nucleotide between.
        const auto by_bits = [&](int columns, const Energy& energy) {
            const int inner = columns - 1;
            return table(columns, 2, [&, inner](const int* x, const int* j) {
                const auto partner = [](int base, int upper) { return (base % 2 ? 0 : 1) + 2 * upper; };
                const int i[3] = {partner(j[0], x[0] / 2), x[1], partner(j[inner], x[0] % 2)};
                return energy(i, j);
            });
        };
        tables_.int11 = by_bits(3, int11);
        tables_.int21_right = by_bits(4, int21_right);
    } else {
        tables_.int11 = table(3, 3, int11);
        tables_.int21_right = table(4, 3, int21_right);
    }
    tables_.int21_left = four_tables(3, [&](const int* i, const int* j) {
        return m.int21[pair_type(j[2], i[3])][pair_type(i[0], j[0])][j[1]][i[1]][i[2]];
    });
    tables_.int22 = four_tables(4, [&](const int* i, const int* j) {
        return m.int22[pair_type(i[0], j[0])][pair_type(j[3], i[3])][i[1]][i[2]][j[2]][j[1]];
    });

    for (int size = 0; size <= MAX_LOOP; ++size) {
        const auto all = [](T* lanes, int32_t value) {
            std::fill_n(lanes, WIDEST, static_cast<T>(std::min<int32_t>(value, Range<T>::INFINITE)));
        };
        all(tables_.bulge[size], m.bulge[size]);
        all(tables_.interior_n[size], m.interior[size]);
        all(tables_.asymmetry[size], std::min(m.ninio_max, std::max(0, size - 4) * m.ninio));
        all(tables_.one_n[size],
            size < MAX_LOOP ? m.interior[size + 1] + std::min(m.ninio_max, std::max(0, size - 1) * m.ninio) : INF);
    }
    tables_.ninio = static_cast<T>(std::min(m.ninio_max, m.ninio));
    tables_.size_23 = static_cast<T>(m.interior[5] + tables_.ninio);
    tables_.bulge1 = static_cast<T>(m.bulge[1]);
    tables_.multi_base = static_cast<T>(m.multi_base);
}

template <class T>
const T* Keys<T>::keep(int before, int size, const std::function<int32_t(int)>& value) {
    memory_.emplace_back(before + size);
    for (int x = 0; x < before + size; ++x)
        memory_.back()[x] = static_cast<T>(std::min<int32_t>(value(x - before), Range<T>::INFINITE));
    return memory_.back().data() + before;
}

template <class T>
Keys<T>::Keys(const Problem& problem, int rows) {
    constexpr int k = K<T>;
    const int n = problem.size();
    const auto at = [&](int x) { return x >= 0 && x < n ? int32_t(problem.bases[x]) : 0; };
    const auto upper = [&](int x) { return at(x) / 2; };
    const auto by_row = [&](const std::function<int32_t(int)>& value) { return keep(PAD, rows + PAD, value); };
    const auto index = [&](const std::function<int32_t(int)>& value) {
        if constexpr (sizeof(T) == 2)
            return RowIndex<T>{by_row([&](int i) { return static_cast<int16_t>(value(i) | 0x8000); }),
                               by_row([&](int i) { return static_cast<int16_t>(value(i) << 8 | 0x80); })};
        else
            return RowIndex<T>{by_row(value), nullptr};
    };
    const auto bonus = [&](const std::vector<int32_t>& values, int x) {
        return !values.empty() && x >= 0 && x < n ? values[x] : 0;
    };
    rows_.i01 = index([&](int i) { return k * at(i) + at(i + 1); });
    rows_.i02 = index([&](int i) { return k * at(i) + at(i + 2); });
    rows_.im = index([&](int i) { return k * at(i) + at(i - 1); });
    if constexpr (sizeof(T) == 2) {
        rows_.i012 = index([&](int i) { return 8 * upper(i) + 4 * upper(i + 2) + at(i + 1); });
        rows_.i0123 = index([&](int i) { return 4 * at(i + 1) + at(i + 2); });
    } else {
        rows_.i012 = index([&](int i) { return (k * at(i) + at(i + 1)) * k + at(i + 2); });
        rows_.i0123 = index([&](int i) { return ((k * at(i) + at(i + 1)) * k + at(i + 2)) * k + at(i + 3); });
    }
    rows_.upper0 = by_row([&](int i) { return -upper(i); });
    rows_.upper3 = by_row([&](int i) { return -upper(i + 3); });
    rows_.layer = by_row([&](int i) {
        return problem.constrained() && i >= 0 && i < n && problem.opens[i] ? problem.layer[i] : -1;
    });
    rows_.pair_bonus = by_row([&](int i) { return bonus(problem.pair_bonus, i); });
    rows_.stack_bonus = by_row([&](int i) { return bonus(problem.stack_bonus, i); });

    // By distance: the index is i - j.
    const Model& m = problem.model();
    const int before = n + PAD;
    rows_.hairpin = keep(before, rows + PAD, [&](int x) {
        return -x - 1 >= MIN_HAIRPIN + NEAR ? m.loop_size(m.hairpin, -x - 1) : INF;
    });
    // Nothing closes a pair that is too near, or turned round: else what its stacks earn would add up, helix by helix,
    // until 16 bits took it for possible.
    rows_.span = keep(before, rows + PAD, [&](int x) {
        const bool near = x >= -MIN_HAIRPIN, far = problem.span && 1 - x > problem.span;
        return near || far ? INF : int32_t{std::numeric_limits<T>::min()};
    });

    columns_.resize(n);
    for (int j = 0; j < n; ++j) {
        ColumnKeys& key = columns_[j];
        key.j1 = k * at(j) + at(j - 1);
        key.j2 = k * at(j) + at(j - 2);
        key.inner = k * at(j) + at(j + 1);
        key.j012 = (k * at(j) + at(j - 1)) * k + at(j - 2);
        key.j0123 = key.j012 * k + at(j - 3);
        key.layer = problem.constrained() && problem.closes[j] ? problem.layer[j] : -2;
        key.pair_bonus = bonus(problem.pair_bonus, j);
        key.stack_bonus = bonus(problem.stack_bonus, j) + bonus(problem.stack_bonus, j - 1);
        for (int x = 0; x < NEAR; ++x) {
            const int i = j - MIN_HAIRPIN - 1 - x;
            const bool pairing = i >= 0 && pair_type(at(i), at(j)) != OTHER_PAIR;
            key.near[x] = pairing ? m.hairpin_energy(problem.bases.data(), i, j) : INF;
        }
    }
}

namespace {

// Whether every energy is small beside what 16 bits hold, and unpaired nucleotides of a multiloop cost nothing.
bool all_small(const Model& m) {
    bool small = m.multi_base == 0;
    const auto check = [&](const auto& table) {
        const auto* first = reinterpret_cast<const int32_t*>(&table);
        for (std::size_t x = 0; x < sizeof(table) / sizeof(int32_t); ++x)
            if (finite(first[x]) && std::abs(first[x]) > 2000) small = false;
    };
    check(m.stack), check(m.mismatch_hairpin), check(m.mismatch_interior), check(m.mismatch_interior_1n);
    check(m.mismatch_interior_23), check(m.mismatch_multi), check(m.mismatch_exterior), check(m.dangle5);
    check(m.dangle3), check(m.int11), check(m.int21), check(m.int22), check(m.hairpin), check(m.bulge);
    check(m.interior), check(m.ninio), check(m.ninio_max), check(m.multi_closing), check(m.multi_stem);
    check(m.terminal_au);
    for (const auto& [loop, energy] : m.special_hairpins) check(energy);
    return small;
}

}  // namespace

Prepared::Prepared(Model model)
    : model_(std::move(model)),
      fits_16_bits_(all_small(model_)),
      narrow_(std::make_unique<LookupTables<int16_t>>(model_)),
      wide_(std::make_unique<LookupTables<int32_t>>(model_)) {}

Prepared::~Prepared() = default;

template <>
const LookupTables<int16_t>& Prepared::lookups() const {
    return *narrow_;
}

template <>
const LookupTables<int32_t>& Prepared::lookups() const {
    return *wide_;
}

template class LookupTables<int16_t>;
template class LookupTables<int32_t>;
template class Keys<int16_t>;
template class Keys<int32_t>;

}  // namespace bianque::rna
