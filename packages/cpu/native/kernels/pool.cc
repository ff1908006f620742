// Pooling over moving windows or even parts, in one to three dimensions. Tensors are contiguous: planes of [D, H, W].
#include "simd.h"

namespace bluedot {
namespace BLUEDOT_ISA {
namespace {

struct Span {
  int64_t from, to, step, divisor;
};

// Slots: 1 type, 2 planes, 3 whether even parts, 4 divisor override or 0, 5 whether padding counts;
// 32.. sizes of the input, kernel, stride, padding, dilation, output.
struct Pool {
  int64_t planes, in[3], out[3], override;
  Span* spans[3];
  int64_t inSize() const { return in[0] * in[1] * in[2]; }
  int64_t outSize() const { return out[0] * out[1] * out[2]; }
};

Pool readPool() {
  Args a;
  Pool p;
  p.planes = a.i(2);
  const bool parts = a.i(3) != 0, padding = a.i(5) != 0;
  p.override = a.i(4);
  int64_t total = 0;
  for (int d = 0; d < 3; d++) {
    p.in[d] = a.i(kShape + d);
    p.out[d] = a.i(kShape + 15 + d);
    total += p.out[d];
  }
  Span* spans = scratch<Span>(7, total);
  for (int d = 0; d < 3; d++) {
    p.spans[d] = spans;
    const int64_t kernel = a.i(kShape + 3 + d), stride = a.i(kShape + 6 + d), pad = a.i(kShape + 9 + d), dilation = a.i(kShape + 12 + d);
    for (int64_t i = 0; i < p.out[d]; i++, spans++) {
      if (parts) {
        *spans = {i * p.in[d] / p.out[d], ceilDiv((i + 1) * p.in[d], p.out[d]), 1, 0};
        spans->divisor = spans->to - spans->from;
        continue;
      }
      const int64_t start = i * stride - pad, end = smaller(start + (kernel - 1) * dilation + 1, p.in[d]);
      spans->from = start < 0 ? start + ceilDiv(-start, dilation) * dilation : start;
      spans->to = end;
      spans->step = dilation;
      spans->divisor = padding ? smaller(start + kernel, p.in[d] + pad) - start : end - spans->from;
    }
  }
  return p;
}

int64_t planesAtOnce(const Pool& p) { return larger<int64_t>(1, 16384 / larger<int64_t>(1, p.inSize())); }

template <class T>
void maxPlane(const Pool& p, const T* x, T* y, int64_t* places) {
  for (int64_t i = 0; i < p.out[0]; i++)
    for (int64_t j = 0; j < p.out[1]; j++)
      for (int64_t k = 0; k < p.out[2]; k++) {
        const Span d = p.spans[0][i], h = p.spans[1][j], w = p.spans[2][k];
        int64_t at = (d.from * p.in[1] + h.from) * p.in[2] + w.from;
        T best = (T)0.5f != 0 ? (T)-INFINITY : x[at];
        for (int64_t a = d.from; a < d.to; a += d.step)
          for (int64_t b = h.from; b < h.to; b += h.step) {
            const int64_t row = (a * p.in[1] + b) * p.in[2];
            for (int64_t c = w.from; c < w.to; c += w.step) {
              const T v = x[row + c];
              if (v > best || v != v) {
                best = v;
                at = row + c;
              }
            }
          }
        *y++ = best;
        *places++ = at;
      }
}

// The largest of two neighbours in each of two rows W apart, and how far it lies behind the first. NaN counts as largest.
template <class T>
INLINE T largestOfFour(const T* a, const T* b, int64_t W, int64_t& at) {
  T best = a[0];
  at = 0;
  auto take = [&](T v, int64_t where) {
    const bool better = v > best || v != v;
    best = better ? v : best;
    at = better ? where : at;
  };
  take(a[1], 1);
  take(b[0], W);
  take(b[1], W + 1);
  return best;
}

// The common case: windows of 2 by 2 that do not overlap.
template <class T>
void maxPlane2x2(int64_t outH, int64_t outW, int64_t W, const T* x, T* y, int64_t* places) {
  for (int64_t j = 0; j < outH; j++, y += outW, places += outW) {
    const T *a = x + 2 * j * W, *b = a + W;
    const int64_t first = 2 * j * W;
    for (int64_t k = 0; k < outW; k++) {
      y[k] = largestOfFour(a + 2 * k, b + 2 * k, W, places[k]);
      places[k] += first + 2 * k;
    }
  }
}

#if defined(__AVX2__)
// Even and odd elements of sixteen neighbours.
INLINE void split(const float* p, __m256& even, __m256& odd) {
  const __m256 a = _mm256_loadu_ps(p), b = _mm256_loadu_ps(p + 8);
  even = _mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(_mm256_shuffle_ps(a, b, 0x88)), 0xd8));
  odd = _mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(_mm256_shuffle_ps(a, b, 0xdd)), 0xd8));
}
template <>
void maxPlane2x2<float>(int64_t outH, int64_t outW, int64_t W, const float* x, float* y, int64_t* places) {
  const __m256i lanes = _mm256_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14);
  for (int64_t j = 0; j < outH; j++, y += outW, places += outW) {
    const float *a = x + 2 * j * W, *b = a + W;
    const int64_t first = 2 * j * W;
    int64_t k = 0;
    // The last eight overlap those before; fewer are taken one by one.
    for (; k < outW && outW >= 8; k += 8) {
      if (k + 8 > outW) k = outW - 8;
      __m256 best, other, c, d;
      split(a + 2 * k, best, other);
      split(b + 2 * k, c, d);
      __m256i at = _mm256_setzero_si256();
      auto take = [&](__m256 v, int64_t where) {
        const __m256 better = _mm256_or_ps(_mm256_cmp_ps(v, best, _CMP_GT_OQ), _mm256_cmp_ps(v, v, _CMP_UNORD_Q));
        best = _mm256_blendv_ps(best, v, better);
        at = _mm256_blendv_epi8(at, _mm256_set1_epi32((int)where), _mm256_castps_si256(better));
      };
      take(other, 1);
      take(c, W);
      take(d, W + 1);
      _mm256_storeu_ps(y + k, best);
      const __m256i place = _mm256_add_epi32(_mm256_add_epi32(at, lanes), _mm256_set1_epi32((int)(first + 2 * k)));
      _mm256_storeu_si256((__m256i*)(places + k), _mm256_cvtepi32_epi64(_mm256_castsi256_si128(place)));
      _mm256_storeu_si256((__m256i*)(places + k + 4), _mm256_cvtepi32_epi64(_mm256_extracti128_si256(place, 1)));
    }
    for (; k < outW; k++) {
      y[k] = largestOfFour(a + 2 * k, b + 2 * k, W, places[k]);
      places[k] += first + 2 * k;
    }
  }
}
#endif

