// Losses of classes (cross-entropy, negative log-likelihood) and of pairs of numbers. Tensors are contiguous.
#include "exponentials.h"

namespace bluedot {
namespace BLUEDOT_ISA {
namespace {

constexpr int64_t kGrain = 16384;

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
FLOAT_KERNEL(crossEntropy, crossEntropyOf)
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
FLOAT_KERNEL(crossEntropyBackward, crossEntropyBackwardOf)

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
FLOAT_KERNEL(nllLoss, nllOf)
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
FLOAT_KERNEL(nllLossBackward, nllBackwardOf)

// Losses of pairs. Slots: 1 type, 2 elements, 3 which, 4 reduction. Scalar: the knee. Pointers: loss, input, target.
enum Pair { kMse = 0, kSmoothL1, kHuber, kSoftMargin, kLogits, kProbabilities };
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
// The same for floats whose loss takes exponentials or logarithms: on vectors, a piece at a time.
template <class F>
void pairLossVector(Args a, const F& loss) {
  constexpr int L = kLanes<float>;
  const int64_t n = a.i(2);
  const int reduction = (int)a.i(4);
  float* y = a.ptr<float>(0);
  const float *x = a.ptr<float>(1), *t = a.ptr<float>(2);
  const int64_t pieces = ceilDiv(n, kGrain);
  double* partial = scratch<double>(0, pieces);
  parallel(n, kGrain, [&](int64_t begin, int64_t end) {
    double sum = 0;
    for (int64_t i = begin; i < end; i += L) {
      const int m = (int)smaller<int64_t>(L, end - i);
      const VF value = loss(loadPart(x + i, m, 0.5f), loadPart(t + i, m, 0.5f));
      if (reduction == kNone) storePart(y + i, value, m);
      else
        for (int k = 0; k < m; k++) sum += (double)value[k];
    }
    partial[begin / kGrain] = sum;
  });
  if (reduction == kNone) return;
  double total = 0;
  for (int64_t i = 0; i < pieces; i++) total += partial[i];
  *y = (float)(reduction == kMean ? total / (double)n : total);
}

INLINE VF noLess(VF x, float least) { return x < vf(least) ? vf(least) : x; }

template <class T>
void pairLossOf(Args a) {
  const double knee = a.scalar(0);
  if constexpr (sizeof(T) == 4) {
    if (a.i(3) == kLogits)
      return pairLossVector(a, [](VF x, VF t) { return (vf(1.f) - t) * x + vlog1p(vexp(-absolute(x))) + noLess(-x, 0.f); });
    if (a.i(3) == kProbabilities)
      return pairLossVector(a, [](VF x, VF t) { return (t - vf(1.f)) * noLess(vlog1p(-x), -100.f) - t * noLess(vlog(x), -100.f); });
  }
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
    case kLogits: return run([](double x, double t) { return (1 - t) * x + log1p(exp(-fabs(x))) + larger(-x, 0.); });
    default: return run([](double x, double t) { return (t - 1) * larger(log1p(-x), -100.) - t * larger(log(x), -100.); });
  }
}
// Probabilities; slot 0 becomes 0 where one is none.
template <class T>
bool areProbabilities(const T* x, int64_t n) {
  bool fit = true;
  for (int64_t i = 0; i < n; i++) fit &= x[i] >= 0 && x[i] <= 1;
  return fit;
}
KERNEL(pairLoss) {
  Args a;
  const bool single = a.i(1) == kFloat32;
  const bool fit = a.i(3) != kProbabilities || (single ? areProbabilities(a.ptr<float>(1), a.i(2)) : areProbabilities(a.ptr<double>(1), a.i(2)));
  currentDescriptor[0] = fit;
  if (!fit) return nullptr;
  if (single) pairLossOf<float>(a);
  else pairLossOf<double>(a);
  return nullptr;
}

// Slots as pairLoss. Pointers: gradient of the input, gradient of the loss, input, target.
template <class F, class T>
void pairSlope(Args a, const F& slope) {
  const int64_t n = a.i(2);
  const int reduction = (int)a.i(4);
  T* dx = a.ptr<T>(0);
  const T *g = a.ptr<T>(1), *x = a.ptr<T>(2), *t = a.ptr<T>(3);
  const double share = reduction == kMean ? (double)*g / (double)n : (double)*g;
  parallel(n, kGrain, [&](int64_t begin, int64_t end) {
    if (reduction == kNone)
      for (int64_t i = begin; i < end; i++) dx[i] = (T)(slope((double)x[i], (double)t[i]) * (double)g[i]);
    else
      for (int64_t i = begin; i < end; i++) dx[i] = (T)(slope((double)x[i], (double)t[i]) * share);
  });
}
// The sigmoids of a piece at a time.
template <class T>
void logitSlope(Args a) {
  const int64_t n = a.i(2);
  const int reduction = (int)a.i(4);
  T* dx = a.ptr<T>(0);
  const T *g = a.ptr<T>(1), *x = a.ptr<T>(2), *t = a.ptr<T>(3);
  const double share = reduction == kMean ? (double)*g / (double)n : (double)*g;
  parallel(n, kGrain, [&](int64_t begin, int64_t end) {
    T e[256];
    for (int64_t j = begin; j < end; j += 256) {
      const int64_t m = smaller<int64_t>(256, end - j);
      for (int64_t i = 0; i < m; i++) e[i] = -x[j + i];
      expRow(e, e, m, (T)0);
      for (int64_t i = 0; i < m; i++) dx[j + i] = (T)((1 / (1 + (double)e[i]) - (double)t[j + i]) * (reduction == kNone ? (double)g[j + i] : share));
    }
  });
}
template <class T>
void pairSlopeOf(Args a) {
  const double knee = a.scalar(0);
  auto run = [&](auto slope) { pairSlope<decltype(slope), T>(a, slope); };
  switch (a.i(3)) {
    case kMse: return run([](double x, double t) { return 2 * (x - t); });
    case kSmoothL1: return run([=](double x, double t) {
      const double z = x - t;
      return fabs(z) < knee ? z / knee : z != z ? z : (double)((z > 0) - (z < 0));
    });
    case kHuber: return run([=](double x, double t) {
      const double z = x - t;
      return z < -knee ? -knee : z > knee ? knee : z;
    });
    case kSoftMargin: return run([](double x, double t) { return -t / (1 + exp(t * x)); });
    case kLogits: return logitSlope<T>(a);
    default: return run([](double x, double t) { return (x - t) / larger((1 - x) * x, (double)1e-12f); });
  }
}
FLOAT_KERNEL(pairLossBackward, pairSlopeOf)

}  // namespace

ENTRIES(lossEntries, {"crossEntropy", crossEntropy}, {"crossEntropyBackward", crossEntropyBackward}, {"nllLoss", nllLoss}, {"nllLossBackward", nllLossBackward}, {"pairLoss", pairLoss}, {"pairLossBackward", pairLossBackward})

}  // namespace BLUEDOT_ISA
}  // namespace bluedot
