#include "beam.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <functional>
#include <limits>

#include "sweep.hpp"

namespace bianque::rna {
namespace {

constexpr int WINDOW = MAX_LOOP + 1;  // columns before j that an inner pair may end at
constexpr int WORD = 64;              // rows of a bit map's word
constexpr int BEFORE = SPREAD;        // writable rows before row 0
constexpr int MAX_SPECIAL = 6;        // unpaired nucleotides in a hairpin that may be special
constexpr int AHEAD = 4;              // stacks that a pair is judged by before they are there
constexpr std::size_t APART = 8;      // see Beaming::window
constexpr int64_t NO_LIMIT = std::numeric_limits<int64_t>::max();

// The least energy offered for each of few rows among very many.
class Offers {
  public:
    explicit Offers(int size) : least_(size, INF) {}
    int32_t at(int row) const { return least_[row]; }
    const std::vector<int32_t>& rows() const { return rows_; }
    void offer(int row, int32_t energy) {
        if (!finite(energy)) return;
        if (least_[row] == INF) rows_.push_back(row);
        least_[row] = std::min(least_[row], energy);
    }
    void clear() {
        for (const int32_t row : rows_) least_[row] = INF;
        rows_.clear();
    }

  private:
    std::vector<int32_t> least_, rows_;
};

// Closed states of one column with what each of the general loops around them starts from.
struct Inner {
    std::vector<int32_t> rows, generic, bulge, one_n;
    std::vector<int32_t> words;  // that the rows around them are in
};

struct Ranked {
    int64_t rank;
    BeamState state;
};

class Beaming {
  public:
    Beaming(const Problem& problem, int width, const Sweeps& sweeps, const Progress& progress)
        : problem_(problem),
          model_(problem.model()),
          s_(problem.bases.data()),
          width_(width),
          reach_(std::max(width, MAX_LOOP)),
          n_(problem.size()),
          spread_(sweeps.spread),
          progress_(progress),
          fresh_(n_),
          part_(n_),
          two_(n_),
          multi_prefix_(n_ + 1),
          touched_(n_ / WORD + 1) {
        for (std::vector<int32_t>* energies : {&direct_, &generic_, &bulge_, &one_n_})
            energies->assign(BEFORE + (n_ / WORD + 1) * WORD, INF);
        for (int unpaired = 0; unpaired <= std::min(n_ - 1, reach_); ++unpaired)
            hairpin_sizes_.push_back(model_.loop_size(model_.hairpin, unpaired));
        for (int base = 0; base < BASES; ++base) {
            partners_[base].assign(n_ / WORD + 1, 0);
            for (int i = 0; i < n_; ++i)
                if (pair_type(s_[i], base) != OTHER_PAIR && (!problem.constrained() || problem.opens[i]))
                    partners_[base][i / WORD] |= uint64_t{1} << i % WORD;
        }
        make_sizes();
        beams_.closed.resize(n_);
        beams_.multi.resize(n_);
        beams_.prefix.assign(n_ + 1, 0);
    }

    Beams run() {
        std::chrono::steady_clock::time_point told{};
        for (int j = 0; j < n_; ++j) {
            if (progress_ && j % 64 == 0) {
                const auto now = std::chrono::steady_clock::now();
                if (now - told >= std::chrono::milliseconds(100)) {
                    if (!progress_(double(j) / n_)) throw Cancelled();
                    told = now;
                }
            }
            close(j);
            continue_multi(j);
            extend_prefix(j);
        }
        return std::move(beams_);
    }

  private:
    // Energies by the unpaired nucleotides on both sides, for the loops whose energy is a sum: entry SPREAD - 1 - left.
    void make_sizes() {
        for (auto& sizes : sizes_) sizes.fill(INF);
        for (int right = 0; right <= MAX_LOOP; ++right)
            for (int left = 0; left + right <= MAX_LOOP; ++left) {
                const int shorter = std::min(left, right), longer = std::max(left, right);
                int32_t& energy = sizes_[right][SPREAD - 1 - left];
                if (right == 0 && left >= 2) energy = model_.bulge[left];
                const bool tabulated = longer < 3 || (shorter == 2 && longer == 3);
                if (right == 0 || left < 2 || tabulated) continue;
                energy = model_.interior[left + right] + std::min(model_.ninio_max, (longer - shorter) * model_.ninio);
            }
    }

    bool within_span(int i, int j) const { return !problem_.span || j - i + 1 <= problem_.span; }

