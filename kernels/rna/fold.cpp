#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "mfe.hpp"
#include "sweep.hpp"
#include "tables.hpp"
#include "traceback.hpp"
#include "wavefront.hpp"

namespace bianque::rna {
namespace {

int round_up(int x, int step) { return (x + step - 1) / step * step; }

// A thread's working memory.
template <class T>
struct Scratch {
    Room<T> closed, w, w_edges[2], w_lifted, m2, multi, m_edge;
    std::vector<Candidate> found;
    std::vector<int> counts;

    Scratch()
        : closed(ARRAYS * SLOTS * ROWS + PAD),
          w(SIZES * ROWS + PAD),
          w_lifted((STRIP + 1) * SIZES + PAD),
          m2(std::size_t(STRIP + 1) * (MACRO / BLOCK) * M2_ROWS + PAD),
          multi(2 * ROWS + PAD),
          m_edge(STRIP + PAD),
          found(STRIP * BLOCK),
          counts(STRIP) {
        for (Room<T>& edge : w_edges) edge = Room<T>((STRIP + 1) * SIZES + PAD);
    }
    T* m2_block(int slot, int block) { return m2.data() + (std::size_t(slot) * (MACRO / BLOCK) + block) * M2_ROWS; }
    void clear() {
        for (Room<T>* values : {&closed, &w, &w_edges[0], &w_edges[1], &m2, &multi, &m_edge})
            values->fill(Range<T>::INFINITE);
    }
};

template <class T>
class Filling {
  public:
    Filling(const Problem& problem, const Sweep<T>& sweep, const LookupTables<T>& lookups, const Progress& progress)
        : problem_(problem),
          sweep_(sweep),
          tables_(lookups.tables()),
          progress_(progress),
          n_(problem.size()),
          rows_(round_up(n_ + 1, BLOCK)),
          strips_((n_ + STRIP - 1) / STRIP),
          keys_(problem, rows_),
          kept_(problem),
          w_state_(std::size_t(SIZES) * rows_ + PAD),
          last_m_(rows_ + PAD),
          last_m2_(rows_ + PAD),
          front_(strips_, problem.threads) {
        kept_.prefix.assign(n_ + 1 + PAD, INF);
        kept_.prefix[0] = 0;
    }

    Kept<T> run() {
        const Progress share = !progress_ ? Progress{} : [this](double part) {
            return progress_(problem_.span ? part : part * part);
        };
        front_.run(
            [this](int thread) {
                Scratch<T> scratch;
                for (int s = thread; s < strips_ && !front_.stopped(); s += front_.threads()) strip(s, scratch);
            },
            share);
        kept_.inexact = inexact_;
        return std::move(kept_);
    }

  private:
    // What is at hand while a strip is worked on from its highest rows to its lowest.
    struct Strip {
        int first_column, columns, low, top;
        int32_t* bases;  // of each block
        Scratch<T>& scratch;
        Tile<T> tile;
        std::vector<std::size_t> applied;  // per column, candidates that the present macro block has had already
        int32_t base_above = 0;            // of the block above
        int upper = 0;                     // which of the two edges of W is that of the block above
    };

    void strip(int s, Scratch<T>& scratch) {
        const int j0 = s * STRIP, columns = kept_.count(j0);
        Strip strip{j0, columns, kept_.low_row(j0), kept_.top(j0), kept_.open_strip(j0), scratch,
                    open_tile(j0, columns, scratch), std::vector<std::size_t>(columns)};
        scratch.clear();
        for (int macro_top = strip.top; macro_top > strip.low;) {
            // Macro blocks begin at the same rows in every strip.
            const int macro = std::max(strip.low, (macro_top - 1) / MACRO * MACRO);
            if (!front_.wait_for(s, steps_to(macro))) return;
            macro_block(strip, macro, (macro_top - macro) / BLOCK);
            if (strip.tile.inexact) {
                inexact_ = true;
                front_.stop();
                return;
            }
            front_.made(s, steps_to(macro));
            macro_top = macro;
        }
        exterior(s, j0, columns, strip.low);
    }

