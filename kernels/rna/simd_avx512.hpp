// Lanes of AVX-512 (F, BW, VL): thirty-two of 16 bits, sixteen of 32.
#pragma once

#include <immintrin.h>

#include <cstdint>

#include "sweep.hpp"

namespace bianque::rna {
namespace {

inline __m512i load512(const void* p) { return _mm512_loadu_si512(p); }
inline __m512i four_times(const uint8_t* p) {
    return _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
}

struct Lanes16 {
    using T = int16_t;
    static constexpr int SIZE = 32;
    struct Index {
        __m512i low, high;
    };
    __m512i v;

    static Lanes16 load(const T* p) { return {load512(p)}; }
    static Lanes16 all(int32_t x) { return {_mm512_set1_epi16(static_cast<T>(x))}; }
    static Index index(RowIndex<T> rows, int row) { return {load512(rows.low + row), load512(rows.high + row)}; }
    void store(T* p) const { _mm512_storeu_si512(p, v); }

    static Lanes16 lookup(const uint8_t* table, Index index) {
        return {_mm512_or_si512(_mm512_shuffle_epi8(four_times(table), index.low),
                                _mm512_shuffle_epi8(four_times(table + 16), index.high))};
    }
    friend Lanes16 operator+(Lanes16 a, Lanes16 b) { return {_mm512_adds_epi16(a.v, b.v)}; }
    friend Lanes16 min(Lanes16 a, Lanes16 b) { return {_mm512_min_epi16(a.v, b.v)}; }
    friend Lanes16 max(Lanes16 a, Lanes16 b) { return {_mm512_max_epi16(a.v, b.v)}; }
    friend bool any_less(Lanes16 a, Lanes16 b) { return _mm512_cmplt_epi16_mask(a.v, b.v) != 0; }
    // `b` where the mask is -1, `a` where it is 0.
    friend Lanes16 choose(Lanes16 mask, Lanes16 a, Lanes16 b) {
        return {_mm512_mask_blend_epi16(_mm512_movepi16_mask(mask.v), a.v, b.v)};
    }
    friend Lanes16 equal(Lanes16 a, Lanes16 b) { return {_mm512_movm_epi16(_mm512_cmpeq_epi16_mask(a.v, b.v))}; }
    friend Lanes16 less(Lanes16 a, Lanes16 b) { return {_mm512_movm_epi16(_mm512_cmplt_epi16_mask(a.v, b.v))}; }
    // Each lane the least of itself, the lanes after it, and `above`.
    friend Lanes16 least_from(Lanes16 a, T above) {
        alignas(64) static const T order[64] = {
            0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
            22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
            44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
        const __m512i beyond = _mm512_set1_epi16(above);
        __m512i x = a.v;
        for (int step = 1; step < SIZE; step *= 2)
            x = _mm512_min_epi16(x, _mm512_permutex2var_epi16(x, load512(order + step), beyond));
        return {_mm512_min_epi16(x, beyond)};
    }
    // Least of the lanes that are possible, with 32-bit addends.
    static int32_t least_sum(Lanes16 a, const int32_t* addend) {
        const __mmask32 possible = _mm512_cmplt_epi16_mask(a.v, _mm512_set1_epi16(Range<T>::LIMIT));
        const auto half = [&](__m256i values, __mmask16 mask, const int32_t* p) {
            return _mm512_mask_add_epi32(_mm512_set1_epi32(INF), mask, _mm512_cvtepi16_epi32(values), load512(p));
        };
        return _mm512_reduce_min_epi32(_mm512_min_epi32(
            half(_mm512_castsi512_si256(a.v), static_cast<__mmask16>(possible), addend),
            half(_mm512_extracti64x4_epi64(a.v, 1), static_cast<__mmask16>(possible >> 16), addend + 16)));
    }
};

struct Lanes32 {
    using T = int32_t;
    static constexpr int SIZE = 16;
    using Index = __m512i;
    __m512i v;

    static Lanes32 load(const T* p) { return {load512(p)}; }
    static Lanes32 all(int32_t x) { return {_mm512_set1_epi32(x)}; }
    static Index index(RowIndex<T> rows, int row) { return load512(rows.low + row); }
    void store(T* p) const { _mm512_storeu_si512(p, v); }

    static Lanes32 lookup(const int32_t* table, Index index) { return {_mm512_i32gather_epi32(index, table, 4)}; }
    friend Lanes32 operator+(Lanes32 a, Lanes32 b) { return {_mm512_add_epi32(a.v, b.v)}; }
    friend Lanes32 min(Lanes32 a, Lanes32 b) { return {_mm512_min_epi32(a.v, b.v)}; }
    friend Lanes32 max(Lanes32 a, Lanes32 b) { return {_mm512_max_epi32(a.v, b.v)}; }
    friend bool any_less(Lanes32 a, Lanes32 b) { return _mm512_cmplt_epi32_mask(a.v, b.v) != 0; }
    friend Lanes32 choose(Lanes32 mask, Lanes32 a, Lanes32 b) {
        return {_mm512_mask_blend_epi32(_mm512_movepi32_mask(mask.v), a.v, b.v)};
    }
    friend Lanes32 equal(Lanes32 a, Lanes32 b) { return {_mm512_movm_epi32(_mm512_cmpeq_epi32_mask(a.v, b.v))}; }
    friend Lanes32 less(Lanes32 a, Lanes32 b) { return {_mm512_movm_epi32(_mm512_cmplt_epi32_mask(a.v, b.v))}; }
};

}  // namespace
}  // namespace bianque::rna
