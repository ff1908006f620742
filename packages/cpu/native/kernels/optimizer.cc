// One optimizer step over a list of parameters. From slot kList each parameter has its number of elements, then the addresses of its
// gradient, itself and its states. Slots: 1 type, 2 parameters. Elements are contiguous.
#include "simd.h"

namespace bluedot {
namespace BLUEDOT_ISA {
namespace {

constexpr int kList = 64, kEntry = 6;
constexpr int64_t kGrain = 32768;

template <class T, class F>
void forEachParameter(Args a, const F& update) {
  const int64_t count = a.i(2);
  for (int64_t i = 0; i < count; i++) {
    const double* entry = a.d + kList + i * kEntry;
    auto at = [&](int k) { return (T*)(uintptr_t)entry[k]; };
    T *g = at(1), *p = at(2), *s = at(3), *t = at(4), *u = at(5);
    parallel((int64_t)entry[0], kGrain, [&](int64_t begin, int64_t end) {
      update(end - begin, g + begin, p + begin, s ? s + begin : s, t ? t + begin : t, u ? u + begin : u);
    });
  }
}

// Scalars: lr, momentum, dampening, weight decay, nesterov, maximize, first.
template <class T>
void sgd(Args a) {
  const T lr = (T)a.scalar(0), momentum = (T)a.scalar(1), keep = (T)(1 - a.scalar(2)), decay = (T)a.scalar(3), sign = a.scalar(5) != 0 ? (T)-1 : (T)1;
  const bool nesterov = a.scalar(4) != 0, first = a.scalar(6) != 0;
  forEachParameter<T>(a, [=](int64_t n, const T* g, T* p, T* b, T*, T*) {
    if (!b) {
#pragma GCC ivdep
      for (int64_t i = 0; i < n; i++) p[i] -= lr * (sign * g[i] + decay * p[i]);
    } else if (first) {
#pragma GCC ivdep
      for (int64_t i = 0; i < n; i++) {
        const T d = sign * g[i] + decay * p[i];
        b[i] = d;
        p[i] -= lr * (nesterov ? d + momentum * d : d);
      }
    } else if (nesterov) {
#pragma GCC ivdep
      for (int64_t i = 0; i < n; i++) {
        const T d = sign * g[i] + decay * p[i];
        b[i] = momentum * b[i] + keep * d;
        p[i] -= lr * (d + momentum * b[i]);
      }
    } else {
#pragma GCC ivdep
      for (int64_t i = 0; i < n; i++) {
        b[i] = momentum * b[i] + keep * (sign * g[i] + decay * p[i]);
        p[i] -= lr * b[i];
      }
    }
  });
}

INLINE float rootOf(float x) { return sqrtf(x); }
INLINE double rootOf(double x) { return sqrt(x); }

// Scalars: lr / (1 - beta1^step), beta1, beta2, eps, weight decay of the gradient, factor of the parameter, maximize; then in slot 3 sqrt(1 - beta2^step).
template <class T>
void adam(Args a) {
  const T rate = (T)a.scalar(0), beta1 = (T)a.scalar(1), beta2 = (T)a.scalar(2), eps = (T)a.scalar(3), decay = (T)a.scalar(4), shrink = (T)a.scalar(5);
  const T rest1 = (T)(1 - a.scalar(1)), rest2 = (T)(1 - a.scalar(2)), sign = a.scalar(6) != 0 ? (T)-1 : (T)1, correction = (T)a.f(3);
  forEachParameter<T>(a, [=](int64_t n, const T* g, T* p, T* mean, T* square, T* largest) {
    if (largest) {
#pragma GCC ivdep
      for (int64_t i = 0; i < n; i++) {
        const T d = sign * g[i] + decay * p[i];
        mean[i] = beta1 * mean[i] + rest1 * d;
        square[i] = beta2 * square[i] + rest2 * d * d;
        largest[i] = largest[i] < square[i] ? square[i] : largest[i];
        p[i] = p[i] * shrink - rate * mean[i] / (rootOf(largest[i]) / correction + eps);
      }
    } else {
#pragma GCC ivdep
      for (int64_t i = 0; i < n; i++) {
        const T d = sign * g[i] + decay * p[i];
        mean[i] = beta1 * mean[i] + rest1 * d;
        square[i] = beta2 * square[i] + rest2 * d * d;
        p[i] = p[i] * shrink - rate * mean[i] / (rootOf(square[i]) / correction + eps);
      }
    }
  });
}

// Scalars: lr, alpha, eps, weight decay, momentum, maximize. States: squares, means or 0, momentum buffers or 0.
template <class T>
void rmsprop(Args a) {
  const T lr = (T)a.scalar(0), alpha = (T)a.scalar(1), rest = (T)(1 - a.scalar(1)), eps = (T)a.scalar(2), decay = (T)a.scalar(3), momentum = (T)a.scalar(4);
  const T sign = a.scalar(5) != 0 ? (T)-1 : (T)1;
  forEachParameter<T>(a, [=](int64_t n, const T* g, T* p, T* square, T* mean, T* buffer) {
    for (int64_t i = 0; i < n; i++) {
      const T d = sign * g[i] + decay * p[i];
      square[i] = alpha * square[i] + rest * d * d;
      T variance = square[i];
      if (mean) {
        mean[i] = alpha * mean[i] + rest * d;
        variance -= mean[i] * mean[i];
      }
      T update = d / (rootOf(variance) + eps);
      if (buffer) update = buffer[i] = momentum * buffer[i] + update;
      p[i] -= lr * update;
    }
  });
}

FLOAT_KERNEL(sgdStep, sgd)
FLOAT_KERNEL(adamStep, adam)
FLOAT_KERNEL(rmspropStep, rmsprop)

}  // namespace

ENTRIES(optimizerEntries, {"sgdStep", sgdStep}, {"adamStep", adamStep}, {"rmspropStep", rmspropStep})

}  // namespace BLUEDOT_ISA
}  // namespace bluedot
