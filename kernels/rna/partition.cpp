#include "partition.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "boltzmann.hpp"
#include "exterior.hpp"
#include "partition_store.hpp"
#include "stretches.hpp"
#include "wavefront.hpp"

namespace bianque::rna {
namespace {

// A tile begins so many powers of two below its neighbours' largest values: room to grow by a whole tile's stacks, and
// below for what is rare.
constexpr int HEADROOM = 256;
class Partition {
  public:
    Partition(const EnsembleProblem& asked, const PartitionSweep& sweep, const Progress& progress)
        : asked_(asked),
          problem_(asked.problem),
          sweep_(sweep),
          progress_(progress),
          n_(problem_.size()),
          strips_((n_ + STRIP - 1) / STRIP),
          tables_(problem_, asked.must, asked.kt, strips_ * BLOCK),
          weights_(tables_.weights()),
          stored_(strips_),
          w_state_(std::size_t(SIZES) * strips_ * BLOCK),
          m_state_(strips_ * BLOCK),
          m2_state_(strips_ * BLOCK),
          exterior_(asked, tables_, stored_) {
        for (int s = 0; s < strips_; ++s) {
            stored_[s].low = low_block(s);
            stored_[s].units.resize(s - stored_[s].low + 1);
        }
    }

    Ensemble run() {
        work(progress_share(0, 1 / 3.0), [&](int s, Scratch& scratch, Wavefront& front) { inside_strip(s, scratch, front); });
        if (!(exterior_.whole() > 0)) throw std::domain_error("no structure meets the constraint");
        exterior_.turn_back();
        for (Stored& strip : stored_) turn(strip);
        outside_ = true;
        work(progress_share(1 / 3.0, 2 / 3.0),
             [&](int s, Scratch& scratch, Wavefront& front) { outside_strip(s, scratch, front); });
        return collected();
    }

  private:
    using StripWork = std::function<void(int, Scratch&, Wavefront&)>;

    // What one thread finds; added up at the end in the threads' order.
    struct Found {
        std::vector<double> paired, stretches;
    };

    Progress progress_share(double done, double share) const {
        if (!progress_) return {};
        return [this, done, share](double part) { return progress_(done + share * (problem_.span ? part : part * part)); };
    }

    void work(const Progress& progress, const StripWork& strip) {
        Wavefront front(strips_, problem_.threads);
        found_.resize(front.threads(), Found{std::vector<double>(n_), std::vector<double>(n_ + 1)});
        listed_.resize(strips_);
        front.run(
            [&](int thread) {
                Scratch scratch;
                for (int s = thread; s < strips_ && !front.stopped(); s += front.threads()) strip(s, scratch, front);
            },
            progress);
    }

    int low_block(int strip) const {
        return problem_.span ? std::max(0, strip * STRIP - problem_.span + 1) / BLOCK : 0;
    }

    WeightTile open_tile(int strip, Scratch& scratch, int halo_before) {
        WeightTile tile{};
        tile.weights = &weights_;
        tile.keys = tables_.columns() + strip * STRIP;
        tile.first_column = strip * STRIP;
        tile.columns = std::min(STRIP, n_ - strip * STRIP);
        tile.span = problem_.span;
        tile.constrained = problem_.constrained() || !asked_.must.empty();
        scratch.clear();
        scratch.open(tile, halo_before);
        return tile;
    }

    void place_tile(WeightTile& tile, int block, int strip) const {
        tile.first_row = block * BLOCK;
        tile.diagonal = block == strip;
        tile.limited = problem_.span && tile.first_row <= tile.first_column + tile.columns - problem_.span;
    }

    // From the diagonal to the lowest rows.
    void inside_strip(int s, Scratch& scratch, Wavefront& front) {
        Stored& own = stored_[s];
        const std::size_t cells = own.units.size() * CELLS;
        own.pairs = Room<double>(cells), own.m1 = Room<double>(cells), own.m = Room<double>(cells);
        WeightTile tile = open_tile(s, scratch, 0);
        for (int block = s; block >= own.low; --block) {
            if (!front.wait_for(s, s - block)) return;
            place_tile(tile, block, s);
            inside_tile(tile, block, s, scratch);
            front.made(s, s - block + 1);
        }
        front.made(s, strips_ + 1);
        if (!front.wait_for_finished(s)) return;
        exterior_.add_strip(s);
        front.finished(s);
    }

