// Softmax, its logarithm, and the losses built on it. Tensors are contiguous: [outer, n, inner] with the classes in the middle.
#include "vmath.h"

namespace bluedot {
namespace BLUEDOT_ISA {
namespace {

constexpr int64_t kColumns = 128, kGrain = 16384;

INLINE double exponential(double x) { return exp(x); }
INLINE double logarithm(double x) { return log(x); }

// y[i] = exp(x[i] - shift); returns the sum.
template <class T>
double expRow(const T* x, T* y, int64_t n, T shift) {
  double total = 0;
  for (int64_t i = 0; i < n; i++) total += y[i] = exp(x[i] - shift);
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
      store(y + i, e);
      sum += e;
    }
    total += sumLanes<float>(sum);
  }
  if (i < n) {
    const int m = (int)(n - i);
    const VF e = vexp(loadPart(x + i, m) - s);
    storePart(y + i, e, m);
    for (int k = 0; k < m; k++) total += e[k];
  }
  return total;
}
// Sum of exp(x[i] - shift).
template <class T>
double sumExp(const T* x, int64_t n, T shift) {
  double total = 0;
  for (int64_t i = 0; i < n; i++) total += exp(x[i] - shift);
  return total;
}
template <>
double sumExp<float>(const float* x, int64_t n, float shift) {
  constexpr int L = kLanes<float>;
  const VF s = vf(shift);
  double total = 0;
  int64_t i = 0;
  while (i + L <= n) {
    VF sum{};
    const int64_t end = smaller(n, i + 1024);
    for (; i + L <= end; i += L) sum += vexp(load(x + i) - s);
    total += sumLanes<float>(sum);
  }
  if (i < n) {
    const int m = (int)(n - i);
    const VF e = vexp(loadPart(x + i, m) - s);
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
    const T shift = (T)((double)top + log(sumExp(x, n, top)));
    for (int64_t i = 0; i < n; i++) y[i] = x[i] - shift;
  } else {
    const T scale = (T)(1. / expRow(x, y, n, top));
    for (int64_t i = 0; i < n; i++) y[i] *= scale;
  }
}

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
KERNEL(softmax) {
  Args a;
  if (a.i(1) == kFloat32) softmaxOf<float>(a);
  else softmaxOf<double>(a);
  return nullptr;
}
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
KERNEL(softmaxBackward) {
  Args a;
  if (a.i(1) == kFloat32) softmaxBackwardOf<float>(a);
  else softmaxBackwardOf<double>(a);
  return nullptr;
}

// Whether every target is a class or ignored.
bool targetsFit(const int64_t* targets, int64_t count, int64_t classes, int64_t ignored) {
  bool fit = true;
  for (int64_t i = 0; i < count; i++) fit &= (targets[i] >= 0 && targets[i] < classes) || targets[i] == ignored;
  return fit;
}

enum Reduction { kNone = 0, kSum = 1, kMean = 2 };

// Slots: 1 type, 2 N, 3 classes, 4 reduction, 5 ignored target; slot 0 becomes 0 when a target does not fit.
// Pointers: loss, log-probabilities, number of targets counted, logits, targets.
template <class T>
void crossEntropyOf(Args a) {
  const int64_t N = a.i(2), C = a.i(3), ignored = a.i(5);
  const int reduction = (int)a.i(4);
  T *loss = a.ptr<T>(0), *logs = a.ptr<T>(1), *count = a.ptr<T>(2);
  const T* x = a.ptr<T>(3);
  const int64_t* targets = a.ptr<int64_t>(4);
  currentDescriptor[0] = targetsFit(targets, N, C, ignored);
  if (currentDescriptor[0] == 0) return;
  parallel(N, larger<int64_t>(1, kGrain / larger<int64_t>(1, C)), [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; n++) softmaxRow(x + n * C, logs + n * C, C, true);
  });
  double total = 0;
  int64_t counted = 0;
  for (int64_t n = 0; n < N; n++) {
    const bool counts = targets[n] != ignored;
    const T own = counts ? -logs[n * C + targets[n]] : (T)0;
    if (reduction == kNone) loss[n] = own;
    total += own;
    counted += counts;
  }
  if (reduction == kSum) *loss = (T)total;
  if (reduction == kMean) *loss = (T)(total / (double)counted);
  *count = (T)counted;
}
KERNEL(crossEntropy) {
  Args a;
  if (a.i(1) == kFloat32) crossEntropyOf<float>(a);
  else crossEntropyOf<double>(a);
  return nullptr;
}
// Pointers: result, gradient, log-probabilities, targets, number counted.
template <class T>
void crossEntropyBackwardOf(Args a) {
  const int64_t N = a.i(2), C = a.i(3), ignored = a.i(5);
  const int reduction = (int)a.i(4);
  T* dx = a.ptr<T>(0);
  const T *g = a.ptr<T>(1), *logs = a.ptr<T>(2), *count = a.ptr<T>(4);
  const int64_t* targets = a.ptr<int64_t>(3);
  currentDescriptor[0] = targetsFit(targets, N, C, ignored);
  if (currentDescriptor[0] == 0) return;
  const double divisor = reduction == kMean ? (double)*count : 1;
  parallel(N, larger<int64_t>(1, kGrain / larger<int64_t>(1, C)), [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; n++) {
      T* row = dx + n * C;
      if (targets[n] == ignored) {
        memset(row, 0, C * sizeof(T));
        continue;
      }
      const T factor = (T)((double)g[reduction == kNone ? n : 0] / divisor);
      expRow(logs + n * C, row, C, (T)0);
      for (int64_t c = 0; c < C; c++) row[c] *= factor;
      row[targets[n]] -= factor;
    }
  });
}
KERNEL(crossEntropyBackward) {
  Args a;
  if (a.i(1) == kFloat32) crossEntropyBackwardOf<float>(a);
  else crossEntropyBackwardOf<double>(a);
  return nullptr;
}

