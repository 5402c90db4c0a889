#include "mea.hpp"

#include <algorithm>

namespace bianque::rna {
namespace {

// A pair (row, column) with the most that it and what it encloses is worth, kept where that is more than anything of
// the same interval that is not closed.
struct Closed {
    int32_t row;
    double worth;
};

struct Interval {
    int32_t first, last;
};

class Accuracy {
  public:
    explicit Accuracy(const Worth& worth)
        : worth_(worth), n_(static_cast<int>(worth.unpaired.size())), columns_(n_), row_(n_ + 1), above_(n_ + 1) {
        starting_.resize(n_);
        for (std::size_t x = 0; x < worth.first.size(); ++x) {
            starting_[worth.first[x]].push_back({worth.second[x], worth.pair[x]});
            longest_ = std::max(longest_, worth.second[x] - worth.first[x]);
        }
        for (auto& pairs : starting_)
            std::sort(pairs.begin(), pairs.end(), [](const Closed& x, const Closed& y) { return x.row < y.row; });
    }

    std::vector<int32_t> run(const Progress& progress) {
        // No interval longer than the longest pair lies within one.
        for (int i = n_ - 1; i >= 0; --i) {
            if (progress && i % 256 == 0 && !progress(1 - double(i) / n_)) throw Cancelled();
            fill(i, std::min(n_ - 1, i + longest_), true);
            std::swap(row_, above_);
        }
        partner_.assign(n_, -1);
        std::vector<Interval> open{{0, n_ - 1}};
        while (!open.empty()) {
            const Interval interval = open.back();
            open.pop_back();
            if (interval.last > interval.first) trace(interval, open);
        }
        return partner_;
    }

  private:
    // row_[j + 1 - i]: the most that i..j is worth; for the first time of a row its pairs are closed.
    void fill(int i, int last, bool close) {
        const std::vector<Closed>& pairs = starting_[i];
        std::size_t next = 0;
        row_[0] = 0;
        for (int j = i; j <= last; ++j) {
            double best = row_[j - i] + worth_.unpaired[j];
            for (const Closed& k : columns_[j]) {
                if (k.row < i) break;
                best = std::max(best, row_[k.row - i] + k.worth);
            }
            if (close && next < pairs.size() && pairs[next].row == j) {
                const double closed = pairs[next++].worth + (j > i + 1 ? above_[j - 1 - i] : 0);
                if (closed > best) {
                    best = closed;
                    columns_[j].push_back({i, closed});
                }
            }
            row_[j + 1 - i] = best;
        }
    }

    void trace(const Interval& interval, std::vector<Interval>& open) {
        const int i = interval.first;
        fill(i, interval.last, false);
        for (int j = interval.last; j > i;) {
            const double worth = row_[j + 1 - i];
            const auto& columns = columns_[j];
            const auto k = std::find_if(columns.begin(), columns.end(), [&](const Closed& one) {
                return one.row >= i && row_[one.row - i] + one.worth == worth;
            });
            if (row_[j - i] + worth_.unpaired[j] == worth || k == columns.end()) {
                --j;
                continue;
            }
            partner_[k->row] = j;
            partner_[j] = k->row;
            open.push_back({k->row + 1, j - 1});
            j = k->row - 1;
        }
    }

    const Worth& worth_;
    int n_, longest_ = 0;
    std::vector<std::vector<Closed>> starting_;  // by first position; `row` is the second
    std::vector<std::vector<Closed>> columns_;   // by second position, rows descending
    std::vector<double> row_, above_;
    std::vector<int32_t> partner_;
};

}  // namespace

std::vector<int32_t> most_worth(const Worth& worth, const Progress& progress) { return Accuracy(worth).run(progress); }

}  // namespace bianque::rna
