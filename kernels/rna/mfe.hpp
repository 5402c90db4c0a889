// Minimum free energy structure of one sequence, exact.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <vector>

#include "model.hpp"

namespace bianque::rna {

template <class T>
class LookupTables;

struct Cancelled : std::runtime_error {
    Cancelled() : std::runtime_error("cancelled") {}
};

// The system starts no more threads.
struct NoThread : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// An energy model with the tables the sweep looks up in it, made once for many folds.
class Prepared {
  public:
    explicit Prepared(Model model);
    ~Prepared();
    const Model& model() const { return model_; }
    template <class T>
    const LookupTables<T>& lookups() const;
    bool fits_16_bits() const { return fits_16_bits_; }

  private:
    Model model_;
    bool fits_16_bits_;
    std::unique_ptr<LookupTables<int16_t>> narrow_;
    std::unique_ptr<LookupTables<int32_t>> wide_;
};

struct Problem {
    std::vector<uint8_t> bases;      // A C G U N as 0 to 4
    const Prepared* prepared = nullptr;
    int span = 0;                    // largest j - i + 1 of a pair; 0: no limit
    // What a pair may be, position by position; empty: anything. (i, j) may pair where layer[i] == layer[j],
    // opens[i] and closes[j].
    std::vector<int32_t> layer;
    std::vector<uint8_t> opens, closes;
    std::vector<int32_t> pair_bonus;   // added for each end of a pair (how a position is made to pair); empty: none
    std::vector<int32_t> stack_bonus;  // added for each nucleotide of each stack (SHAPE); empty: none
    int threads = 1;

    const Model& model() const { return prepared->model(); }
    int size() const { return static_cast<int>(bases.size()); }
    bool constrained() const { return !layer.empty(); }
    bool allowed(int i, int j) const {
        if (pair_type(bases[i], bases[j]) == OTHER_PAIR || j - i <= MIN_HAIRPIN || (span && j - i + 1 > span)) return false;
        return !constrained() || (layer[i] == layer[j] && opens[i] && closes[j]);
    }
    // What the pair (i, j) adds to the energy of the loop it closes.
    int32_t bonus(int i, int j) const { return pair_bonus.empty() ? 0 : pair_bonus[i] + pair_bonus[j]; }
    // The loop between (i, j) and (k, l), with what probing adds to a stack.
    int32_t interior_energy(int i, int j, int k, int l) const {
        const int32_t energy = model().interior_energy(bases.data(), i, j, k, l);
        if (k - i > 1 || j - l > 1 || stack_bonus.empty()) return energy;
        return energy + stack_bonus[i] + stack_bonus[k] + stack_bonus[l] + stack_bonus[j];
    }
    // The stem in a multiloop that (i, j) begins, without what is inside. Such a pair is never at the sequence's ends.
    int32_t stem_energy(int i, int j) const {
        return model().multi_stem_energy(pair_type(bases[i], bases[j]), bases[i - 1], bases[j + 1]);
    }
    // A multiloop closed by (i, j), without what is inside.
    int32_t closing_energy(int i, int j) const {
        return model().multi_closing + model().multi_stem_energy(pair_type(bases[j], bases[i]), bases[j - 1], bases[i + 1]);
    }
};

struct Fold {
    int32_t energy = 0;            // dcal/mol, bonuses included
    std::vector<int32_t> partner;  // per position, -1: unpaired
    int64_t candidates = 0;        // closed substructures that a multiloop may end with
};

// Called now and then with the share done; returning false cancels.
using Progress = std::function<bool(double)>;

enum class Instructions { portable, avx2, avx512 };
bool supported(Instructions instructions);
// The best this processor has, or what the environment's BIANQUE_INSTRUCTIONS names.
Instructions chosen_instructions();

Fold fold(const Problem& problem, Instructions instructions, const Progress& progress);

}  // namespace bianque::rna
