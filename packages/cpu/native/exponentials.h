#pragma once
// Exponentials of a row of numbers, as softmax takes them.
#include "vmath.h"

namespace bluedot {
namespace BLUEDOT_ISA {
namespace {

// y[i] = exp(x[i] - shift), where y is given; returns the sum.
template <class T>
double expRow(const T* x, T* y, int64_t n, T shift) {
  double total = 0;
  for (int64_t i = 0; i < n; i++) {
    const T e = exp(x[i] - shift);
    if (y) y[i] = e;
    total += e;
  }
  return total;
}
template <>
double expRow<float>(const float* x, float* y, int64_t n, float shift) {
  constexpr int L = kLanes<float>;
  const VF s = vf(shift);
  double total = 0;
  int64_t i = 0;
  while (i + L <= n) {
    VF sum{};
    const int64_t end = smaller(n, i + 1024);
    for (; i + L <= end; i += L) {
      const VF e = vexp(load(x + i) - s);
      if (y) store(y + i, e);
      sum += e;
    }
    total += sumLanes<float>(sum);
  }
  if (i < n) {
    const int m = (int)(n - i);
    const VF e = vexp(loadPart(x + i, m) - s);
    if (y) storePart(y + i, e, m);
    for (int k = 0; k < m; k++) total += e[k];
  }
  return total;
}
template <class T>
T largestOf(const T* x, int64_t n) {
  constexpr int L = kLanes<T>;
  Vec<T> best = splat<T>((T)-INFINITY);
  int64_t i = 0;
  for (; i + L <= n; i += L) {
    const Vec<T> v = load(x + i);
    // An unordered comparison keeps NaN.
    best = v <= best ? best : v;
  }
  T top = (T)-INFINITY;
  for (int k = 0; k < L; k++) top = best[k] <= top ? top : best[k];
  for (; i < n; i++) top = x[i] <= top ? top : x[i];
  return top;
}

template <class T>
void softmaxRow(const T* x, T* y, int64_t n, bool logarithmic) {
  const T top = largestOf(x, n);
  if (logarithmic) {
    const T shift = (T)((double)top + log(expRow<T>(x, nullptr, n, top)));
    for (int64_t i = 0; i < n; i++) y[i] = x[i] - shift;
  } else {
    const T scale = (T)(1. / expRow(x, y, n, top));
    for (int64_t i = 0; i < n; i++) y[i] *= scale;
  }
}

}  // namespace
}  // namespace BLUEDOT_ISA
}  // namespace bluedot
