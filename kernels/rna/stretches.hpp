// How probably all nucleotides of a stretch are unpaired, tile by tile as the outside of the ensemble becomes known.
//
// Bernhart, Hofacker and Stadler 2006, Bioinformatics 22:614: a stretch lies in the exterior loop, in a hairpin, on one
// side of an interior loop, or in a multiloop before the first stem or after one.
#pragma once

#include <vector>

#include "boltzmann.hpp"
#include "partition.hpp"
#include "partition_store.hpp"

namespace bianque::rna {

class Stretches {
  public:
    // `whole` is the partition function in its unit.
    Stretches(const EnsembleProblem& asked, const BoltzmannTables& tables, const std::vector<Stored>& stored, double whole)
        : asked_(asked), problem_(asked.problem), tables_(tables), stored_(stored), whole_(whole) {}

    // L (see WeightTile) of a whole strip, block by block, each in its tile's unit.
    std::vector<double> leading(int strip) const;

    // What one tile of the outside adds to the stretches that start at each position, as differences to the position
    // before. The tile's B is still stored.
    void add(const WeightTile& tile, int block, int strip, const std::vector<double>& leading,
             std::vector<double>& found) const;

  private:
    void add_multiloops(const WeightTile& tile, int block, int strip, const std::vector<double>& leading,
                        std::vector<double>& found) const;
    void add_loops(int p, int q, double beyond, int unit, std::vector<double>& found) const;
    double unpaired(int first, int count) const;
    bool free(int first, int end) const;

    const EnsembleProblem& asked_;
    const Problem& problem_;
    const BoltzmannTables& tables_;
    const std::vector<Stored>& stored_;
    double whole_;
};

}  // namespace bianque::rna