    void inside_tile(WeightTile& tile, int block, int s, Scratch& scratch) {
        Stored& own = stored_[s];
        const bool diagonal = block == s;
        const Stored* left = diagonal ? nullptr : &stored_[s - 1];
        const int before = diagonal ? 0 : std::max(own.unit(block + 1), left->unit(block));
        const int unit = before + HEADROOM;
        tile.nothing = power_of_two(-unit);
        inside_halo(tile, block, s, unit);

        const double from_left = left ? power_of_two(left->unit(block) - unit) : 0;
        const double from_above = diagonal ? 0 : power_of_two(own.unit(block + 1) - unit);
        if (left) scaled(left->at(left->m1, block) + CELLS - BLOCK, tile.m1, BLOCK, from_left);
        scratch.m2.fill(0);
        for (int k = block + 1; k < s; ++k)
            sweep_.multiply(stored_[k].at(stored_[k].m, block), own.at(own.m1, k),
                            power_of_two(stored_[k].unit(block) + own.unit(k) - unit), tile.m2 + M2_STRIDE, M2_STRIDE);
        scaled(m2_state_.data() + tile.first_row, tile.m2, BLOCK, from_left);
        for (int c = 0; c <= STRIP; ++c) tile.m2[c * M2_STRIDE + BLOCK] = scratch.m2_edge[c] * from_above;
        scaled(m_state_.data() + tile.first_row, tile.m, BLOCK, from_left);
        scaled(tile.l_edge, tile.l_edge, STRIP, from_above);
        load_w(tile, scratch, from_left, from_above);
        tile.m_block = diagonal ? tile.m : stored_[block].at(stored_[block].m, block);
        tile.block_scale = power_of_two(diagonal ? unit : stored_[block].unit(block));
        tile.m1_strip = diagonal ? nullptr : own.at(own.m1, s);
        tile.strip_scale = diagonal ? 0 : power_of_two(own.unit(s));
        sweep_.inside(tile);
        store_inside(tile, block, s, unit, scratch);
    }

    void load_w(WeightTile& tile, Scratch& scratch, double from_left, double from_beside) {
        for (int x = 0; x < SIZES; ++x)
            scaled(w_state_.data() + std::size_t(x) * strips_ * BLOCK + tile.first_row, tile.w + x * W_ROWS, BLOCK,
                   from_left);
        scaled(scratch.w_edges[scratch.upper].data(), scratch.w_beside.data(), (STRIP + 1) * SIZES, from_beside);
        scratch.upper = 1 - scratch.upper;
        tile.w_edge = scratch.w_edges[scratch.upper].data();
    }

    static double* column(const WeightTile& tile, int slot) { return tile.closed[0] + slot * TILE_ROWS; }

    // Some rows of one stored column into the tile's halo, or zeros where there is no such tile.
    void copy_halo(const Stored* strip, int block, int from_column, int from_row, int rows, int unit, double* to) const {
        if (strip && strip->has(block))
            scaled(strip->at(strip->pairs, block) + from_column * BLOCK + from_row, to, rows,
                   power_of_two(unit_of(*strip, block) - unit));
        else
            std::fill_n(to, rows, 0);
    }
    int unit_of(const Stored& strip, int block) const {
        return outside_ ? exterior_.unit() - strip.unit(block) : strip.unit(block);
    }

    void derive(const WeightTile& tile, int slot, int column_of_keys, int first, int rows) const {
        double* ends[ARRAYS];
        for (int x = 0; x < ARRAYS; ++x) ends[x] = tile.closed[x] + slot * TILE_ROWS + first;
        (outside_ ? sweep_.derive_outside : sweep_.derive_inside)(weights_, tile.keys[column_of_keys],
                                                                   tile.first_row + first, rows, ends);
    }

    void inside_halo(WeightTile& tile, int block, int s, int unit) const {
        const Stored* left = s > 0 ? &stored_[s - 1] : nullptr;
        for (int h = 1; h < HALO; ++h) {
            const int slot = HALO - 1 - h;
            copy_halo(left, block, STRIP - h, 0, BLOCK, unit, column(tile, slot));
            copy_halo(left, block + 1, STRIP - h, 0, HALO, unit, column(tile, slot) + BLOCK);
            derive(tile, slot, -h, 0, BLOCK + HALO);
        }
        for (int c = 0; c < STRIP; ++c) {
            copy_halo(block < s ? &stored_[s] : nullptr, block + 1, c, 0, HALO, unit,
                      column(tile, HALO - 1 + c) + BLOCK);
            derive(tile, HALO - 1 + c, c, BLOCK, HALO);
        }
    }

