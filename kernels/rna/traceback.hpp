// What the filling keeps, and the way back from it to a structure.
#pragma once

#include <algorithm>
#include <memory>
#include <new>
#include <optional>
#include <vector>

#include "mfe.hpp"
#include "sweep.hpp"

namespace bianque::rna {

// Room for many numbers, aligned to cache lines and touched only as they are written.
template <class T>
class Room {
  public:
    Room() = default;
    explicit Room(std::size_t count)
        : memory_(static_cast<T*>(::operator new(count * sizeof(T), std::align_val_t{64}))), size_(count) {}
    T* data() const { return memory_.get(); }
    void fill(T value) { std::fill_n(data(), size_, value); }

  private:
    struct Free {
        void operator()(T* memory) const { ::operator delete(memory, std::align_val_t{64}); }
    };
    std::unique_ptr<T[], Free> memory_;
    std::size_t size_ = 0;
};

// The tables in memory: M and C of every cell (see Column), candidates of every column, best prefixes.
template <class T>
struct Kept {
    explicit Kept(const Problem& problem)
        : problem(&problem), columns(problem.size()), candidates(problem.size()) {
        starts.push_back(0);
        for (int j0 = 0; j0 < problem.size(); j0 += STRIP)
            starts.push_back(starts.back() + std::size_t{2} * count(j0) * (top(j0) - low_row(j0)));
        values = Room<T>(starts.back());
        bases.resize(starts.size() - 1);
    }

    int count(int j0) const { return std::min(STRIP, problem->size() - j0); }
    int low_row(int j0) const { return problem->span ? std::max(0, j0 - problem->span + 1) / BLOCK * BLOCK : 0; }
    int top(int j0) const { return (j0 + count(j0) + BLOCK - 1) / BLOCK * BLOCK; }

    // Makes room for a strip's columns, and returns the bases of its blocks. Threads open different strips.
    int32_t* open_strip(int j0) {
        const int first = low_row(j0), rows = top(j0) - first;
        bases[j0 / STRIP] = std::make_unique_for_overwrite<int32_t[]>(rows / BLOCK);
        int32_t* base = bases[j0 / STRIP].get() - first / BLOCK;
        for (int c = 0; c < count(j0); ++c) {
            T* column = values.data() + starts[j0 / STRIP] + std::size_t{2} * rows * c - first;
            columns[j0 + c] = {column, column + rows, base};
        }
        return base;
    }

    int32_t energy(int i, int j, T value) const {
        return value >= Range<T>::LIMIT ? INF : columns[j].base[i / BLOCK] + value;
    }
    int32_t multi(int i, int j) const { return j - i <= MIN_HAIRPIN ? INF : energy(i, j, columns[j].m[i]); }
    int32_t closed(int i, int j) const { return problem->allowed(i, j) ? energy(i, j, columns[j].c[i]) : INF; }

    const Problem* problem;
    std::vector<Column<T>> columns;
    std::vector<std::vector<Candidate>> candidates;
    std::vector<int32_t> prefix;  // best energy of the first x nucleotides
    Room<T> values;
    std::vector<std::size_t> starts;  // of each strip in `values`
    std::vector<std::unique_ptr<int32_t[]>> bases;
    bool inexact = false;
};

// The tables of a problem; none where numbers of T would not be exact, as those of 32 bits always are.
template <class T>
std::optional<Kept<T>> fill(const Problem& problem, Instructions instructions, const Progress& progress);
template <>
std::optional<Kept<int16_t>> fill(const Problem& problem, Instructions instructions, const Progress& progress);
template <>
std::optional<Kept<int32_t>> fill(const Problem& problem, Instructions instructions, const Progress& progress);

// The structure of least energy; false where the tables hold none.
template <class T>
bool trace(const Kept<T>& kept, std::vector<int32_t>& partner);

}  // namespace bianque::rna
