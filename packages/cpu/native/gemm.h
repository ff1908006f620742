#pragma once
#include "simd.h"

namespace bluedot {
namespace BLUEDOT_ISA {

// A matrix of any strides, in elements.
template <class T>
struct Matrix {
  const T* p;
  int64_t rs, cs;
  Matrix transposed() const { return {p, cs, rs}; }
};

// C[M, N] = A[M, K] B[K, N], or += with `accumulate`. Rows of C are `ldc` apart, its columns adjacent.
// The order in which a sum is taken depends on the sizes only.
template <class T>
void gemm(int64_t M, int64_t N, int64_t K, Matrix<T> A, Matrix<T> B, T* C, int64_t ldc, bool accumulate);

// The same for C of any strides.
template <class T>
void gemmStrided(int64_t M, int64_t N, int64_t K, Matrix<T> A, Matrix<T> B, T* C, int64_t crs, int64_t ccs, bool accumulate);

}  // namespace BLUEDOT_ISA
}  // namespace bluedot
