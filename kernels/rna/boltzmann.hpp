// The energy model and the sequence as Boltzmann weights, laid out for the partition function's tiles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "mfe.hpp"
#include "partition_tile.hpp"

namespace bianque::rna {

// Owns the memory behind `Weights` and the columns' keys.
class BoltzmannTables {
  public:
    // `must` marks positions that have to pair; empty: none. `kt` in dcal/mol.
    BoltzmannTables(const Problem& problem, const std::vector<uint8_t>& must, double kt, int rows);
    const Weights& weights() const { return weights_; }
    const WeightColumn* columns() const { return columns_.data() + HALO; }
    double weight(int32_t energy) const;
    double hairpin(int i, int j) const;

  private:
    using ByBases = std::function<int32_t(int, int, int, int)>;
    using ByRuns = std::function<int32_t(const int*, const int*)>;
    void expand(int table, int row_step, const ByBases& energy);
    void expand_exterior();
    void expand_runs(int table, int columns, int rows, const ByRuns& energy);
    void by_column();
    void by_row();
    int at(int x) const { return x >= 0 && x < problem_.size() ? problem_.bases[x] : 0; }
    bool free(int x) const { return x < 0 || x >= problem_.size() || must_.empty() || !must_[x]; }
    double* room(std::size_t before, std::size_t size);

    const Problem& problem_;
    const std::vector<uint8_t>& must_;
    double kt_;
    int rows_, letters_;
    std::vector<std::vector<double>> memory_;
    std::vector<std::vector<int32_t>> indices_;
    std::vector<WeightColumn> columns_;
    Weights weights_{};
};

}  // namespace bianque::rna