    // Some blocks whose M2 takes the candidates found so far in one go.
    void macro_block(Strip& strip, int macro, int blocks) {
        Scratch<T>& scratch = strip.scratch;
        for (int b = blocks - 1; b >= 0; --b)
            strip.bases[macro / BLOCK + b] = base(strip.first_column, macro + b * BLOCK);
        start_m2(strip, macro, blocks);
        for (int c = 0; c < strip.columns; ++c) {
            const std::vector<Candidate>& candidates = kept_.candidates[strip.first_column + c];
            strip.applied[c] = candidates.size();
            push(candidates, 0, macro, blocks, strip.bases, scratch.m2_block(c + 1, 0));
        }
        for (int b = blocks - 1; b >= 0; --b) {
            for (int c = 0; c <= strip.columns; ++c) strip.tile.m2[c] = scratch.m2_block(c, b);
            block(strip, macro + b * BLOCK, b + 1 < blocks);
        }
        for (int b = 0; b < blocks; ++b)
            std::copy_n(scratch.m2_block(strip.columns, b), BLOCK, last_m2_.data() + macro + b * BLOCK);
    }

    void block(Strip& strip, int b0, bool below_another) {
        Tile<T>& tile = strip.tile;
        Scratch<T>& scratch = strip.scratch;
        tile.first_row = b0;
        tile.base = strip.bases[b0 / BLOCK];
        const bool wide = problem_.span && b0 <= strip.first_column + strip.columns - problem_.span;
        tile.limited = wide || b0 + BLOCK > strip.first_column - MIN_HAIRPIN;
        const int32_t rise = b0 + BLOCK == strip.top ? 0 : strip.base_above - tile.base;
        for (int c = 0; below_another && c <= strip.columns; ++c)
            tile.m2[c][BLOCK] = lifted(tile.m2[c][M2_ROWS], rise);  // the first row of the block above
        for (int c = 0; c < strip.columns; ++c) {
            const std::vector<Candidate>& candidates = kept_.candidates[strip.first_column + c];
            push(candidates, strip.applied[c], b0, 1, strip.bases, tile.m2[c + 1]);
            tile.late[c] = candidates.data();
            tile.late_count[c] = static_cast<int>(
                std::partition_point(candidates.begin(), candidates.end(),
                                     [&](const Candidate& k) { return k.row > strip.first_column; }) -
                candidates.begin());
            const bool possible = tile.m_edge[c] < Range<T>::LIMIT;
            tile.m_edge[c] = lifted(tile.m_edge[c], rise);
            if (possible && tile.m_edge[c] >= Range<T>::LIMIT) tile.inexact = true;
        }
        load_block(tile, rise);
        sweep_.lift(scratch.w_edges[strip.upper].data(), scratch.w_lifted.data(), (strip.columns + 1) * SIZES, rise);
        strip.upper = 1 - strip.upper;
        tile.w_below = scratch.w_edges[strip.upper].data();
        sweep_.block(tile);
        strip.base_above = tile.base;
        save_block(tile);
        for (int c = 0; c < strip.columns; ++c)
            for (int x = 0; x < tile.found_count[c]; ++x)
                if (const Candidate& found = tile.found[c][x]; found.row > 0)
                    kept_.candidates[strip.first_column + c].push_back(found);
    }

    Tile<T> open_tile(int j0, int columns, Scratch<T>& scratch) {
        Tile<T> tile{};
        tile.tables = &tables_;
        tile.rows = keys_.rows();
        tile.keys = keys_.columns() + j0;
        tile.first_column = j0;
        tile.columns = columns;
        tile.constrained = problem_.constrained();
        tile.shaped = !problem_.stack_bonus.empty();
        for (int x = 0; x < ARRAYS; ++x) tile.closed[x] = scratch.closed.data() + x * SLOTS * ROWS;
        tile.w = scratch.w.data();
        tile.w_above = scratch.w_lifted.data();
        tile.store = kept_.columns.data();
        tile.m_edge = scratch.m_edge.data();
        tile.multi[0] = scratch.multi.data();
        tile.multi[1] = scratch.multi.data() + ROWS;
        tile.found = reinterpret_cast<Candidate(*)[BLOCK]>(scratch.found.data());
        tile.found_count = scratch.counts.data();
        return tile;
    }

    static T lifted(T value, int32_t rise) {
        return static_cast<T>(std::min<int64_t>(int64_t{value} + rise, Range<T>::INFINITE));
    }

