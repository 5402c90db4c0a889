#include "suboptimal.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <unordered_map>

#include "traceback.hpp"

namespace bianque::rna {
namespace {

// A part of a structure that is still to be decided.
enum class Kind : uint8_t {
    nothing,
    prefix,  // the exterior loop's first j + 1 nucleotides
    pair,    // what (i, j) closes
    multi,   // a multiloop's part i..j with at least one stem
    split,   // with at least two
};

struct Piece {
    Kind kind = Kind::nothing;
    int32_t i = 0, j = 0;
};

// One way to decide a piece: what it loses against the best way, and what it leaves to decide.
struct Way {
    int32_t loss;
    Piece parts[2];
};

// The ways to decide every piece that is met. They exclude each other (the last nucleotide of a piece is unpaired, or its
// partner is named), so that no structure is found twice; and their losses are exact, so that every way leads to a
// structure.
template <class T>
class Ways {
  public:
    Ways(const Kept<T>& kept, int32_t within)
        : kept_(kept), problem_(*kept.problem), model_(problem_.model()), s_(problem_.bases.data()), within_(within) {}

    // In the order of their losses, none above `within`.
    const std::vector<Way>& of(const Piece& piece) {
        const auto [found, is_new] = known_.try_emplace(key(piece));
        if (is_new) {
            least_ = energy(piece);
            decide(piece, found->second);
            if (found->second.empty()) throw std::logic_error("a part of a structure can be decided in no way");
            std::stable_sort(found->second.begin(), found->second.end(),
                             [](const Way& a, const Way& b) { return a.loss < b.loss; });
        }
        return found->second;
    }

  private:
    using Key = uint64_t;

    static Key key(const Piece& piece) {
        return Key{static_cast<uint8_t>(piece.kind)} << 60 | Key{static_cast<uint32_t>(piece.i)} << 30 |
               static_cast<uint32_t>(piece.j);
    }

    int32_t energy(const Piece& piece) {
        if (piece.kind == Kind::prefix) return kept_.prefix[piece.j + 1];
        if (piece.kind == Kind::pair) return kept_.closed(piece.i, piece.j);
        if (piece.kind == Kind::multi) return kept_.multi(piece.i, piece.j);
        return two_stems(piece.i, piece.j);
    }

    void decide(const Piece& piece, std::vector<Way>& ways) {
        if (piece.kind == Kind::prefix) prefix(piece.j, ways);
        else if (piece.kind == Kind::pair) pair(piece.i, piece.j, ways);
        else loop(piece, ways);
    }

    void add(std::vector<Way>& ways, int64_t energy, Piece first = {}, Piece second = {}) const {
        if (const int64_t loss = energy - least_; finite(energy) && loss <= within_)
            ways.push_back({static_cast<int32_t>(loss), {first, second}});
    }

    static Piece prefix_to(int j) { return j < 0 ? Piece{} : Piece{Kind::prefix, 0, j}; }

    void prefix(int j, std::vector<Way>& ways) const {
        const std::vector<int32_t>& f = kept_.prefix;
        add(ways, f[j], prefix_to(j - 1));
        for (int i = lowest(j); i < j - MIN_HAIRPIN; ++i)
            if (const int32_t c = kept_.closed(i, j); finite(c))
                add(ways, f[i] + c + model_.exterior_stem_energy(s_, problem_.size(), i, j), {Kind::pair, i, j},
                    prefix_to(i - 1));
    }

    int lowest(int j) const { return problem_.span ? std::max(0, j - problem_.span + 1) : 0; }

    void pair(int i, int j, std::vector<Way>& ways) {
        const int32_t bonus = problem_.bonus(i, j);
        add(ways, model_.hairpin_energy(s_, i, j) + bonus);
        for (int k = i + 1; k <= i + 1 + MAX_LOOP; ++k)
            for (int l = j - 1; l - k > MIN_HAIRPIN && k - i - 1 + j - l - 1 <= MAX_LOOP; --l)
                if (const int32_t c = kept_.closed(k, l); finite(c))
                    add(ways, problem_.interior_energy(i, j, k, l) + c + bonus, {Kind::pair, k, l});
        if (const int32_t inside = two_stems(i + 1, j - 1); finite(inside))
            add(ways, inside + problem_.closing_energy(i, j) + bonus, {Kind::split, i + 1, j - 1});
    }

    // The last nucleotide is unpaired, or closes a stem: the first one, or one after others.
    void loop(const Piece& piece, std::vector<Way>& ways) {
        const int i = piece.i, j = piece.j;
        const int64_t unpaired = model_.multi_base;  // of so many it may leave 32 bits
        const Piece shorter{piece.kind, i, j - 1};
        if (const int32_t rest = energy(shorter); finite(rest)) add(ways, rest + unpaired, shorter);
        for (int k = i; k < j - MIN_HAIRPIN; ++k) {
            const int32_t c = kept_.closed(k, j);
            if (!finite(c)) continue;
            const int32_t stem = c + problem_.stem_energy(k, j);
            if (piece.kind == Kind::multi) add(ways, (k - i) * unpaired + stem, {Kind::pair, k, j});
            if (const int32_t before = kept_.multi(i, k - 1); finite(before))
                add(ways, before + stem, {Kind::pair, k, j}, {Kind::multi, i, k - 1});
        }
    }

