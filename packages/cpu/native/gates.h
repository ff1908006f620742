#pragma once
// Gates of recurrent networks on vectors.
#include "vmath.h"

namespace bluedot {
namespace BLUEDOT_ISA {
namespace {

template <class T>
INLINE Vec<T> sigmoidOf(Vec<T> x) {
  Vec<T> y{};
  for (int k = 0; k < kLanes<T>; k++) y[k] = 1 / (1 + exp(-x[k]));
  return y;
}
template <>
INLINE VF sigmoidOf<float>(VF x) { return vsigmoid(x); }
template <class T>
INLINE Vec<T> tanhOf(Vec<T> x) {
  Vec<T> y{};
  for (int k = 0; k < kLanes<T>; k++) y[k] = tanh(x[k]);
  return y;
}
template <>
INLINE VF tanhOf<float>(VF x) { return vtanh(x); }

// Rows of H in vectors, the last one in part: F(j, lanes, get, put) reads and writes at places j of a row.
template <class T, class F>
INLINE void forEachVector(int64_t H, const F& step) {
  constexpr int L = kLanes<T>;
  int64_t j = 0;
  for (; j + L <= H; j += L) step(j, L);
  if (j < H) step(j, (int)(H - j));
}
template <class T>
INLINE Vec<T> get(const T* p, int lanes) { return lanes == kLanes<T> ? load(p) : loadPart(p, lanes); }
template <class T>
INLINE void put(T* p, Vec<T> v, int lanes) {
  if (lanes == kLanes<T>) store(p, v);
  else storePart(p, v, lanes);
}

}  // namespace
}  // namespace BLUEDOT_ISA
}  // namespace bluedot