    // Bases fall as intervals grow, so that a value seen from another tile's base only ever rises.
    int32_t base(int j0, int b0) const {
        if (sizeof(T) == 4) return 0;
        if (b0 >= j0) return Range<T>::START;
        const Column<T>& before = kept_.columns[j0 - 1];
        const T m = before.m[b0];
        const int32_t known = m >= Range<T>::LIMIT ? 0 : std::min(0, before.base[b0 / BLOCK] + m);
        return std::min(known + Range<T>::START, before.base[b0 / BLOCK]);
    }

    // Applies the candidates of a column, from the `first` on, to the rows of some blocks. Those whose left neighbour is
    // in this strip wait until its M is there.
    void push(const std::vector<Candidate>& candidates, std::size_t first, int b0, int blocks, const int32_t* bases,
              T* m2) {
        const int strip = (&candidates - kept_.candidates.data()) / STRIP * STRIP;
        for (std::size_t x = first; x < candidates.size(); ++x) {
            const Candidate& k = candidates[x];
            if (k.row > strip) continue;
            const Column<T>& left = kept_.columns[k.row - 1];
            if (blocks > 1 && x + 1 < candidates.size()) {  // the next one's M comes from memory meanwhile
                const T* next = kept_.columns[candidates[x + 1].row - 1].m + b0;
                for (int r = 0; r < blocks * BLOCK; r += 64 / sizeof(T)) __builtin_prefetch(next + r);
            }
            sweep_.push(left.m + b0, left.base + b0 / BLOCK, bases + b0 / BLOCK, k.energy, blocks, m2);
        }
    }

    // M2 of a macro block before its candidates: none yet, and that of the column before the strip.
    void start_m2(Strip& strip, int macro, int blocks) {
        Scratch<T>& scratch = strip.scratch;
        const bool first = macro + blocks * BLOCK == strip.top;
        const int32_t rise = strip.base_above - strip.bases[macro / BLOCK + blocks - 1];
        for (int c = 0; c <= strip.columns; ++c) {
            const T above = first ? Range<T>::INFINITE : lifted(scratch.m2_block(c, 0)[0], rise);
            for (int b = 0; b < blocks; ++b) std::fill_n(scratch.m2_block(c, b), M2_ROWS, Range<T>::INFINITE);
            scratch.m2_block(c, blocks - 1)[BLOCK] = above;
        }
        for (int b = 0; b < blocks; ++b)
            if (const int b0 = macro + b * BLOCK; b0 < strip.first_column)
                sweep_.lift(last_m2_.data() + b0, scratch.m2_block(0, b), BLOCK,
                            kept_.columns[strip.first_column - 1].base[b0 / BLOCK] - strip.bases[b0 / BLOCK]);
    }

    // What the tile needs from the block above it and from the strip before.
    void load_block(Tile<T>& tile, int32_t rise) {
        const int b0 = tile.first_row, j0 = tile.first_column;
        for (int x = 0; x < ARRAYS; ++x)
            for (int slot = 0; slot < SLOTS; ++slot) {
                T* rows = tile.closed[x] + slot * ROWS;
                sweep_.lift(rows, rows + BLOCK, HALO + WIDEST, rise);
            }
        if (b0 >= j0) {
            for (int x = 0; x < SIZES; ++x) std::fill_n(tile.w + x * ROWS, BLOCK, Range<T>::INFINITE);
            std::fill_n(tile.multi[0], BLOCK, Range<T>::INFINITE);
            return;
        }
        const int32_t fall = kept_.columns[j0 - 1].base[b0 / BLOCK] - tile.base;
        for (int slot = 0; slot < HALO - 1; ++slot) {
            const int column = j0 - (HALO - 1) + slot;
            T* out[ARRAYS];
            for (int x = 0; x < ARRAYS; ++x) out[x] = tile.closed[x] + slot * ROWS;
            sweep_.halo(tables_, tile.rows, keys_.column(column), kept_.columns[column].c + b0, fall, b0, out);
        }
        for (int x = 0; x < SIZES; ++x)
            sweep_.lift(w_state_.data() + std::size_t(x) * rows_ + b0, tile.w + x * ROWS, BLOCK, fall);
        sweep_.lift(last_m_.data() + b0, tile.multi[0], BLOCK, fall);
        for (int r = 0; r < BLOCK; ++r)
            if (last_m_.data()[b0 + r] < Range<T>::LIMIT && tile.multi[0][r] >= Range<T>::LIMIT) tile.inexact = true;
    }

