// Eight lanes of 32 bits in plain C++, for any processor: compilers turn the loops into what it has.
#pragma once

#include <cstdint>

#include "sweep.hpp"

namespace bianque::rna {
namespace {

struct Lanes32 {
    using T = int32_t;
    static constexpr int SIZE = 8;
    using Index = Lanes32;
    T v[SIZE];

    template <class F>
    static Lanes32 make(F value) {
        Lanes32 made;
        for (int x = 0; x < SIZE; ++x) made.v[x] = value(x);
        return made;
    }
    static Lanes32 load(const T* p) {
        return make([=](int x) { return p[x]; });
    }
    static Lanes32 all(int32_t value) {
        return make([=](int) { return value; });
    }
    static Index index(RowIndex<T> rows, int row) { return load(rows.low + row); }
    void store(T* p) const {
        for (int x = 0; x < SIZE; ++x) p[x] = v[x];
    }
    static Lanes32 lookup(const int32_t* table, const Index& index) {
        return make([&](int x) { return table[index.v[x]]; });
    }
    friend Lanes32 operator+(const Lanes32& a, const Lanes32& b) {
        return make([&](int x) { return a.v[x] + b.v[x]; });
    }
    friend Lanes32 min(const Lanes32& a, const Lanes32& b) {
        return make([&](int x) { return a.v[x] < b.v[x] ? a.v[x] : b.v[x]; });
    }
    friend Lanes32 max(const Lanes32& a, const Lanes32& b) {
        return make([&](int x) { return a.v[x] > b.v[x] ? a.v[x] : b.v[x]; });
    }
    friend bool any_less(const Lanes32& a, const Lanes32& b) {
        bool any = false;
        for (int x = 0; x < SIZE; ++x) any |= a.v[x] < b.v[x];
        return any;
    }
    friend Lanes32 choose(const Lanes32& mask, const Lanes32& a, const Lanes32& b) {
        return make([&](int x) { return mask.v[x] ? b.v[x] : a.v[x]; });
    }
    friend Lanes32 equal(const Lanes32& a, const Lanes32& b) {
        return make([&](int x) { return -(a.v[x] == b.v[x]); });
    }
    friend Lanes32 less(const Lanes32& a, const Lanes32& b) {
        return make([&](int x) { return -(a.v[x] < b.v[x]); });
    }
};

}  // namespace
}  // namespace bianque::rna