    int32_t mismatch(const Model::Mismatch& energies, int i, int j) const {
        return energies[pair_type(s_[i], s_[j])][s_[i + 1]][s_[j - 1]];
    }

    void touch(int word) {
        if (touched_[word]) return;
        touched_[word] = 1;
        words_.push_back(word);
    }

    void offer(int i, int32_t energy) {
        int32_t& least = direct_[BEFORE + i];
        least = std::min(least, energy);
        touch(i / WORD);
    }

    // Calls `visit` with the rows from `high` to `low` that may pair with j.
    template <class Visit>
    void partners(int j, int high, int low, const Visit& visit) const {
        const std::vector<uint64_t>& map = partners_[s_[j]];
        for (int word = high / WORD; high >= low && word >= low / WORD; --word) {
            uint64_t bits = map[word];
            if (word == high / WORD) bits &= ~uint64_t{0} >> (WORD - 1 - high % WORD);
            while (bits) {
                const int bit = WORD - 1 - std::countl_zero(bits), i = word * WORD + bit;
                bits ^= uint64_t{1} << bit;
                if (i >= low && problem_.allowed(i, j)) visit(i);
            }
        }
    }

    // C[i,j]: the best of what closes a hairpin, an interior loop or a multiloop.
    void close(int j) {
        if (problem_.constrained() && !problem_.closes[j]) return window(j);
        hairpins(j);
        interiors(j);
        multiloops(j);
        gather(j);
        for (Ranked& x : ranked_) x.rank = prospect(x.state, j);
        keep(beams_.closed[j]);
        window(j);
    }

    void hairpins(int j) {
        partners(j, j - MIN_HAIRPIN - 1, std::max(0, j - 1 - reach_), [&](int i) {
            const int unpaired = j - i - 1;
            offer(i, unpaired <= MAX_SPECIAL ? model_.hairpin_energy(s_, i, j)
                                             : hairpin_sizes_[unpaired] + mismatch(model_.mismatch_hairpin, i, j));
        });
    }

    void interiors(int j) {
        for (int right = 0; right <= std::min(MAX_LOOP, j - 1); ++right) {
            const Inner& inner = window_[(j - 1 - right) % WINDOW];
            const int count = static_cast<int>(inner.rows.size());
            const std::vector<int32_t>& energies = right == 0 ? inner.bulge : right == 1 ? inner.one_n : inner.generic;
            std::vector<int32_t>& out = right == 0 ? bulge_ : right == 1 ? one_n_ : generic_;
            spread_(inner.rows.data(), energies.data(), count, sizes_[right].data(), right + 1, out.data());
            for (const int32_t word : inner.words) touch(word);
            for (int x = 0; x < count && right >= 2; ++x) {
                int32_t& least = bulge_[BEFORE + inner.rows[x] - 1];
                least = std::min(least, inner.bulge[x] + model_.bulge[right]);
            }
            for (int x = 0; x < count && right >= 3 && right < MAX_LOOP; ++x) {
                int32_t& least = one_n_[BEFORE + inner.rows[x] - 2];
                least = std::min(least, inner.one_n[x] + sizes_[1][SPREAD - 1 - right]);
            }
            if (right <= 3) small_interiors(j, right);
        }
    }

    // Loops with a table of their own.
    void small_interiors(int j, int right) {
        constexpr int FIRST[4] = {0, 0, 1, 2}, LAST[4] = {1, 2, 3, 2};
        const int l = j - 1 - right;
        for (const BeamState& inner : beams_.closed[l])
            for (int left = FIRST[right]; left <= LAST[right]; ++left) {
                const int i = inner.row - 1 - left;
                if (i < 0 || !problem_.allowed(i, j)) continue;
                offer(i, problem_.interior_energy(i, j, inner.row, l) + inner.energy);
            }
    }

    // Closes what has two stems or more and ends at j - 1; unpaired nucleotides may precede the first stem.
    void multiloops(int j) {
        const int64_t base = model_.multi_base;  // times a position it may leave 32 bits
        int64_t best = NO_LIMIT;
        for (std::size_t x = 0; x < two_kept_.size(); ++x) {
            const auto [row, energy] = two_kept_[x];
            const int next = x + 1 < two_kept_.size() ? two_kept_[x + 1].row : 0;
            best = std::min(best, energy + base * row);  // as if all before it were unpaired
            partners(j, row - 1, std::max(next, row - reach_), [&](int i) {
                const int64_t inside = best - base * (i + 1);
                if (finite(inside)) offer(i, problem_.closing_energy(i, j) + static_cast<int32_t>(inside));
            });
        }
    }

