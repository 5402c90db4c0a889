#include <algorithm>

#include "beam.hpp"

namespace bianque::rna {
namespace {

using States = std::vector<BeamState>;

// Which states an energy came from is found by its value: to note it would take as much memory as the states.
class Trace {
  public:
    Trace(const Problem& problem, const Beams& beams, std::vector<int32_t>& partner)
        : problem_(problem), beams_(beams), model_(problem.model()), s_(problem.bases.data()), partner_(partner) {}

    bool run() {
        partner_.assign(problem_.size(), -1);
        if (!exterior()) return false;
        while (!pairs_.empty()) {
            const Pair pair = pairs_.back();
            pairs_.pop_back();
            if (!inside(pair)) return false;
        }
        return true;
    }

  private:
    struct Pair {
        int i, j;
        int32_t energy;
    };

    static int32_t energy_of(const States& states, int row) {
        const auto found = std::lower_bound(states.begin(), states.end(), row,
                                            [](const BeamState& state, int wanted) { return state.row > wanted; });
        return found != states.end() && found->row == row ? found->energy : INF;
    }

    int32_t stem(const BeamState& state, int j) const { return state.energy + problem_.stem_energy(state.row, j); }

    bool exterior() {
        const std::vector<int32_t>& f = beams_.prefix;
        const int n = problem_.size();
        for (int j = n - 1; j >= 0;) {
            if (f[j + 1] == f[j]) {
                --j;
                continue;
            }
            const States& closed = beams_.closed[j];
            const auto found = std::find_if(closed.begin(), closed.end(), [&](const BeamState& x) {
                return f[x.row] + x.energy + model_.exterior_stem_energy(s_, n, x.row, j) == f[j + 1];
            });
            if (found == closed.end()) return false;
            pairs_.push_back({found->row, j, found->energy});
            j = found->row - 1;
        }
        return true;
    }

    bool inside(Pair pair) {
        const int i = pair.i, j = pair.j;
        partner_[i] = j;
        partner_[j] = i;
        pair.energy -= problem_.bonus(i, j);
        return model_.hairpin_energy(s_, i, j) == pair.energy || interior(pair) || multiloop(pair);
    }

    bool interior(const Pair& pair) {
        for (int right = 0; right <= MAX_LOOP && pair.j - 1 - right > pair.i; ++right) {
            const int l = pair.j - 1 - right;
            for (const auto& [k, energy] : beams_.closed[l]) {
                if (k <= pair.i) break;
                if (k - pair.i - 1 + right > MAX_LOOP) continue;
                if (problem_.interior_energy(pair.i, pair.j, k, l) + energy != pair.energy) continue;
                pairs_.push_back({k, l, energy});
                return true;
            }
        }
        return false;
    }

    // The last stem of a multiloop and what is before it.
    bool multiloop(const Pair& pair) {
        const auto [i, j, energy] = pair;
        const int64_t base = model_.multi_base;  // times a distance it may leave 32 bits
        int64_t rest = energy - problem_.closing_energy(i, j);
        for (int end = j - 1; end > i; --end, rest -= base)
            for (const BeamState& last : beams_.closed[end]) {
                if (last.row <= i + 1) break;
                const int64_t wanted = rest - stem(last, end);
                for (const BeamState& part : beams_.multi[last.row - 1]) {
                    if (part.row <= i) break;
                    if (part.energy + base * (part.row - i - 1) != wanted) continue;
                    pairs_.push_back({last.row, end, last.energy});
                    return stems(part, last.row - 1);
                }
            }
        return false;
    }

    // The stems of a multiloop's part, from its end to its beginning.
    bool stems(BeamState part, int end) {
        while (true) {
            const int32_t shorter = end > part.row ? energy_of(beams_.multi[end - 1], part.row) : INF;
            if (finite(shorter) && shorter + model_.multi_base == part.energy) {
                part.energy = shorter;
                --end;
                continue;
            }
            const States& closed = beams_.closed[end];
            const auto last = std::find_if(closed.begin(), closed.end(), [&](const BeamState& x) {
                return x.row >= part.row && before(part.row, x.row) + stem(x, end) == part.energy;
            });
            if (last == closed.end()) return false;
            pairs_.push_back({last->row, end, last->energy});
            if (last->row == part.row) return true;
            part.energy -= stem(*last, end);
            end = last->row - 1;
        }
    }

    // The part of a multiloop from its first stem to the one at `row`; nothing where that is the first.
    int32_t before(int first, int row) const { return row == first ? 0 : energy_of(beams_.multi[row - 1], first); }

    const Problem& problem_;
    const Beams& beams_;
    const Model& model_;
    const uint8_t* s_;
    std::vector<int32_t>& partner_;
    std::vector<Pair> pairs_;
};

}  // namespace

bool trace(const Problem& problem, const Beams& beams, std::vector<int32_t>& partner) {
    return Trace(problem, beams, partner).run();
}

}  // namespace bianque::rna
