#pragma once
#include "simd.h"

namespace bluedot {
namespace BLUEDOT_ISA {

// The largest or smallest of elements.
template <class T, bool kMax>
struct Extreme {
  using Element = T;
  using Acc = T;
  static constexpr bool kPlain = true;
  static Acc start() {
    if constexpr ((T)0.5f != 0) return kMax ? (T)-INFINITY : (T)INFINITY;
    else if constexpr ((T)-1 > 0) return kMax ? (T)0 : (T)-1;
    else return kMax ? (T)((uint64_t)1 << (sizeof(T) * 8 - 1)) : (T)~((uint64_t)1 << (sizeof(T) * 8 - 1));
  }
  // NaN wins.
  static INLINE Acc join(Acc a, Acc b) { return a != a ? a : b != b ? b : (kMax ? a < b : b < a) ? b : a; }
  static INLINE Acc of(T x) { return x; }
  static Acc row(const T* p, int64_t n) {
    constexpr int kWays = 64 / sizeof(T);
    T a[kWays];
    for (int j = 0; j < kWays; j++) a[j] = start();
    int64_t i = 0;
    for (; i + kWays <= n; i += kWays)
      for (int j = 0; j < kWays; j++) a[j] = join(a[j], p[i + j]);
    for (; i < n; i++) a[0] = join(a[0], p[i]);
    for (int j = 1; j < kWays; j++) a[0] = join(a[0], a[j]);
    return a[0];
  }
};
}  // namespace BLUEDOT_ISA
}  // namespace bluedot