    // All closed states that were offered at j, from high rows to low ones.
    void gather(int j) {
        std::sort(words_.begin(), words_.end(), std::greater<>());
        ranked_.clear();
        for (const int word : words_) {
            touched_[word] = 0;
            const int first = word * WORD;
            partners(j, std::min(first + WORD, j) - 1, first, [&](int i) {
                const int at = BEFORE + i;
                const int32_t loop = std::min({direct_[at], generic_[at] + mismatch(model_.mismatch_interior, i, j),
                                               bulge_[at] + model_.end_penalty(pair_type(s_[i], s_[j])),
                                               one_n_[at] + mismatch(model_.mismatch_interior_1n, i, j)});
                const int32_t energy = loop + problem_.bonus(i, j);
                if (finite(energy)) ranked_.push_back({0, {i, energy}});
            });
            for (std::vector<int32_t>* energies : {&direct_, &generic_, &bulge_, &one_n_})
                std::fill_n(energies->begin() + BEFORE + first, WORD, INF);
        }
        words_.clear();
    }

    // Energy of a closed state and of what is before it, at its best while the helix grows outwards by a few pairs:
    // what begins a helix has not earned yet what it will.
    int32_t prospect(const BeamState& state, int j) const {
        int32_t energy = state.energy, best = energy + beams_.prefix[state.row];
        int i = state.row;
        for (int end = j + AHEAD; j < end && i > 0 && j + 1 < n_ && problem_.allowed(i - 1, j + 1); --i, ++j) {
            energy += model_.stack[pair_type(s_[i - 1], s_[j + 1])][pair_type(s_[j], s_[i])];
            best = std::min(best, energy + beams_.prefix[i - 1]);
        }
        return best;
    }

    // The best of `ranked_`; of equal ones the nearest.
    void keep(std::vector<BeamState>& kept) {
        int64_t worst = NO_LIMIT;
        if (ranked_.size() > static_cast<std::size_t>(width_)) {
            ranks_.clear();
            for (const Ranked& x : ranked_) ranks_.push_back(x.rank);
            std::nth_element(ranks_.begin(), ranks_.begin() + width_ - 1, ranks_.end());
            worst = ranks_[width_ - 1];
            std::erase_if(ranked_, [=](const Ranked& x) { return x.rank > worst; });
        }
        const auto nearer = [](const Ranked& x, const Ranked& y) { return x.state.row > y.state.row; };
        if (!std::is_sorted(ranked_.begin(), ranked_.end(), nearer)) std::sort(ranked_.begin(), ranked_.end(), nearer);
        const auto better = [=](const Ranked& x) { return x.rank < worst; };
        auto ties = width_ - std::count_if(ranked_.begin(), ranked_.end(), better);
        kept.clear();
        kept.reserve(std::min(ranked_.size(), static_cast<std::size_t>(width_)));
        for (const Ranked& x : ranked_)
            if (better(x) || ties-- > 0) kept.push_back(x.state);
    }

    // What interior loops around the column's closed states start from.
    void window(int j) {
        Inner& inner = window_[j % WINDOW];
        for (std::vector<int32_t>* values : {&inner.rows, &inner.generic, &inner.bulge, &inner.one_n, &inner.words})
            values->clear();
        if (j + 1 == n_) return;
        const std::vector<BeamState>& closed = beams_.closed[j];
        for (const BeamState& x : closed)
            for (const int word : {(x.row - 1) / WORD, std::max(0, x.row - SPREAD) / WORD})
                if (inner.words.empty() || word < inner.words.back()) inner.words.push_back(word);
        // Neighbours in the list overlap in what they are spread to: apart from each other, none waits for another.
        for (std::size_t first = 0; first < APART; ++first)
            for (std::size_t x = first; x < closed.size(); x += APART) {
                const auto [k, energy] = closed[x];
                if (k == 0) continue;
                const int type = pair_type(s_[j], s_[k]), c = s_[k - 1], d = s_[j + 1];
                inner.rows.push_back(k);
                inner.generic.push_back(energy + model_.mismatch_interior[type][d][c]);
                inner.bulge.push_back(energy + model_.end_penalty(type));
                inner.one_n.push_back(energy + model_.mismatch_interior_1n[type][d][c]);
            }
    }

