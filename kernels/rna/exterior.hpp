// The exterior loop of the ensemble: the weights of everything before and after each position.
#pragma once

#include <vector>

#include "boltzmann.hpp"
#include "partition.hpp"
#include "partition_store.hpp"

namespace bianque::rna {

class Exterior {
  public:
    Exterior(const EnsembleProblem& asked, const BoltzmannTables& tables, const std::vector<Stored>& stored);

    // The weights of the first x nucleotides for the strip's columns, once its B is known; strips in their order.
    void add_strip(int strip);
    // The weights of the nucleotides from x on, once all strips are known.
    void turn_back();

    // The whole, as a number times a power of two.
    double whole() const { return prefix_[n_]; }
    int unit() const { return prefix_units_[n_ / BLOCK]; }
    double log_whole() const;

    // The weights before each row of a block, and after position x - 1, whose product has the unit of the whole over
    // that of a tile.
    const double* before(int block) const { return prefix_.data() + block * BLOCK; }
    double after(int x, int block, int tile_unit) const;
    // The share of structures in which no pair encloses or touches first..end-1, all of which may be unpaired.
    double open(int first, int end) const;

  private:
    const double* stems(int j) const;
    bool free(int x) const { return asked_.must.empty() || !asked_.must[x]; }

    const EnsembleProblem& asked_;
    const BoltzmannTables& tables_;
    const std::vector<Stored>& stored_;
    int n_;
    std::vector<double> prefix_, suffix_;
    std::vector<int> prefix_units_;  // for every block of positions; a suffix's is that of the whole over it
};

}  // namespace bianque::rna
