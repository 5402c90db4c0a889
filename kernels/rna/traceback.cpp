#include "traceback.hpp"

#include <algorithm>

namespace bianque::rna {
namespace {

struct Piece {
    int i, j;
    int stems;       // 0: a pair; 1: a multiloop's part with at least one stem; 2: with at least two
    int32_t energy;
};

template <class T>
class Trace {
  public:
    Trace(const Kept<T>& kept, std::vector<int32_t>& partner)
        : kept_(kept), problem_(*kept.problem), model_(problem_.model()), s_(problem_.bases.data()), partner_(partner) {}

    bool run() {
        partner_.assign(problem_.size(), -1);
        if (!exterior()) return false;
        while (!pieces_.empty()) {
            const Piece piece = pieces_.back();
            pieces_.pop_back();
            if (!(piece.stems == 0 ? pair(piece) : piece.stems == 1 ? multi(piece) : split(piece))) return false;
        }
        return true;
    }

  private:
    bool exterior() {
        const std::vector<int32_t>& f = kept_.prefix;
        const int n = problem_.size();
        for (int j = n - 1; j >= 0;) {
            if (f[j + 1] == f[j]) {
                --j;
                continue;
            }
            const int low = kept_.low_row(j / STRIP * STRIP);
            int i = j - MIN_HAIRPIN - 1;
            for (; i >= low; --i) {
                const int32_t c = kept_.closed(i, j);
                if (finite(c) && f[i] + c + model_.exterior_stem_energy(s_, n, i, j) == f[j + 1]) {
                    pieces_.push_back({i, j, 0, c});
                    break;
                }
            }
            if (i < low) return false;
            j = i - 1;
        }
        return true;
    }

    bool pair(const Piece& piece) {
        const int i = piece.i, j = piece.j;
        partner_[i] = j;
        partner_[j] = i;
        const int32_t energy = piece.energy - problem_.bonus(i, j);
        if (model_.hairpin_energy(s_, i, j) == energy) return true;
        for (int left = 0; left <= MAX_LOOP; ++left)
            for (int right = 0; left + right <= MAX_LOOP; ++right) {
                const int k = i + 1 + left, l = j - 1 - right;
                if (l - k <= MIN_HAIRPIN) break;
                const int32_t inside = kept_.closed(k, l);
                if (!finite(inside)) continue;
                if (problem_.interior_energy(i, j, k, l) + inside == energy) {
                    pieces_.push_back({k, l, 0, inside});
                    return true;
                }
            }
        pieces_.push_back({i + 1, j - 1, 2, energy - problem_.closing_energy(i, j)});
        return true;
    }

    bool multi(Piece piece) {
        // Unpaired nucleotides at either end, then a stem alone or a split.
        while (true) {
            if (kept_.multi(piece.i + 1, piece.j) + model_.multi_base == piece.energy) ++piece.i;
            else if (piece.j > piece.i && kept_.multi(piece.i, piece.j - 1) + model_.multi_base == piece.energy) --piece.j;
            else break;
            piece.energy -= model_.multi_base;
        }
        const int32_t c = kept_.closed(piece.i, piece.j);
        if (finite(c) && c + problem_.stem_energy(piece.i, piece.j) == piece.energy) {
            pieces_.push_back({piece.i, piece.j, 0, c});
            return true;
        }
        return split(piece);
    }

    // M2 ends in a candidate, or in unpaired nucleotides after one.
    bool split(Piece piece) {
        for (; piece.j > piece.i; --piece.j, piece.energy -= model_.multi_base)
            for (const Candidate& k : kept_.candidates[piece.j]) {
                if (k.row <= piece.i + MIN_HAIRPIN) continue;
                const int32_t left = kept_.multi(piece.i, k.row - 1);
                if (finite(left) && left + k.energy == piece.energy) {
                    pieces_.push_back({piece.i, k.row - 1, 1, left});
                    pieces_.push_back({k.row, piece.j, 0, k.energy - problem_.stem_energy(k.row, piece.j)});
                    return true;
                }
            }
        return false;
    }

    const Kept<T>& kept_;
    const Problem& problem_;
    const Model& model_;
    const uint8_t* s_;
    std::vector<int32_t>& partner_;
    std::vector<Piece> pieces_;
};

}  // namespace

template <class T>
bool trace(const Kept<T>& kept, std::vector<int32_t>& partner) {
    return Trace<T>(kept, partner).run();
}

template bool trace(const Kept<int16_t>&, std::vector<int32_t>&);
template bool trace(const Kept<int32_t>&, std::vector<int32_t>&);

}  // namespace bianque::rna
