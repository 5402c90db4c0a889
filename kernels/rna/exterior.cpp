#include "exterior.hpp"

namespace bianque::rna {

Exterior::Exterior(const EnsembleProblem& asked, const BoltzmannTables& tables, const std::vector<Stored>& stored)
    : asked_(asked),
      tables_(tables),
      stored_(stored),
      n_(asked.problem.size()),
      prefix_(n_ + 1 + BLOCK),
      suffix_(n_ + 1 + BLOCK),
      prefix_units_(stored.size() + 1) {
    prefix_[0] = suffix_[n_] = 1;
}

const double* Exterior::stems(int j) const {
    const Weights& weights = tables_.weights();
    return weights.expanded[EXTERIOR] + std::size_t(tables_.columns()[j].exterior) * weights.stride;
}

void Exterior::add_strip(int strip) {
    const Stored& own = stored_[strip];
    const int j0 = strip * STRIP, unit = prefix_units_[strip];
    for (int j = j0; j < std::min(n_, j0 + STRIP); ++j) {
        double sum = free(j) ? prefix_[j] : 0;
        const double* stem = stems(j);
        for (int block = own.low; block <= strip; ++block) {
            const double* pairs = own.at(own.pairs, block) + (j - j0) * BLOCK;
            double part = 0;
            for (int r = 0; r < BLOCK; ++r) part += prefix_[block * BLOCK + r] * pairs[r] * stem[block * BLOCK + r];
            sum += part * power_of_two(prefix_units_[block] + own.unit(block) - unit);
        }
        check(sum);
        prefix_[j + 1] = sum;
    }
    if (j0 + STRIP <= n_) {
        const int shift = prefix_[j0 + STRIP] > 0 ? std::ilogb(prefix_[j0 + STRIP]) : 0;
        prefix_[j0 + STRIP] *= power_of_two(-shift);
        prefix_units_[strip + 1] = unit + shift;
    }
}

void Exterior::turn_back() {
    for (int strip = static_cast<int>(stored_.size()) - 1; strip >= 0; --strip) {
        const Stored& own = stored_[strip];
        for (int j = std::min(n_, (strip + 1) * STRIP) - 1; j >= strip * STRIP; --j) {
            const double after = suffix_[j + 1];
            const int unit = prefix_units_[(j + 1) / BLOCK];
            if (free(j)) suffix_[j] += after * power_of_two(prefix_units_[strip] - unit);
            const double* stem = stems(j);
            for (int block = own.low; block <= strip; ++block) {
                const double by = after * power_of_two(prefix_units_[block] + own.unit(block) - unit);
                const double* pairs = own.at(own.pairs, block) + (j - strip * STRIP) * BLOCK;
                for (int r = 0; r < BLOCK; ++r)
                    suffix_[block * BLOCK + r] += by * pairs[r] * stem[block * BLOCK + r];
            }
        }
    }
}

double Exterior::log_whole() const { return std::log(whole()) + unit() * std::log(2.0); }

double Exterior::after(int x, int block, int tile_unit) const {
    return suffix_[x] * power_of_two(prefix_units_[block] + tile_unit - prefix_units_[x / BLOCK]);
}

double Exterior::open(int first, int end) const {
    for (int x = first; x < end; ++x)
        if (!free(x)) return 0;
    return prefix_[first] * after(end, first / BLOCK, 0) / whole();
}

}  // namespace bianque::rna