// Slots as crossEntropy, with 6 the places behind the classes: input [N, C, inner]. Pointers: loss, total weight, input, targets, weight or 0.
template <class T>
void nllOf(Args a) {
  const int64_t N = a.i(2), C = a.i(3), ignored = a.i(5), inner = a.i(6);
  const int reduction = (int)a.i(4);
  T *loss = a.ptr<T>(0), *totalWeight = a.ptr<T>(1);
  const T *x = a.ptr<T>(2), *w = a.ptr<T>(4);
  const int64_t* targets = a.ptr<int64_t>(3);
  currentDescriptor[0] = targetsFit(targets, N * inner, C, ignored);
  if (currentDescriptor[0] == 0) return;
  double sum = 0, weights = 0;
  for (int64_t n = 0; n < N; n++)
    for (int64_t i = 0; i < inner; i++) {
      const int64_t label = targets[n * inner + i];
      double own = 0;
      if (label != ignored) {
        const double factor = w ? (double)w[label] : 1;
        own = -(double)x[(n * C + label) * inner + i] * factor;
        weights += factor;
      }
      if (reduction == kNone) loss[n * inner + i] = (T)own;
      sum += own;
    }
  if (reduction == kSum) *loss = (T)sum;
  if (reduction == kMean) *loss = (T)(sum / weights);
  *totalWeight = (T)weights;
}
KERNEL(nllLoss) {
  Args a;
  if (a.i(1) == kFloat32) nllOf<float>(a);
  else nllOf<double>(a);
  return nullptr;
}
// Pointers: result (cleared first), gradient, targets, weight or 0, total weight.
template <class T>
void nllBackwardOf(Args a) {
  const int64_t N = a.i(2), C = a.i(3), ignored = a.i(5), inner = a.i(6);
  const int reduction = (int)a.i(4);
  T* dx = a.ptr<T>(0);
  const T *g = a.ptr<T>(1), *w = a.ptr<T>(3), *totalWeight = a.ptr<T>(4);
  const int64_t* targets = a.ptr<int64_t>(2);
  currentDescriptor[0] = targetsFit(targets, N * inner, C, ignored);
  if (currentDescriptor[0] == 0) return;
  memset(dx, 0, N * C * inner * sizeof(T));
  const double divisor = reduction == kMean ? (double)*totalWeight : 1;
  for (int64_t n = 0; n < N; n++)
    for (int64_t i = 0; i < inner; i++) {
      const int64_t label = targets[n * inner + i];
      if (label == ignored) continue;
      const double factor = w ? (double)w[label] : 1;
      dx[(n * C + label) * inner + i] = (T)(-(double)g[reduction == kNone ? n * inner + i : 0] * factor / divisor);
    }
}
KERNEL(nllLossBackward) {
  Args a;
  if (a.i(1) == kFloat32) nllBackwardOf<float>(a);
  else nllBackwardOf<double>(a);
  return nullptr;
}

