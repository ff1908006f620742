#pragma once
// Drives functions of contiguous arrays over operands of any strides: dimensions are sorted and merged, rows that lie in memory as
// the function wants them are passed as they are, others go through small buffers, where half precision is widened too.
#include "simd.h"

namespace bluedot {
namespace BLUEDOT_ISA {

// p: outputs, then inputs; n elements each; s: the scalar parameters.
using PointFunction = void (*)(char* const* p, int64_t n, const double* s);

constexpr int kMaxOperands = 8;
constexpr int kBuffer = 512;      // elements of a buffered piece
constexpr int kShortRow = 16;     // rows below this are gathered across rows
constexpr int64_t kGrainLight = 32768, kGrainHeavy = 8192;

struct Grid {
  int nd, operands, outputs;
  int64_t numel;
  int64_t shape[kMaxDims];
  int64_t stride[kMaxOperands][kMaxDims];  // bytes
  char* base[kMaxOperands];
  int item[kMaxOperands];     // bytes of an element as the function sees it
  int widen[kMaxOperands];    // kFloat16 or kBFloat16 where elements are converted, else -1
  bool flat[kMaxOperands];    // contiguous over the whole grid
  bool allFlat;
};

INLINE int itemSizeOf(int type) {
  switch (type) {
    case kUInt8: case kInt8: case kBool: return 1;
    case kInt16: case kFloat16: case kBFloat16: return 2;
    case kInt32: case kFloat32: return 4;
    case kComplex128: return 16;
    default: return 8;
  }
}

void readGrid(Grid& g, int operands, int outputs);
void runGrid(const Grid& g, PointFunction f, const double* scalars, bool heavy);

// A kernel's functions by the type they compute in. null: not served.
struct PointTable {
  PointFunction of[kDTypeCount];
};

// Runs a pointwise kernel from the descriptor. With ndim -2, tells instead which types it serves (a bit set, in slot 0).
void runPointwise(const PointTable& table, int operands, int outputs, bool heavy);

template <class F, class T, class R>
void mapUnary(char* const* p, int64_t n, const double* s) {
  R* y = (R*)p[0];
  const T* a = (const T*)p[1];
  const F f(s);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; i++) y[i] = (R)f(a[i]);
}
template <class F, class T, class R>
void mapBinary(char* const* p, int64_t n, const double* s) {
  R* y = (R*)p[0];
  const T *a = (const T*)p[1], *b = (const T*)p[2];
  const F f(s);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; i++) y[i] = (R)f(a[i], b[i]);
}
template <class F, class T>
void mapTernary(char* const* p, int64_t n, const double* s) {
  T* y = (T*)p[0];
  const T *a = (const T*)p[1], *b = (const T*)p[2], *c = (const T*)p[3];
  const F f(s);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; i++) y[i] = f(a[i], b[i], c[i]);
}
// Functors on vectors of floats.
template <class F>
void mapUnaryVector(char* const* p, int64_t n, const double* s) {
  constexpr int L = kLanes<float>;
  float* y = (float*)p[0];
  const float* a = (const float*)p[1];
  const F f(s);
  int64_t i = 0;
  for (; i + L <= n; i += L) store(y + i, f(load(a + i)));
  if (i < n) storePart(y + i, f(loadPart(a + i, (int)(n - i), 1.f)), (int)(n - i));
}
template <class F>
void mapBinaryVector(char* const* p, int64_t n, const double* s) {
  constexpr int L = kLanes<float>;
  float* y = (float*)p[0];
  const float *a = (const float*)p[1], *b = (const float*)p[2];
  const F f(s);
  int64_t i = 0;
  for (; i + L <= n; i += L) store(y + i, f(load(a + i), load(b + i)));
  if (i < n) {
    int m = (int)(n - i);
    storePart(y + i, f(loadPart(a + i, m, 1.f), loadPart(b + i, m, 1.f)), m);
  }
}

}  // namespace BLUEDOT_ISA
}  // namespace bluedot