    // M[i,j], and of it what has two stems or more.
    void continue_multi(int j) {
        std::vector<BeamState>& kept = beams_.multi[j];
        if (j > 0) go_on(beams_.multi[j - 1], j, part_);
        go_on(two_kept_, j, two_);
        const int64_t worst = std::max(worst_of(part_), worst_of(two_));
        int64_t best = multi_prefix_[j] + model_.multi_base;
        for (const auto& [k, energy] : beams_.closed[j]) {
            if (k == 0 || j + 1 == n_) continue;
            const int32_t stem = energy + problem_.stem_energy(k, j);
            best = std::min(best, multi_prefix_[k] + stem);
            // A stem helps only where it is better than what else begins and ends there (Wexler et al. 2007), and where
            // with the best before it it would be kept.
            if (stem < std::min(part_.at(k), fresh_.at(k)) && multi_prefix_[k] + stem <= worst) {
                ++beams_.candidates;
                for (const BeamState& before : beams_.multi[k - 1])
                    if (within_span(before.row - 1, j + 1)) fresh_.offer(before.row, before.energy + stem);
            }
            part_.offer(k, stem);
        }
        multi_prefix_[j + 1] = best;
        for (const int32_t row : fresh_.rows()) {
            part_.offer(row, fresh_.at(row));
            two_.offer(row, fresh_.at(row));
        }
        keep_offers(part_, kept);
        keep_offers(two_, two_kept_);
        fresh_.clear();
    }

    // What a part of a multiloop must not be worse than to be kept, of those that are known already.
    int64_t worst_of(const Offers& offers) const {
        if (offers.rows().size() < static_cast<std::size_t>(width_)) return NO_LIMIT;
        int64_t worst = std::numeric_limits<int64_t>::min();
        for (const int32_t row : offers.rows()) worst = std::max(worst, offers.at(row) + multi_prefix_[row]);
        return worst;
    }

    // One more unpaired nucleotide.
    void go_on(const std::vector<BeamState>& before, int j, Offers& offers) const {
        for (const auto& [row, energy] : before)
            if (within_span(row - 1, j + 1)) offers.offer(row, energy + model_.multi_base);
    }

    // Parts of multiloops are compared as if all before them were in the multiloop too: what a stem earns there would
    // otherwise let the longest parts drive out all others.
    void keep_offers(Offers& offers, std::vector<BeamState>& kept) {
        ranked_.clear();
        for (const int32_t row : offers.rows())
            ranked_.push_back({offers.at(row) + multi_prefix_[row], {row, offers.at(row)}});
        offers.clear();
        keep(kept);
    }

    void extend_prefix(int j) {
        std::vector<int32_t>& f = beams_.prefix;
        f[j + 1] = f[j];
        for (const auto& [i, energy] : beams_.closed[j])
            f[j + 1] = std::min(f[j + 1], f[i] + energy + model_.exterior_stem_energy(s_, n_, i, j));
    }

    const Problem& problem_;
    const Model& model_;
    const uint8_t* s_;
    int width_, reach_, n_;
    Spread spread_;
    const Progress& progress_;
    Beams beams_;
    std::array<Inner, WINDOW> window_;
    std::array<std::array<int32_t, SPREAD>, WINDOW> sizes_;
    std::vector<int32_t> direct_, generic_, bulge_, one_n_;  // C[·,j] so far, and what lacks the outer pair's part
    Offers fresh_, part_, two_;                              // M[·,j]: its last stem ends at j; all; two stems or more
    std::vector<BeamState> two_kept_;
    std::vector<int64_t> multi_prefix_;  // best of the first x nucleotides if all of them were in one multiloop
    std::vector<int32_t> hairpin_sizes_;
    std::array<std::vector<uint64_t>, BASES> partners_;  // bit maps of what may pair with a nucleotide further 3'
    std::vector<uint8_t> touched_;                       // words of the bit maps with offers, and which they are
    std::vector<int> words_;
    std::vector<Ranked> ranked_;
    std::vector<int64_t> ranks_;
};

}  // namespace

Fold fold_beam(const Problem& problem, int width, Instructions instructions, const Progress& progress) {
    Fold made;
    if (problem.size() == 0) return made;
    const Beams beams = Beaming(problem, width, sweeps(instructions), progress).run();
    made.energy = beams.prefix[problem.size()];
    made.candidates = beams.candidates;
    if (!trace(problem, beams, made.partner)) throw std::logic_error("the traceback found no structure of the energy");
    return made;
}

}  // namespace bianque::rna
