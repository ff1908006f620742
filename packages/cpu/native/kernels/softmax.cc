// Softmax, its logarithm, and the logarithm of a sum of exponentials. Tensors are contiguous: [outer, n, inner] with the classes in the middle.
#include "exponentials.h"

namespace bluedot {
namespace BLUEDOT_ISA {
namespace {

constexpr int64_t kGrain = 16384;

// dx = y (g - sum(g y)), or g - exp(y) sum(g).
template <class T>
void softmaxBackwardRow(const T* g, const T* y, T* dx, int64_t n, bool logarithmic) {
  double a[4] = {};
  int64_t i = 0;
  for (; i + 4 <= n; i += 4)
    for (int k = 0; k < 4; k++) a[k] += logarithmic ? (double)g[i + k] : (double)g[i + k] * (double)y[i + k];
  for (; i < n; i++) a[0] += logarithmic ? (double)g[i] : (double)g[i] * (double)y[i];
  const T total = (T)((a[0] + a[1]) + (a[2] + a[3]));
  if (logarithmic) {
    // dx may be g: read before it is written.
    for (int64_t j = 0; j < n; j += 256) {
      T e[256];
      const int64_t m = smaller<int64_t>(256, n - j);
      expRow(y + j, e, m, (T)0);
      for (int64_t k = 0; k < m; k++) dx[j + k] = g[j + k] - e[k] * total;
    }
  } else
    for (int64_t j = 0; j < n; j++) dx[j] = y[j] * (g[j] - total);
}

// With inner dimensions: a block of columns is gathered, so that each is a row.
template <class T, class F>
void alongMiddle(int64_t outer, int64_t n, int64_t inner, const F& rows) {
  if (inner == 1) {
    parallel(outer, larger<int64_t>(1, kGrain / larger<int64_t>(1, n)), [&](int64_t begin, int64_t end) {
      for (int64_t o = begin; o < end; o++) rows(o * n, 1);
    });
    return;
  }
  parallel(outer * inner, larger<int64_t>(1, kGrain / larger<int64_t>(1, n)), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) rows(i / inner * n * inner + i % inner, inner);
  });
}
template <class T>
const T* gatherRow(const T* x, int64_t n, int64_t step, T* buffer) {
  if (step == 1) return x;
  for (int64_t i = 0; i < n; i++) buffer[i] = x[i * step];
  return buffer;
}

// Slots: 1 type, 2 outer, 3 n, 4 inner, 5 whether the logarithm. Pointers: result, input.
template <class T>
void softmaxOf(Args a) {
  const int64_t n = a.i(3), inner = a.i(4);
  const bool logarithmic = a.i(5) != 0;
  T* y = a.ptr<T>(0);
  const T* x = a.ptr<T>(1);
  if (n == 0) return;
  alongMiddle<T>(a.i(2), n, inner, [&](int64_t at, int64_t step) {
    if (step == 1) return softmaxRow(x + at, y + at, n, logarithmic);
    T* buffer = scratch<T>(0, n);
    gatherRow(x + at, n, step, buffer);
    softmaxRow(buffer, buffer, n, logarithmic);
    for (int64_t i = 0; i < n; i++) y[at + i * step] = buffer[i];
  });
}
FLOAT_KERNEL(softmax, softmaxOf)
// Pointers: result, gradient, the forward pass's result.
template <class T>
void softmaxBackwardOf(Args a) {
  const int64_t n = a.i(3), inner = a.i(4);
  const bool logarithmic = a.i(5) != 0;
  T* dx = a.ptr<T>(0);
  const T *g = a.ptr<T>(1), *y = a.ptr<T>(2);
  if (n == 0) return;
  alongMiddle<T>(a.i(2), n, inner, [&](int64_t at, int64_t step) {
    if (step == 1) return softmaxBackwardRow(g + at, y + at, dx + at, n, logarithmic);
    T *bg = scratch<T>(0, n), *by = scratch<T>(1, n);
    gatherRow(g + at, n, step, bg);
    gatherRow(y + at, n, step, by);
    softmaxBackwardRow(bg, by, bg, n, logarithmic);
    for (int64_t i = 0; i < n; i++) dx[at + i * step] = bg[i];
  });
}
FLOAT_KERNEL(softmaxBackward, softmaxBackwardOf)

// The largest is taken out first. An infinite largest is the result, unless there is a NaN.
template <class T>
T logSumExpRow(const T* x, int64_t n) {
  T top = -(T)INFINITY;
  bool isNumber = true;
  for (int64_t i = 0; i < n; i++) {
    top = x[i] > top ? x[i] : top;
    isNumber &= x[i] == x[i];
  }
  if (!isNumber) return (T)NAN;
  if (top - top != 0) return top;
  return (T)((double)top + log(expRow<T>(x, nullptr, n, top)));
}
// Slots as softmax; n is not 0. Pointers: result, input.
template <class T>
void logSumExpOf(Args a) {
  const int64_t n = a.i(3), inner = a.i(4);
  T* y = a.ptr<T>(0);
  const T* x = a.ptr<T>(1);
  alongMiddle<T>(a.i(2), n, inner, [&](int64_t at, int64_t step) {
    y[at / (n * inner) * inner + at % inner] = logSumExpRow(gatherRow(x + at, n, step, step == 1 ? nullptr : scratch<T>(0, n)), n);
  });
}
FLOAT_KERNEL(logSumExp, logSumExpOf)

}  // namespace

ENTRIES(softmaxEntries, {"softmax", softmax}, {"softmaxBackward", softmaxBackward}, {"logSumExp", logSumExp})

}  // namespace BLUEDOT_ISA
}  // namespace bluedot
