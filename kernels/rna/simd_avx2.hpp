// Lanes of AVX2: sixteen of 16 bits, eight of 32.
#pragma once

#include <immintrin.h>

#include <cstdint>

#include "sweep.hpp"

namespace bianque::rna {
namespace {

inline __m256i load256(const void* p) { return _mm256_loadu_si256(static_cast<const __m256i*>(p)); }
inline __m256i twice(const uint8_t* p) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
}

struct Lanes16 {
    using T = int16_t;
    static constexpr int SIZE = 16;
    struct Index {
        __m256i low, high;
    };
    __m256i v;

    static Lanes16 load(const T* p) { return {load256(p)}; }
    static Lanes16 all(int32_t x) { return {_mm256_set1_epi16(static_cast<T>(x))}; }
    static Index index(RowIndex<T> rows, int row) { return {load256(rows.low + row), load256(rows.high + row)}; }
    void store(T* p) const { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v); }

    static Lanes16 lookup(const uint8_t* table, Index index) {
        return {_mm256_or_si256(_mm256_shuffle_epi8(twice(table), index.low),
                                _mm256_shuffle_epi8(twice(table + 16), index.high))};
    }
    friend Lanes16 operator+(Lanes16 a, Lanes16 b) { return {_mm256_adds_epi16(a.v, b.v)}; }
    friend Lanes16 min(Lanes16 a, Lanes16 b) { return {_mm256_min_epi16(a.v, b.v)}; }
    friend Lanes16 max(Lanes16 a, Lanes16 b) { return {_mm256_max_epi16(a.v, b.v)}; }
    friend bool any_less(Lanes16 a, Lanes16 b) { return _mm256_movemask_epi8(_mm256_cmpgt_epi16(b.v, a.v)) != 0; }
    // `b` where the mask is -1, `a` where it is 0.
    friend Lanes16 choose(Lanes16 mask, Lanes16 a, Lanes16 b) { return {_mm256_blendv_epi8(a.v, b.v, mask.v)}; }
    friend Lanes16 equal(Lanes16 a, Lanes16 b) { return {_mm256_cmpeq_epi16(a.v, b.v)}; }
    friend Lanes16 less(Lanes16 a, Lanes16 b) { return {_mm256_cmpgt_epi16(b.v, a.v)}; }
    // Each lane the least of itself, the lanes after it, and `above`.
    friend Lanes16 least_from(Lanes16 a, T above) {
        const __m256i beyond = _mm256_set1_epi16(above);
        __m256i x = a.v;
        x = _mm256_min_epi16(x, _mm256_alignr_epi8(_mm256_permute2x128_si256(x, beyond, 0x21), x, 2));
        x = _mm256_min_epi16(x, _mm256_alignr_epi8(_mm256_permute2x128_si256(x, beyond, 0x21), x, 4));
        x = _mm256_min_epi16(x, _mm256_alignr_epi8(_mm256_permute2x128_si256(x, beyond, 0x21), x, 8));
        x = _mm256_min_epi16(x, _mm256_permute2x128_si256(x, beyond, 0x21));
        return {_mm256_min_epi16(x, beyond)};
    }
    // Least of the lanes that are possible, with 32-bit addends.
    static int32_t least_sum(Lanes16 a, const int32_t* addend) {
        const __m256i possible = _mm256_cmpgt_epi16(_mm256_set1_epi16(Range<T>::LIMIT), a.v);
        const auto half = [&](__m128i values, __m128i mask, const int32_t* p) {
            const __m256i sum = _mm256_add_epi32(_mm256_cvtepi16_epi32(values), load256(p));
            return _mm256_blendv_epi8(_mm256_set1_epi32(INF), sum, _mm256_cvtepi16_epi32(mask));
        };
        const __m256i least = _mm256_min_epi32(
            half(_mm256_castsi256_si128(a.v), _mm256_castsi256_si128(possible), addend),
            half(_mm256_extracti128_si256(a.v, 1), _mm256_extracti128_si256(possible, 1), addend + 8));
        alignas(32) int32_t lanes[8];
        _mm256_store_si256(reinterpret_cast<__m256i*>(lanes), least);
        int32_t smallest = INF;
        for (const int32_t x : lanes) smallest = x < smallest ? x : smallest;
        return smallest;
    }
};

struct Lanes32 {
    using T = int32_t;
    static constexpr int SIZE = 8;
    using Index = __m256i;
    __m256i v;

    static Lanes32 load(const T* p) { return {load256(p)}; }
    static Lanes32 all(int32_t x) { return {_mm256_set1_epi32(x)}; }
    static Index index(RowIndex<T> rows, int row) { return load256(rows.low + row); }
    void store(T* p) const { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v); }

    static Lanes32 lookup(const int32_t* table, Index index) { return {_mm256_i32gather_epi32(table, index, 4)}; }
    friend Lanes32 operator+(Lanes32 a, Lanes32 b) { return {_mm256_add_epi32(a.v, b.v)}; }
    friend Lanes32 min(Lanes32 a, Lanes32 b) { return {_mm256_min_epi32(a.v, b.v)}; }
    friend Lanes32 max(Lanes32 a, Lanes32 b) { return {_mm256_max_epi32(a.v, b.v)}; }
    friend bool any_less(Lanes32 a, Lanes32 b) { return _mm256_movemask_epi8(_mm256_cmpgt_epi32(b.v, a.v)) != 0; }
    friend Lanes32 choose(Lanes32 mask, Lanes32 a, Lanes32 b) { return {_mm256_blendv_epi8(a.v, b.v, mask.v)}; }
    friend Lanes32 equal(Lanes32 a, Lanes32 b) { return {_mm256_cmpeq_epi32(a.v, b.v)}; }
    friend Lanes32 less(Lanes32 a, Lanes32 b) { return {_mm256_cmpgt_epi32(b.v, a.v)}; }
};

}  // namespace
}  // namespace bianque::rna