    void save_block(const Tile<T>& tile) {
        for (int x = 0; x < SIZES; ++x)
            std::copy_n(tile.w + x * ROWS, BLOCK, w_state_.data() + std::size_t(x) * rows_ + tile.first_row);
        std::copy_n(tile.multi[tile.columns % 2], BLOCK, last_m_.data() + tile.first_row);
    }

    // Best energy of every prefix that ends in the strip.
    void exterior(int s, int j0, int columns, int low) {
        if (!front_.wait_for_finished(s)) return;
        std::vector<int32_t>& f = kept_.prefix;
        for (int j = j0; j < j0 + columns; ++j) {
            const int last = std::max(low, j - MIN_HAIRPIN);
            int32_t best = f[j];
            // At the sequence's ends one neighbour is missing.
            const auto at_end = [&](int i) {
                if (const int32_t c = kept_.closed(i, j); finite(c))
                    best = std::min(best, f[i] + c + problem_.model().exterior_stem_energy(problem_.bases.data(), n_, i, j));
            };
            if (j + 1 == n_) {
                for (int i = low; i < last; ++i) at_end(i);
            } else {
                if (low == 0 && last > 0) at_end(0);
                best = std::min(best, sweep_.exterior(tables_, keys_.rows(), keys_.column(j), kept_.columns[j], f.data(),
                                                      std::max(low, 1), last));
            }
            f[j + 1] = best;
        }
        front_.finished(s);
    }

    // How far a strip is that has finished all rows from `row` on.
    int steps_to(int row) const { return rows_ - row; }

    const Problem& problem_;
    const Sweep<T>& sweep_;
    const Tables<T>& tables_;
    const Progress& progress_;
    int n_, rows_, strips_;
    Keys<T> keys_;
    Kept<T> kept_;
    Room<T> w_state_, last_m_, last_m2_;
    Wavefront front_;
    std::atomic<bool> inexact_{false};
};

bool small(const std::vector<int32_t>& values, int32_t limit) {
    return std::all_of(values.begin(), values.end(), [=](int32_t x) { return x >= -limit && x <= limit; });
}

// Whether 16 bits can hold what the problem adds to the energies of its loops.
bool narrow(const Problem& problem) {
    const bool with_n = std::find(problem.bases.begin(), problem.bases.end(), N) != problem.bases.end();
    return !with_n && problem.pair_bonus.empty() && problem.prepared->fits_16_bits() && small(problem.stack_bonus, 1000) &&
           small(problem.layer, Range<int16_t>::LIMIT);
}

template <class T>
bool traced(const Kept<T>& kept, Fold& fold) {
    fold.energy = kept.prefix[kept.problem->size()];
    fold.candidates = 0;
    for (const auto& column : kept.candidates) fold.candidates += static_cast<int64_t>(column.size());
    return trace(kept, fold.partner);
}

}  // namespace

template <>
std::optional<Kept<int16_t>> fill(const Problem& problem, Instructions instructions, const Progress& progress) {
    const Sweep<int16_t>* sweep = sweeps(instructions).narrow;
    if (!sweep || !narrow(problem)) return std::nullopt;
    Kept<int16_t> kept = Filling<int16_t>(problem, *sweep, problem.prepared->lookups<int16_t>(), progress).run();
    if (kept.inexact) return std::nullopt;
    return kept;
}

template <>
std::optional<Kept<int32_t>> fill(const Problem& problem, Instructions instructions, const Progress& progress) {
    return Filling<int32_t>(problem, *sweeps(instructions).wide, problem.prepared->lookups<int32_t>(), progress).run();
}

Fold fold(const Problem& problem, Instructions instructions, const Progress& progress) {
    Fold made;
    if (problem.size() == 0) return made;
    if (const auto kept = fill<int16_t>(problem, instructions, progress); kept && traced(*kept, made)) return made;
    if (const auto kept = fill<int32_t>(problem, instructions, progress); !traced(*kept, made))
        throw std::logic_error("the traceback found no structure of the least energy");
    return made;
}

}  // namespace bianque::rna