// Losses of pairs. Slots: 1 type, 2 elements, 3 which, 4 reduction. Scalar: the knee. Pointers: loss, input, target.
enum Pair { kMse = 0, kSmoothL1, kHuber, kSoftMargin, kLogits };
template <class F, class T>
void pairLoss(Args a, const F& loss) {
  const int64_t n = a.i(2);
  const int reduction = (int)a.i(4);
  T* y = a.ptr<T>(0);
  const T *x = a.ptr<T>(1), *t = a.ptr<T>(2);
  if (reduction == kNone) {
    parallel(n, kGrain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) y[i] = (T)loss((double)x[i], (double)t[i]);
    });
    return;
  }
  const int64_t pieces = ceilDiv(n, kGrain);
  double* partial = scratch<double>(0, pieces);
  parallel(n, kGrain, [&](int64_t begin, int64_t end) {
    double s[4] = {};
    int64_t i = begin;
    for (; i + 4 <= end; i += 4)
      for (int k = 0; k < 4; k++) s[k] += loss((double)x[i + k], (double)t[i + k]);
    for (; i < end; i++) s[0] += loss((double)x[i], (double)t[i]);
    partial[begin / kGrain] = (s[0] + s[1]) + (s[2] + s[3]);
  });
  double total = 0;
  for (int64_t i = 0; i < pieces; i++) total += partial[i];
  *y = (T)(reduction == kMean ? total / (double)n : total);
}
template <class T>
void pairLossOf(Args a) {
  const double knee = a.scalar(0);
  auto run = [&](auto loss) { pairLoss<decltype(loss), T>(a, loss); };
  switch (a.i(3)) {
    case kMse: return run([](double x, double t) { return (x - t) * (x - t); });
    case kSmoothL1: return run([=](double x, double t) {
      const double z = fabs(x - t);
      return z < knee ? 0.5 * z * z / knee : z - 0.5 * knee;
    });
    case kHuber: return run([=](double x, double t) {
      const double z = fabs(x - t);
      return z <= knee ? 0.5 * z * z : knee * (z - 0.5 * knee);
    });
    case kSoftMargin: return run([](double x, double t) { return log1p(exp(-t * x)); });
    default: return run([](double x, double t) { return (1 - t) * x + log1p(exp(-fabs(x))) + larger(-x, 0.); });
  }
}
KERNEL(pairLoss) {
  Args a;
  if (a.i(1) == kFloat32) pairLossOf<float>(a);
  else pairLossOf<double>(a);
  return nullptr;
}

}  // namespace

ENTRIES(softmaxEntries, {"nllLoss", nllLoss}, {"nllLossBackward", nllLossBackward}, {"pairLoss", pairLoss}, {"softmax", softmax}, {"softmaxBackward", softmaxBackward}, {"crossEntropy", crossEntropy},
        {"crossEntropyBackward", crossEntropyBackward})

}  // namespace BLUEDOT_ISA
}  // namespace bluedot
