#include "boltzmann.hpp"

#include <algorithm>
#include <cmath>

namespace bianque::rna {

BoltzmannTables::BoltzmannTables(const Problem& problem, const std::vector<uint8_t>& must, double kt, int rows)
    : problem_(problem), must_(must), kt_(kt), rows_(rows) {
    const auto& s = problem.bases;
    letters_ = std::find(s.begin(), s.end(), N) == s.end() ? 4 : BASES;
    weights_.stride = std::size_t(rows_) + 2 * PAD;
    const Model& m = problem.model();
    // What follows are the nucleotides of the row, of the column, and their neighbours inside or outside.
    expand(STACK, 1, [&](int i, int j, int k, int l) { return m.stack[pair_type(i, j)][pair_type(l, k)]; });
    expand(STACK_BULGED, 2, [&](int i, int j, int k, int l) { return m.stack[pair_type(i, j)][pair_type(l, k)]; });
    expand(HAIRPIN, 1, [&](int i, int j, int x, int y) { return m.mismatch_hairpin[pair_type(i, j)][x][y]; });
    expand(CLOSING, 1, [&](int i, int j, int x, int y) {
        return m.multi_closing + m.multi_stem_energy(pair_type(j, i), y, x);
    });
    expand(OUTER, 1, [&](int i, int j, int x, int y) { return m.mismatch_interior[pair_type(i, j)][x][y]; });
    expand(OUTER_1N, 1, [&](int i, int j, int x, int y) { return m.mismatch_interior_1n[pair_type(i, j)][x][y]; });
    expand(OUTER_23, 1, [&](int i, int j, int x, int y) { return m.mismatch_interior_23[pair_type(i, j)][x][y]; });
    expand(OUTER_END, 1, [&](int i, int j, int, int) { return m.end_penalty(pair_type(i, j)); });
    expand(INNER, -1, [&](int k, int l, int x, int y) { return m.mismatch_interior[pair_type(l, k)][y][x]; });
    expand(INNER_1N, -1, [&](int k, int l, int x, int y) { return m.mismatch_interior_1n[pair_type(l, k)][y][x]; });
    expand(INNER_23, -1, [&](int k, int l, int x, int y) { return m.mismatch_interior_23[pair_type(l, k)][y][x]; });
    expand(INNER_END, -1, [&](int k, int l, int, int) { return m.end_penalty(pair_type(l, k)); });
    expand(STEM, -1, [&](int k, int l, int x, int y) { return m.multi_stem_energy(pair_type(k, l), x, y); });
    expand_exterior();
    expand_runs(INT11, 3, 3, [&](const int* i, const int* j) {
        return m.int11[pair_type(i[0], j[0])][pair_type(j[2], i[2])][i[1]][j[1]];
    });
    expand_runs(INT21_LEFT, 3, 4, [&](const int* i, const int* j) {
        return m.int21[pair_type(j[2], i[3])][pair_type(i[0], j[0])][j[1]][i[1]][i[2]];
    });
    expand_runs(INT21_RIGHT, 4, 3, [&](const int* i, const int* j) {
        return m.int21[pair_type(i[0], j[0])][pair_type(j[3], i[2])][i[1]][j[2]][j[1]];
    });
    expand_runs(INT22, 4, 4, [&](const int* i, const int* j) {
        return m.int22[pair_type(i[0], j[0])][pair_type(j[3], i[3])][i[1]][i[2]][j[2]][j[1]];
    });
    by_row();
    by_column();
}

double BoltzmannTables::weight(int32_t energy) const { return finite(energy) ? std::exp(-energy / kt_) : 0; }

double* BoltzmannTables::room(std::size_t before, std::size_t size) {
    memory_.emplace_back(before + size);
    return memory_.back().data() + before;
}

// Keys that no column has stay empty.
void BoltzmannTables::expand(int table, int row_step, const ByBases& energy) {
    double* values = room(0, std::size_t(letters_) * letters_ * weights_.stride);
    weights_.expanded[table] = values + PAD;
    for (int j = 0; j < letters_; ++j)
        for (int y = 0; y < letters_; ++y, values += weights_.stride) {
            double by_bases[BASES][BASES];
            for (int i = 0; i < letters_; ++i)
                for (int x = 0; x < letters_; ++x)
                    by_bases[i][x] = pair_type(i, j) == OTHER_PAIR ? 0 : weight(energy(i, j, x, y));
            for (int r = -PAD; r < rows_ + PAD; ++r) values[r + PAD] = by_bases[at(r)][at(r + row_step)];
        }
}

// At the sequence's ends a neighbour is missing: row 0, and the last column, which has keys of its own.
void BoltzmannTables::expand_exterior() {
    const Model& m = problem_.model();
    double* values = room(0, std::size_t(letters_) * (letters_ + 1) * weights_.stride);
    weights_.expanded[EXTERIOR] = values + PAD;
    for (int j = 0; j < letters_; ++j)
        for (int y = 0; y <= letters_; ++y, values += weights_.stride)
            for (int r = 0; r < problem_.size(); ++r) {
                const int type = pair_type(at(r), j);
                if (type == OTHER_PAIR) continue;
                int32_t energy = m.end_penalty(type);
                if (r > 0 && y < letters_) energy += m.mismatch_exterior[type][at(r - 1)][y];
                else if (r > 0) energy += m.dangle5[type][at(r - 1)];
                else if (y < letters_) energy += m.dangle3[type][y];
                values[r + PAD] = weight(energy);
            }
}

void BoltzmannTables::expand_runs(int table, int columns, int rows, const ByRuns& energy) {
    const auto power = [&](int exponent) {
        int made = 1;
        for (; exponent > 0; --exponent) made *= letters_;
        return made;
    };
    const auto digits = [&](int number, int count, int* out) {
        for (int x = count - 1; x >= 0; --x, number /= letters_) out[x] = number % letters_;
    };
    double* values = room(0, std::size_t(power(columns)) * power(rows));
    weights_.runs[table] = values;
    for (int column = 0; column < power(columns); ++column)
        for (int row = 0; row < power(rows); ++row, ++values) {
            int i[4], j[4];
            digits(row, rows, i);
            digits(column, columns, j);
            if (pair_type(i[0], j[0]) == OTHER_PAIR || pair_type(i[rows - 1], j[columns - 1]) == OTHER_PAIR) continue;
            *values = weight(energy(i, j));
        }
}

void BoltzmannTables::by_row() {
    const Model& m = problem_.model();
    const int n = problem_.size();
    const auto rows = [&](const std::function<double(int)>& value) {
        double* values = room(PAD, rows_ + PAD);
        for (int r = -PAD; r < rows_ + PAD; ++r) values[r] = value(r);
        return values;
    };
    const auto index = [&](const std::function<int32_t(int)>& value) {
        indices_.emplace_back(rows_ + 2 * PAD);
        for (int r = -PAD; r < rows_ + PAD; ++r) indices_.back()[r + PAD] = value(r);
        return indices_.back().data() + PAD;
    };
    weights_.run3 = letters_ * letters_ * letters_;
    weights_.run4 = weights_.run3 * letters_;
    weights_.i012 = index([&](int i) { return (at(i) * letters_ + at(i + 1)) * letters_ + at(i + 2); });
    weights_.i0123 = index([&](int i) {
        return ((at(i) * letters_ + at(i + 1)) * letters_ + at(i + 2)) * letters_ + at(i + 3);
    });
    const auto bonus = [&](int x) {
        return problem_.stack_bonus.empty() || x < 0 || x >= n ? 0 : problem_.stack_bonus[x];
    };
    weights_.stack_bonus = rows([&](int i) { return weight(bonus(i) + bonus(i + 1)); });
    weights_.unpaired = rows([&](int i) { return free(i) ? weight(m.multi_base) : 0; });
    weights_.layer = rows([&](int i) {
        return problem_.constrained() && i >= 0 && i < n && problem_.opens[i] ? problem_.layer[i] : -1;
    });
    double* hairpins = room(n + PAD, rows_ + PAD);
    for (int x = -n - PAD; x < 0; ++x)
        if (const int unpaired = -x - 1; unpaired >= MIN_HAIRPIN + NEAR && unpaired < n) {
            // Not cut to whole dcal/mol beyond the table's end, as the reference's partition function has it.
            const double beyond = unpaired > MAX_LOOP ? m.log_extrapolation * std::log(unpaired / double(MAX_LOOP)) : 0;
            hairpins[x] = weight(m.hairpin[std::min(unpaired, MAX_LOOP)]) * std::exp(-beyond / kt_);
        }
    weights_.hairpin = hairpins;
    for (int size = 0; size <= MAX_LOOP; ++size) {
        const auto asymmetry = [&](int difference) {
            return std::min(m.ninio_max, std::max(0, difference) * m.ninio);
        };
        weights_.bulge[size] = weight(m.bulge[size]);
        weights_.interior[size] = weight(m.interior[size]);
        weights_.asymmetry[size] = weight(asymmetry(size - 4));
        weights_.one_n[size] = size < MAX_LOOP ? weight(m.interior[size + 1] + asymmetry(size - 1)) : 0;
        if (must_.empty()) continue;
        const auto stretch = [&](int first, int count) {
            for (int x = first; x < first + count; ++x)
                if (!free(x)) return 0.0;
            return 1.0;
        };
        weights_.free_after[size] = rows([&](int i) { return stretch(i + 1, size); });
        weights_.free_before[size] = rows([&](int i) { return stretch(i - size, size); });
    }
    if (must_.empty()) {
        const double* ones = rows([](int) { return 1.0; });
        for (int size = 0; size <= MAX_LOOP; ++size) weights_.free_after[size] = weights_.free_before[size] = ones;
    }
    weights_.size_23 = weight(m.interior[5] + std::min(m.ninio_max, m.ninio));
    weights_.bulge1 = weight(m.bulge[1]);
}

double BoltzmannTables::hairpin(int i, int j) const {
    for (int x = i + 1; x < j; ++x)
        if (!free(x)) return 0;
    const int unpaired = j - i - 1;
    if (unpaired < MIN_HAIRPIN + NEAR) return weight(problem_.model().hairpin_energy(problem_.bases.data(), i, j));
    return weights_.hairpin[i - j] *
           weights_.expanded[HAIRPIN][std::size_t(columns()[j].j1) * weights_.stride + i];
}

void BoltzmannTables::by_column() {
    const int n = problem_.size();
    columns_.resize(rows_ + 2 * HALO);
    const auto bonus = [&](int x) { return problem_.stack_bonus.empty() || x < 0 ? 0 : problem_.stack_bonus[x]; };
    const auto run = [&](int from, int step) {
        int count = 0;
        while (count < MAX_LOOP && free(from + step * (count + 1))) ++count;
        return count;
    };
    int last_must = -1;
    for (int j = 0; j < n; ++j) {
        WeightColumn& key = columns_[j + HALO];
        key.j1 = letters_ * at(j) + at(j - 1);
        key.j2 = letters_ * at(j) + at(j - 2);
        key.inner = letters_ * at(j) + at(j + 1);
        key.exterior = (letters_ + 1) * at(j) + (j + 1 < n ? at(j + 1) : letters_);
        key.j012 = key.j1 * letters_ + at(j - 2);
        key.j0123 = key.j012 * letters_ + at(j - 3);
        key.run_before = run(j, -1);
        key.run_after = run(j, 1);
        key.last_must = last_must;
        if (!free(j)) last_must = j;
        key.stack_bonus = weight(bonus(j) + bonus(j - 1));
        key.layer = problem_.constrained() && problem_.closes[j] ? problem_.layer[j] : -2;
        key.unpaired = free(j) ? weight(problem_.model().multi_base) : 0;
        for (int x = 0; x < NEAR; ++x) {
            const int i = j - MIN_HAIRPIN - 1 - x;
            const bool pairing = i >= 0 && pair_type(at(i), at(j)) != OTHER_PAIR;
            key.near[x] = pairing ? weight(problem_.model().hairpin_energy(problem_.bases.data(), i, j)) : 0;
        }
    }
}

}  // namespace bianque::rna
