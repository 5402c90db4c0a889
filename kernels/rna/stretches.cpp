#include "stretches.hpp"

namespace bianque::rna {
namespace {

// Loops of pairs less probable than this are not looked into.
constexpr double NEGLIGIBLE = 1e-7;

// The same for all stretches that start at first..last.
void add_range(std::vector<double>& found, int first, int last, double weight) {
    if (last < first) return;
    found[first] += weight;
    found[last + 1] -= weight;
}

}  // namespace

std::vector<double> Stretches::leading(int strip) const {
    const Stored& own = stored_[strip];
    std::vector<double> made(own.units.size() * CELLS);
    for (int c = 0; c < STRIP; ++c) {
        double l = 0;
        for (int block = strip; block >= own.low; --block) {
            if (block < strip) l *= power_of_two(own.unit(block + 1) - own.unit(block));
            const double* m1 = own.at(own.m1, block) + c * BLOCK;
            for (int r = BLOCK - 1; r >= 0; --r) {
                l = m1[r] + tables_.weights().unpaired[block * BLOCK + r] * l;
                made[std::size_t(block - own.low) * CELLS + c * BLOCK + r] = l;
            }
        }
    }
    return made;
}

void Stretches::add(const WeightTile& tile, int block, int strip, const std::vector<double>& leading,
                    std::vector<double>& found) const {
    add_multiloops(tile, block, strip, leading, found);
    const Stored& own = stored_[strip];
    for (int c = 0; c < tile.columns; ++c) {
        const double* inside = own.at(own.pairs, block) + c * BLOCK;
        const double* outside = tile.closed[0] + outside_slot(c) * TILE_ROWS;
        for (int r = 0; r < BLOCK; ++r)
            if (const double beyond = outside[r] / whole_; inside[r] * beyond > NEGLIGIBLE)
                add_loops(tile.first_row + r, tile.first_column + c, beyond, -own.unit(block), found);
    }
}

void Stretches::add_multiloops(const WeightTile& tile, int block, int strip, const std::vector<double>& leading,
                               std::vector<double>& found) const {
    const Stored& own = stored_[strip];
    const int k = asked_.stretch, n = problem_.size();
    // Before the first stem of a multiloop's part.
    for (int r = 0; r < BLOCK && tile.first_row + r + k < n; ++r) {
        const int start = tile.first_row + r, after = (start + k) / BLOCK;
        if (after > strip) break;
        const double* l = leading.data() + std::size_t(after - own.low) * CELLS + (start + k) % BLOCK;
        double sum = 0;
        for (int c = 0; c < tile.columns; ++c) sum += tile.l[c * BLOCK + r] * l[c * BLOCK];
        sum *= power_of_two(own.unit(after) - own.unit(block));
        add_range(found, start, start, sum / whole_ * unpaired(start, k));
    }
    // After a stem.
    for (int c = 0; c < tile.columns; ++c) {
        const int start = tile.first_column + c - k + 1, end_of_stem = start - 1;
        if (end_of_stem < tile.first_row) continue;
        const Stored& before = stored_[end_of_stem / STRIP];
        if (!before.has(block)) continue;
        const double* m1 = before.at(before.m1, block) + end_of_stem % STRIP * BLOCK;
        double sum = 0;
        for (int r = 0; r < BLOCK; ++r) sum += tile.m1[c * BLOCK + r] * m1[r];
        sum *= power_of_two(before.unit(block) - own.unit(block));
        add_range(found, start, start, sum / whole_ * unpaired(start, k));
    }
}

// Hairpin and interior loops of the pair (p, q), where `beyond` times 2^unit is the weight outside over the whole.
void Stretches::add_loops(int p, int q, double beyond, int unit, std::vector<double>& found) const {
    const int k = asked_.stretch;
    add_range(found, p + 1, q - k, beyond * tables_.hairpin(p, q) * power_of_two(unit));
    for (int left = 0; left <= MAX_LOOP && free(p + 1, p + 1 + left); ++left)
        for (int right = left >= k ? 0 : k; left + right <= MAX_LOOP; ++right) {
            const int i = p + 1 + left, j = q - 1 - right;
            if (j - i <= MIN_HAIRPIN) break;
            const Stored& strip = stored_[j / STRIP];
            const double inside = strip.at(strip.pairs, i / BLOCK)[j % STRIP * BLOCK + i % BLOCK];
            if (inside == 0 || !free(j + 1, q)) continue;
            const double loop = tables_.weight(problem_.model().interior_energy(problem_.bases.data(), p, q, i, j));
            const double weight = beyond * loop * inside * power_of_two(unit + strip.unit(i / BLOCK));
            add_range(found, p + 1, i - k, weight);
            add_range(found, j + 1, q - k, weight);
        }
}

// Weight of a stretch in a multiloop.
double Stretches::unpaired(int first, int count) const {
    double made = 1;
    for (int x = first; x < first + count; ++x) made *= tables_.weights().unpaired[x];
    return made;
}

bool Stretches::free(int first, int end) const {
    if (asked_.must.empty()) return true;
    for (int x = first; x < end; ++x)
        if (asked_.must[x]) return false;
    return true;
}

}  // namespace bianque::rna
