#pragma once
// Tiles of a matrix product that stay in registers.
#include "gemm.h"

namespace bluedot {
namespace BLUEDOT_ISA {
namespace {

constexpr int kRows = 6;
constexpr int kVectors = 2;
template <class T>
constexpr int kColumns = kVectors * kLanes<T>;
template <class T, int M, int NV>
INLINE void storeTile(const Vec<T> (&r)[M][NV], T* C, int64_t ldc, int n, bool accumulate) {
  constexpr int L = kLanes<T>;
  if (n == NV * L) {
    for (int i = 0; i < M; i++)
      for (int j = 0; j < NV; j++) {
        T* p = C + i * ldc + j * L;
        store(p, accumulate ? load(p) + r[i][j] : r[i][j]);
      }
  } else {
    for (int i = 0; i < M; i++) {
      T* p = C + i * ldc;
      for (int j = 0; j < NV; j++) {
        int m = smaller(L, n - j * L);
        if (m <= 0) break;
        storePart(p + j * L, accumulate ? loadPart(p + j * L, m) + r[i][j] : r[i][j], m);
      }
    }
  }
}

// ---- tiles on unpacked operands: rows of B contiguous, A of any strides

template <class T, int M, int NV>
INLINE void looseTile(int64_t K, const T* A, int64_t ars, int64_t acs, const T* B, int64_t ldb, T* C, int64_t ldc, int n, bool accumulate) {
  constexpr int L = kLanes<T>;
  Vec<T> r[M][NV];
  for (int i = 0; i < M; i++) {
    __builtin_prefetch(C + i * ldc, 1);
    for (int j = 0; j < NV; j++) r[i][j] = Vec<T>{};
  }
  if (n == NV * L) {
    for (int64_t k = 0; k < K; k++) {
      Vec<T> b[NV];
      // Rows of B lie apart, which the processor does not foresee.
      if constexpr (M <= 4) __builtin_prefetch(B + 12 * ldb);
#pragma GCC unroll 4
      for (int j = 0; j < NV; j++) b[j] = load(B + j * L);
#pragma GCC unroll 16
      for (int i = 0; i < M; i++) {
        Vec<T> a = splat(A[i * ars]);
#pragma GCC unroll 4
        for (int j = 0; j < NV; j++) r[i][j] += a * b[j];
      }
      A += acs;
      B += ldb;
    }
  } else {
    for (int64_t k = 0; k < K; k++) {
      Vec<T> b[NV];
      for (int j = 0; j < NV; j++) b[j] = loadPart(B + j * L, smaller(L, larger(0, n - j * L)));
      for (int i = 0; i < M; i++) {
        Vec<T> a = splat(A[i * ars]);
        for (int j = 0; j < NV; j++) r[i][j] += a * b[j];
      }
      A += acs;
      B += ldb;
    }
  }
  storeTile<T, M, NV>(r, C, ldc, n, accumulate);
}

#define FOR_ROWS(X) X(1) X(2) X(3) X(4) X(5) X(6)

template <class T, int NV>
void looseRows(int m, int64_t K, const T* A, int64_t ars, int64_t acs, const T* B, int64_t ldb, T* C, int64_t ldc, int n, bool accumulate) {
  switch (m) {
#define CASE(x)                                                               \
  case x:                                                                     \
    return looseTile<T, x, NV>(K, A, ars, acs, B, ldb, C, ldc, n, accumulate);
    FOR_ROWS(CASE)
#undef CASE
  }
}

// to[k * step + r] = from[r * rs + k] for one block of L rows and L columns. Written in the order of k, so that blocks may overlap.
template <class T>
INLINE void transposeBlock(const T* from, int64_t rs, T* to, int64_t step) {
  constexpr int L = kLanes<T>;
  for (int k = 0; k < L; k++)
    for (int r = 0; r < L; r++) to[k * step + r] = from[r * rs + k];
}
#if defined(__AVX2__) && !defined(__AVX512F__)
template <>
INLINE void transposeBlock<float>(const float* from, int64_t rs, float* to, int64_t step) {
  __m256 r[8], t[8];
  for (int i = 0; i < 8; i++) r[i] = _mm256_loadu_ps(from + i * rs);
  for (int i = 0; i < 8; i += 2) {
    t[i] = _mm256_unpacklo_ps(r[i], r[i + 1]);
    t[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
  }
  for (int i = 0; i < 8; i += 4)
    for (int h = 0; h < 2; h++) {
      r[i + 2 * h] = _mm256_shuffle_ps(t[i + h], t[i + h + 2], 0x44);
      r[i + 2 * h + 1] = _mm256_shuffle_ps(t[i + h], t[i + h + 2], 0xee);
    }
  for (int i = 0; i < 4; i++) _mm256_storeu_ps(to + i * step, _mm256_permute2f128_ps(r[i], r[i + 4], 0x20));
  for (int i = 0; i < 4; i++) _mm256_storeu_ps(to + (i + 4) * step, _mm256_permute2f128_ps(r[i], r[i + 4], 0x31));
}
template <>
INLINE void transposeBlock<double>(const double* from, int64_t rs, double* to, int64_t step) {
  __m256d r[4], t[4];
  for (int i = 0; i < 4; i++) r[i] = _mm256_loadu_pd(from + i * rs);
  for (int i = 0; i < 4; i += 2) {
    t[i] = _mm256_unpacklo_pd(r[i], r[i + 1]);
    t[i + 1] = _mm256_unpackhi_pd(r[i], r[i + 1]);
  }
  for (int i = 0; i < 2; i++) _mm256_storeu_pd(to + i * step, _mm256_permute2f128_pd(t[i], t[i + 2], 0x20));
  for (int i = 0; i < 2; i++) _mm256_storeu_pd(to + (i + 2) * step, _mm256_permute2f128_pd(t[i], t[i + 2], 0x31));
}
#endif

// One panel of B: kColumns columns from j0 (n of them real, the rest zero), rows [k0, k0 + k), each row's columns adjacent.
template <class T>
void packB(Matrix<T> B, int64_t k0, int64_t k, int64_t j0, int n, T* to) {
  constexpr int W = kColumns<T>, L = kLanes<T>;
  const T* p = B.p + k0 * B.rs + j0 * B.cs;
  if (n < W) memset(to, 0, k * W * sizeof(T));
  if (B.cs == 1) {
    if (n == W)
      for (int64_t q = 0; q < k; q++) memcpy(to + q * W, p + q * B.rs, W * sizeof(T));
    else
      for (int64_t q = 0; q < k; q++) memcpy(to + q * W, p + q * B.rs, n * sizeof(T));
    return;
  }
  int c = 0;
  if (B.rs == 1)
    for (; c + L <= n; c += L) {
      int64_t q = 0;
      for (; q + L <= k; q += L) transposeBlock(p + c * B.cs + q, B.cs, to + q * W + c, W);
      for (; q < k; q++)
        for (int i = 0; i < L; i++) to[q * W + c + i] = p[(c + i) * B.cs + q];
    }
  for (; c < n; c++)
    for (int64_t q = 0; q < k; q++) to[q * W + c] = p[c * B.cs + q * B.rs];
}

}  // namespace
}  // namespace BLUEDOT_ISA
}  // namespace bluedot