    // The best energy of i..j in a multiloop with two stems or more, which the filling does not keep. Candidates are
    // enough to split it at.
    int32_t two_stems(int i, int j) {
        if (j < i) return INF;
        std::vector<int32_t>& row = two_stems_[i];
        for (int last = i + static_cast<int>(row.size()); last <= j; ++last) {
            int32_t best = row.empty() || !finite(row.back()) ? INF : row.back() + model_.multi_base;
            for (const Candidate& k : kept_.candidates[last]) {
                if (k.row <= i + MIN_HAIRPIN) break;  // the others lie before it
                if (const int32_t before = kept_.multi(i, k.row - 1); finite(before))
                    best = std::min(best, before + k.energy);
            }
            row.push_back(best);
        }
        return row[j - i];
    }

    const Kept<T>& kept_;
    const Problem& problem_;
    const Model& model_;
    const uint8_t* s_;
    int32_t within_;
    int32_t least_ = 0;  // of the piece that is being decided
    std::unordered_map<Key, std::vector<Way>> known_;
    std::unordered_map<int, std::vector<int32_t>> two_stems_;  // row i, from column i on
};

// Decides one piece after the other, depth first.
template <class T>
class Enumeration {
  public:
    Enumeration(const Kept<T>& kept, int32_t within, int64_t most, const Progress& progress)
        : kept_(kept), problem_(*kept.problem), ways_(kept, within), within_(within), most_(most), progress_(progress),
          losses_(within + 1) {
        made_.reach = within;
    }

    // Counts first, so that what is given is all that is kept.
    Suboptimals run() {
        walk([&] {
            if (paired_where_needed()) count();
            return made_.count > 0;
        });
        if (made_.reach == within_) {
            made_.energies.reserve(std::max<int64_t>(made_.count, 1));
            made_.partners.reserve(made_.energies.capacity() * problem_.size());
            walk([&] {
                if (made_.count == 0 || paired_where_needed()) keep();
                return made_.count > 0;
            });
        }
        if (progress_ && !progress_(1)) throw Cancelled();
        return std::move(made_);
    }

  private:
    struct Choice {
        Piece piece;
        const std::vector<Way>* ways;
        std::size_t at;
        const Way& way() const { return (*ways)[at]; }
    };

    // Visits every structure within reach, until `visit` says no.
    template <class Visit>
    void walk(const Visit& visit) {
        open_ = {{Kind::prefix, 0, problem_.size() - 1}};
        choices_.clear();
        loss_ = 0;
        do {
            while (!open_.empty()) {
                choices_.push_back({open_.back(), &ways_.of(open_.back()), 0});
                open_.pop_back();
                take(choices_.back());
                report();
            }
        } while (visit() && next());
    }

    void take(const Choice& choice) {
        loss_ += choice.way().loss;
        for (const Piece& part : choice.way().parts)
            if (part.kind != Kind::nothing) open_.push_back(part);
    }

    void undo(const Choice& choice) {
        loss_ -= choice.way().loss;
        for (const Piece& part : choice.way().parts)
            if (part.kind != Kind::nothing) open_.pop_back();
    }

    // The latest choice that can still be made otherwise is.
    bool next() {
        for (; !choices_.empty(); choices_.pop_back()) {
            Choice& choice = choices_.back();
            undo(choice);
            if (++choice.at < choice.ways->size() && loss_ + choice.way().loss <= made_.reach) {
                take(choice);
                return true;
            }
            open_.push_back(choice.piece);
        }
        return false;
    }

    void count() {
        ++losses_[loss_];
        for (++made_.count; made_.count > most_; --made_.reach) made_.count -= losses_[made_.reach];
    }

    bool paired_where_needed() const {
        if (problem_.pair_bonus.empty()) return true;
        const std::vector<int32_t> partner = partners();
        for (int x = 0; x < problem_.size(); ++x)
            if (problem_.pair_bonus[x] != 0 && partner[x] < 0) return false;
        return true;
    }

    void keep() {
        const std::vector<int32_t> partner = partners();
        made_.energies.push_back(kept_.prefix[problem_.size()] + loss_);
        made_.partners.insert(made_.partners.end(), partner.begin(), partner.end());
    }

    std::vector<int32_t> partners() const {
        std::vector<int32_t> partner(problem_.size(), -1);
        for (const Choice& choice : choices_)
            if (const Piece& piece = choice.piece; piece.kind == Kind::pair) {
                partner[piece.i] = piece.j;
                partner[piece.j] = piece.i;
            }
        return partner;
    }

    // The filling was the first half.
    void report() {
        if (!progress_ || ++steps_ % 1024 != 0) return;
        const auto now = std::chrono::steady_clock::now();
        if (now - reported_ < std::chrono::milliseconds(100)) return;
        reported_ = now;
        most_found_ = std::max(most_found_, made_.count);
        if (!progress_(0.5 + 0.5 * most_found_ / (most_ + 1))) throw Cancelled();
    }

    const Kept<T>& kept_;
    const Problem& problem_;
    Ways<T> ways_;
    int32_t within_;
    int64_t most_;
    const Progress& progress_;
    std::vector<Piece> open_;
    std::vector<Choice> choices_;
    int32_t loss_ = 0;              // of the choices made, together
    std::vector<int64_t> losses_;   // how many structures lose so much
    Suboptimals made_;
    int64_t steps_ = 0, most_found_ = 0;
    std::chrono::steady_clock::time_point reported_ = std::chrono::steady_clock::now();
};

}  // namespace

Suboptimals suboptimals(const Problem& problem, int32_t within, int64_t most, Instructions instructions,
                        const Progress& progress) {
    Progress first_half;
    if (progress) first_half = [&](double share) { return progress(share / 2); };
    if (const auto kept = fill<int16_t>(problem, instructions, first_half))
        return Enumeration<int16_t>(*kept, within, most, progress).run();
    const auto kept = fill<int32_t>(problem, instructions, first_half);
    return Enumeration<int32_t>(*kept, within, most, progress).run();
}

}  // namespace bianque::rna