    // Into the unit in which the tile's largest value is about 1.
    void store_inside(WeightTile& tile, int block, int s, int unit, Scratch& scratch) {
        Stored& own = stored_[s];
        double most = largest(tile.m, (STRIP + 1) * BLOCK, 0);
        most = largest(tile.m1, (STRIP + 1) * BLOCK, most);
        for (int c = 0; c < tile.columns; ++c) most = largest(column(tile, HALO - 1 + c), BLOCK, most);
        check(most);
        const int shift = most > 0 ? std::ilogb(most) + 1 : -HEADROOM;
        const double factor = power_of_two(-shift);
        own.units[block - own.low] = unit + shift;
        for (int c = 0; c < STRIP; ++c) {
            const int at = c * BLOCK;
            if (c < tile.columns) {
                scaled(column(tile, HALO - 1 + c), own.at(own.pairs, block) + at, BLOCK, factor);
                scaled(tile.m1 + at + BLOCK, own.at(own.m1, block) + at, BLOCK, factor);
                scaled(tile.m + at, own.at(own.m, block) + at, BLOCK, factor);
            } else {
                for (const Room<double>* room : {&own.pairs, &own.m1, &own.m})
                    std::fill_n(own.at(*room, block) + at, BLOCK, 0);
            }
        }
        scaled(tile.m + CELLS, m_state_.data() + tile.first_row, BLOCK, factor);
        scaled(tile.m2 + STRIP * M2_STRIDE, m2_state_.data() + tile.first_row, BLOCK, factor);
        for (int c = 0; c <= STRIP; ++c) scratch.m2_edge[c] = tile.m2[c * M2_STRIDE] * factor;
        scaled(tile.l_edge, tile.l_edge, STRIP, factor);
        scaled(tile.w_edge, tile.w_edge, (STRIP + 1) * SIZES, factor);
        store_w(tile, factor);
    }

    void store_w(const WeightTile& tile, double factor) {
        for (int x = 0; x < SIZES; ++x)
            scaled(tile.w + x * W_ROWS, w_state_.data() + std::size_t(x) * strips_ * BLOCK + tile.first_row, BLOCK, factor);
    }

    // The outside needs M by columns of k.
    static void turn(Stored& strip) {
        for (int block = strip.low; strip.has(block); ++block) {
            double* m = strip.at(strip.m, block);
            for (int x = 0; x < BLOCK; ++x)
                for (int y = 0; y < x; ++y) std::swap(m[x * BLOCK + y], m[y * BLOCK + x]);
        }
        strip.m2 = Room<double>(strip.units.size() * CELLS);
    }

    // From the lowest rows to the diagonal; strips from the last one on.
    void outside_strip(int order, Scratch& scratch, Wavefront& front) {
        const int s = strips_ - 1 - order;
        Stored& own = stored_[s];
        WeightTile tile = open_tile(s, scratch, HALO);
        const Stretches stretches(asked_, tables_, stored_, exterior_.whole());
        const std::vector<double> leading = asked_.stretch ? stretches.leading(s) : std::vector<double>{};
        Found& found = found_[order % front.threads()];
        for (int block = own.low; block <= s; ++block) {
            if (!front.wait_for(order, block + 1)) return;
            place_tile(tile, block, s);
            outside_tile(tile, block, s, scratch);
            list_pairs(tile, block, s, found);
            if (asked_.stretch) stretches.add(tile, block, s, leading, found.stretches);
            store_outside(tile, block, s);
            front.made(order, block + 1);
        }
        front.made(order, strips_ + 1);
        if (!front.wait_for_finished(order)) return;
        own.m = Room<double>();
        front.finished(order);
    }

    void outside_tile(WeightTile& tile, int block, int s, Scratch& scratch) {
        Stored& own = stored_[s];
        const Stored* right = s + 1 < strips_ && stored_[s + 1].has(block) ? &stored_[s + 1] : nullptr;
        const int unit = exterior_.unit() - own.unit(block);
        outside_halo(tile, block, s, unit);
        const double from_right = right ? power_of_two(exterior_.unit() - right->unit(block) - unit) : 0;
        const double from_above = block > own.low ? power_of_two(own.unit(block) - own.unit(block - 1)) : 0;
        std::fill_n(tile.m1, CELLS, 0);
        for (int above = own.low; above < block; ++above) {
            const Stored& middle = stored_[block];
            if (!middle.has(above)) continue;
            sweep_.multiply(middle.at(middle.m, above), own.at(own.m2, above),
                            power_of_two(middle.unit(above) - own.unit(above) + own.unit(block)), tile.m1, BLOCK);
        }
        scaled(m2_state_.data() + tile.first_row, tile.m1 + CELLS, BLOCK, from_right);
        std::fill_n(tile.m, CELLS, 0);
        for (int later = s + 1; later < strips_ && stored_[later].has(block); ++later)
            sweep_.multiply_turned(stored_[later].at(stored_[later].m2, block), stored_[later].at(stored_[later].m1, s),
                                   power_of_two(stored_[later].unit(s) - stored_[later].unit(block) + own.unit(block)),
                                   tile.m, BLOCK);
        scaled(m_state_.data() + tile.first_row, scratch.carry.data(), BLOCK, from_right);
        scaled(tile.l_edge, tile.l_edge, STRIP, from_above);
        load_w(tile, scratch, from_right, from_above);
        tile.prefix = exterior_.before(block);
        for (int c = 0; c < tile.columns; ++c)
            scratch.suffix.data()[c] = exterior_.after(tile.first_column + c + 1, block, own.unit(block));
        tile.m_block = stored_[block].at(stored_[block].m, block);
        tile.block_scale = power_of_two(stored_[block].unit(block));
        tile.m1_strip = own.at(own.m1, s);
        tile.strip_scale = power_of_two(own.unit(s));
        sweep_.outside(tile);
    }