template <class T>
void maxForward(Args a) {
  const Pool p = readPool();
  T* y = a.ptr<T>(0);
  int64_t* places = a.ptr<int64_t>(1);
  const T* x = a.ptr<T>(2);
  bool two = !a.i(3) && p.inSize() < ((int64_t)1 << 31) && p.in[0] == 1 && p.out[0] == 1 && a.i(kShape + 3) == 1;
  for (int d = 1; d < 3; d++) two &= a.i(kShape + 3 + d) == 2 && a.i(kShape + 6 + d) == 2 && a.i(kShape + 9 + d) == 0 && a.i(kShape + 12 + d) == 1 && 2 * p.out[d] <= p.in[d];
  parallel(p.planes, planesAtOnce(p), [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; n++) {
      if (two) maxPlane2x2(p.out[1], p.out[2], p.in[2], x + n * p.inSize(), y + n * p.outSize(), places + n * p.outSize());
      else maxPlane(p, x + n * p.inSize(), y + n * p.outSize(), places + n * p.outSize());
    }
  });
}

// Slots: 1 type, 2 planes, 3 places of a plane of the result, 4 of a plane of the gradient. Pointers: result, gradient, places.
template <class T>
void maxBackward(Args a) {
  const int64_t planes = a.i(2), wide = a.i(3), narrow = a.i(4);
  T* y = a.ptr<T>(0);
  const T* g = a.ptr<T>(1);
  const int64_t* places = a.ptr<int64_t>(2);
  parallel(planes, larger<int64_t>(1, 16384 / larger<int64_t>(1, wide)), [&](int64_t begin, int64_t end) {
    memset(y + begin * wide, 0, (end - begin) * wide * sizeof(T));
    for (int64_t n = begin; n < end; n++)
      for (int64_t i = 0; i < narrow; i++) y[n * wide + places[n * narrow + i]] += g[n * narrow + i];
  });
}

template <class T, bool kBackward>
void average(Args a) {
  const Pool p = readPool();
  T* y = a.ptr<T>(0);
  const T* x = a.ptr<T>(1);
  const int64_t wideSize = p.inSize(), narrowSize = p.outSize();
  parallel(p.planes, planesAtOnce(p), [&](int64_t begin, int64_t end) {
    if (kBackward) memset(y + begin * wideSize, 0, (end - begin) * wideSize * sizeof(T));
    for (int64_t n = begin; n < end; n++) {
      int64_t index = n * narrowSize;
      for (int64_t i = 0; i < p.out[0]; i++)
        for (int64_t j = 0; j < p.out[1]; j++)
          for (int64_t k = 0; k < p.out[2]; k++, index++) {
            const Span d = p.spans[0][i], h = p.spans[1][j], w = p.spans[2][k];
            const double by = (double)(p.override ? p.override : d.divisor * h.divisor * w.divisor);
            double total = 0;
            const T share = kBackward ? (T)((double)x[index] / by) : (T)0;
            for (int64_t u = d.from; u < d.to; u += d.step)
              for (int64_t v = h.from; v < h.to; v += h.step) {
                const int64_t row = n * wideSize + (u * p.in[1] + v) * p.in[2];
                if (kBackward)
                  for (int64_t c = w.from; c < w.to; c += w.step) y[row + c] += share;
                else
                  for (int64_t c = w.from; c < w.to; c += w.step) total += (double)x[row + c];
              }
            if (!kBackward) y[index] = (T)(total / by);
          }
    }
  });
}

// Pointers: result, places, input.
FLOAT_KERNEL(maxPool, maxForward)
FLOAT_KERNEL(maxPoolBackward, maxBackward)
// Pointers: result, input; backward: the input's gradient, the result's.
KERNEL(avgPool) {
  Args a;
  if (a.i(1) == kFloat32) average<float, false>(a);
  else average<double, false>(a);
  return nullptr;
}
KERNEL(avgPoolBackward) {
  Args a;
  if (a.i(1) == kFloat32) average<float, true>(a);
  else average<double, true>(a);
  return nullptr;
}

}  // namespace

ENTRIES(poolEntries, {"maxPool", maxPool}, {"maxPoolBackward", maxPoolBackward}, {"avgPool", avgPool}, {"avgPoolBackward", avgPoolBackward})

}  // namespace BLUEDOT_ISA
}  // namespace bluedot
