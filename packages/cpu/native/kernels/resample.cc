// One dimension resampled: each place of the result is a weighted sum of `taps` places. Tensors are contiguous: [outer, size, inner].
// Slots: 1 type, 2 outer, 3 inner, 4 size of the input, 5 of the output, 6 taps, 7 whether transposed (each input place sums what the output
// places took from it). Pointers: result, source, places (int32), weights (double), both [output, taps].
#include "simd.h"

namespace bluedot {
namespace BLUEDOT_ISA {
namespace {

constexpr int64_t kGrain = 16384;

template <class T>
void gather(Args a) {
  const int64_t outer = a.i(2), inner = a.i(3), from = a.i(4), to = a.i(5), taps = a.i(6);
  T* y = a.ptr<T>(0);
  const T* x = a.ptr<T>(1);
  const int32_t* places = a.ptr<int32_t>(2);
  const double* weights = a.ptr<double>(3);
  if (inner == 1) {
    parallel(outer, larger<int64_t>(1, kGrain / (to * taps)), [=](int64_t begin, int64_t end) {
      for (int64_t o = begin; o < end; o++)
        for (int64_t i = 0; i < to; i++) {
          double sum = 0;
          for (int64_t k = i * taps; k < (i + 1) * taps; k++) sum += weights[k] * (double)x[o * from + places[k]];
          y[o * to + i] = (T)sum;
        }
    });
    return;
  }
  parallel(outer * to, larger<int64_t>(1, kGrain / (inner * taps)), [=](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) {
      const int64_t first = row % to * taps;
      const T* source = x + row / to * from * inner;
      T* out = y + row * inner;
      for (int64_t k = first; k < first + taps; k++) {
        const T weight = (T)weights[k];
        const T* in = source + places[k] * inner;
        if (k == first)
          for (int64_t j = 0; j < inner; j++) out[j] = weight * in[j];
        else if (weight != 0)
          for (int64_t j = 0; j < inner; j++) out[j] += weight * in[j];
      }
    }
  });
}

template <class T>
void spread(Args a) {
  const int64_t outer = a.i(2), inner = a.i(3), to = a.i(4), from = a.i(5), taps = a.i(6);
  T* y = a.ptr<T>(0);
  const T* x = a.ptr<T>(1);
  const int32_t* places = a.ptr<int32_t>(2);
  const double* weights = a.ptr<double>(3);
  parallel(outer, larger<int64_t>(1, kGrain / (from * inner * taps)), [=](int64_t begin, int64_t end) {
    memset(y + begin * to * inner, 0, (end - begin) * to * inner * sizeof(T));
    for (int64_t o = begin; o < end; o++)
      for (int64_t i = 0; i < from; i++) {
        const T* in = x + (o * from + i) * inner;
        for (int64_t k = i * taps; k < (i + 1) * taps; k++) {
          const T weight = (T)weights[k];
          if (weight == 0) continue;
          T* out = y + (o * to + places[k]) * inner;
          if (inner == 1) *out += weight * *in;
          else
            for (int64_t j = 0; j < inner; j++) out[j] += weight * in[j];
        }
      }
  });
}

KERNEL(resample) {
  Args a;
  const bool single = a.i(1) == kFloat32;
  if (a.i(7)) single ? spread<float>(a) : spread<double>(a);
  else single ? gather<float>(a) : gather<double>(a);
  return nullptr;
}

}  // namespace

ENTRIES(resampleEntries, {"resample", resample})

}  // namespace BLUEDOT_ISA
}  // namespace bluedot