    void outside_halo(WeightTile& tile, int block, int s, int unit) const {
        const Stored* right = s + 1 < strips_ ? &stored_[s + 1] : nullptr;
        for (int h = 0; h < HALO - 1; ++h) {
            const int slot = HALO - 2 - h;
            copy_halo(right, block, h, 0, BLOCK, unit, column(tile, slot));
            copy_halo(right, block - 1, h, BLOCK - HALO, HALO, unit, column(tile, slot) - HALO);
            derive(tile, slot, STRIP + h, -HALO, BLOCK + HALO);
        }
        for (int c = 0; c < STRIP; ++c) {
            const int slot = outside_slot(c);
            copy_halo(&stored_[s], block - 1, c, BLOCK - HALO, HALO, unit, column(tile, slot) - HALO);
            derive(tile, slot, c, -HALO, HALO);
        }
    }

    void store_outside(WeightTile& tile, int block, int s) {
        Stored& own = stored_[s];
        for (int c = 0; c < STRIP; ++c)
            std::copy_n(column(tile, outside_slot(c)), BLOCK, own.at(own.pairs, block) + c * BLOCK);
        std::copy_n(tile.m2, CELLS, own.at(own.m2, block));
        scaled(tile.m1, m2_state_.data() + tile.first_row, BLOCK, 1);
        scaled(tile.m, m_state_.data() + tile.first_row, BLOCK, 1);
        store_w(tile, 1);
    }

    void list_pairs(const WeightTile& tile, int block, int s, Found& found) {
        const double* pairs = stored_[s].at(stored_[s].pairs, block);
        for (int c = 0; c < tile.columns; ++c) {
            const double* beyond = column(tile, outside_slot(c));
            const int j = tile.first_column + c;
            double sum = 0;
            for (int r = 0; r < BLOCK; ++r) {
                if (pairs[c * BLOCK + r] == 0) continue;
                const double p = pairs[c * BLOCK + r] * beyond[r] / exterior_.whole();
                sum += p;
                found.paired[tile.first_row + r] += p;
                if (p >= asked_.cutoff) listed_[s].push_back({tile.first_row + r, j, p});
            }
            check(sum);
            found.paired[j] += sum;
        }
    }

    Ensemble collected() {
        Ensemble made;
        made.log_weight = exterior_.log_whole();
        for (std::vector<Listed>& strip : listed_) {
            std::sort(strip.begin(), strip.end(), [](const Listed& x, const Listed& y) {
                return x.second != y.second ? x.second < y.second : x.first < y.first;
            });
            for (const Listed& one : strip) {
                made.first.push_back(one.first);
                made.second.push_back(one.second);
                made.probability.push_back(one.probability);
            }
        }
        made.paired.assign(n_, 0);
        for (const Found& found : found_)
            for (int x = 0; x < n_; ++x) made.paired[x] += found.paired[x];
        if (asked_.stretch) made.unpaired_stretch = unpaired_stretches();
        return made;
    }

    std::vector<double> unpaired_stretches() const {
        std::vector<double> made(std::max(0, n_ - asked_.stretch + 1));
        double within_loops = 0;
        for (std::size_t i = 0; i < made.size(); ++i) {
            for (const Found& found : found_) within_loops += found.stretches[i];
            made[i] = within_loops + exterior_.open(i, i + asked_.stretch);
        }
        return made;
    }

    struct Listed {
        int first, second;
        double probability;
    };

    const EnsembleProblem& asked_;
    const Problem& problem_;
    const PartitionSweep& sweep_;
    const Progress& progress_;
    int n_, strips_;
    BoltzmannTables tables_;
    const Weights& weights_;
    std::vector<Stored> stored_;
    std::vector<double> w_state_, m_state_, m2_state_;  // of the strip before, by row
    Exterior exterior_;
    bool outside_ = false;
    std::vector<Found> found_;
    std::vector<std::vector<Listed>> listed_;
};

const PartitionSweep& partition_of(Instructions instructions) {
#if defined(__x86_64__) || defined(_M_X64)
    if (instructions == Instructions::avx512) return avx512_partition();
    if (instructions == Instructions::avx2) return avx2_partition();
#endif
    return portable_partition();
}

}  // namespace

Ensemble ensemble(const EnsembleProblem& asked, Instructions instructions, const Progress& progress) {
    if (asked.problem.size() == 0) return {};
    return Partition(asked, partition_of(instructions), progress).run();
}

}  // namespace bianque::rna
