// Batch, layer and group normalisation. Tensors are contiguous.
#include "simd.h"

namespace bluedot {
namespace BLUEDOT_ISA {
namespace {

constexpr int64_t kGrain = 16384;
constexpr int64_t kBlock = 1024;

template <class T>
double sumOf(const T* p, int64_t n) {
  constexpr int L = kLanes<T>;
  double total = 0;
  while (n > 0) {
    const int64_t m = smaller(n, kBlock);
    Vec<T> a{}, b{}, c{}, d{};
    int64_t i = 0;
    for (; i + 4 * L <= m; i += 4 * L) {
      a += load(p + i);
      b += load(p + i + L);
      c += load(p + i + 2 * L);
      d += load(p + i + 3 * L);
    }
    for (; i + L <= m; i += L) a += load(p + i);
    if (i < m) b += loadPart(p + i, (int)(m - i));
    total += sumLanes<T>((a + b) + (c + d));
    p += m;
    n -= m;
  }
  return total;
}
template <class T>
double squaresOf(const T* p, int64_t n, T mean) {
  constexpr int L = kLanes<T>;
  const Vec<T> mv = splat(mean);
  double total = 0;
  while (n > 0) {
    const int64_t m = smaller(n, kBlock);
    Vec<T> a{}, b{};
    int64_t i = 0;
    for (; i + 2 * L <= m; i += 2 * L) {
      const Vec<T> u = load(p + i) - mv, v = load(p + i + L) - mv;
      a += u * u;
      b += v * v;
    }
    for (; i + L <= m; i += L) {
      const Vec<T> u = load(p + i) - mv;
      a += u * u;
    }
    if (i < m) {
      const Vec<T> u = loadPart(p + i, (int)(m - i), mean) - mv;
      b += u * u;
    }
    total += sumLanes<T>(a + b);
    p += m;
    n -= m;
  }
  return total;
}
// Sums of g w and of g w (x - mean), w one factor or one for each place.
template <class T>
INLINE void gradientSums(const T* g, const T* x, const T* w, int64_t n, T mean, double& sum, double& dot) {
  constexpr int L = kLanes<T>;
  const Vec<T> mv = splat(mean);
  for (int64_t j = 0; j < n; j += kBlock) {
    const int64_t m = smaller(kBlock, n - j);
    Vec<T> a{}, b{};
    int64_t i = 0;
    for (; i + L <= m; i += L) {
      Vec<T> s = load(g + j + i);
      if (w) s *= load(w + j + i);
      a += s;
      b += s * (load(x + j + i) - mv);
    }
    if (i < m) {
      const int r = (int)(m - i);
      Vec<T> s = loadPart(g + j + i, r);
      if (w) s *= loadPart(w + j + i, r);
      a += s;
      b += s * (loadPart(x + j + i, r, mean) - mv);
    }
    sum += sumLanes<T>(a);
    dot += sumLanes<T>(b);
  }
}

// Slots: 1 type, 2 rows, 3 channels of a row, 4 places of a channel. A row of `channels * places` elements is a group; with one place
// each element has its own weight (layer norm), else each channel (group norm), the channels of a row being `first .. first + channels`
// of 5 in all. Scalar: eps. Pointers: result, means, reciprocal deviations, input, weight, bias.
template <class T>
void normForward(Args a) {
  const int64_t rows = a.i(2), channels = a.i(3), places = a.i(4), total = a.i(5), n = channels * places;
  const double eps = a.scalar(0);
  T *y = a.ptr<T>(0), *means = a.ptr<T>(1), *rstds = a.ptr<T>(2);
  const T *x = a.ptr<T>(3), *w = a.ptr<T>(4), *b = a.ptr<T>(5);
  parallel(rows, larger<int64_t>(1, kGrain / larger<int64_t>(1, n)), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; r++) {
      const T* p = x + r * n;
      T* q = y + r * n;
      const double mean = sumOf(p, n) / (double)n;
      const T m = (T)mean;
      // The deviation from the rounded mean, corrected for the rounding.
      const double off = mean - (double)m;
      const double variance = squaresOf(p, n, m) / (double)n - off * off;
      const T rstd = (T)(1. / sqrt(variance + eps));
      means[r] = m;
      rstds[r] = rstd;
      if (places == 1) {
        const T *wr = w ? w + r * channels % total : nullptr, *br = b ? b + r * channels % total : nullptr;
        if (w && b)
          for (int64_t i = 0; i < n; i++) q[i] = (p[i] - m) * rstd * wr[i] + br[i];
        else
          for (int64_t i = 0; i < n; i++) q[i] = (p[i] - m) * rstd * (w ? wr[i] : (T)1) + (b ? br[i] : (T)0);
        continue;
      }
      for (int64_t c = 0; c < channels; c++) {
        const int64_t channel = (r * channels + c) % total;
        const T scale = w ? rstd * w[channel] : rstd, shift = b ? b[channel] : (T)0;
        for (int64_t i = 0; i < places; i++) q[c * places + i] = (p[c * places + i] - m) * scale + shift;
      }
    }
  });
}

// Pointers: dInput, dWeight, dBias, gradient, input, weight, means, reciprocal deviations. Gradients of the affine part only with a weight.
template <class T>
void normBackward(Args a) {
  const int64_t rows = a.i(2), channels = a.i(3), places = a.i(4), total = a.i(5), n = channels * places;
  T *dx = a.ptr<T>(0), *dw = a.ptr<T>(1), *db = a.ptr<T>(2);
  const T *g = a.ptr<T>(3), *x = a.ptr<T>(4), *w = a.ptr<T>(5), *means = a.ptr<T>(6), *rstds = a.ptr<T>(7);
  // Rows in fixed pieces, each with its own sums for the weights.
  const int64_t piece = larger<int64_t>(ceilDiv(rows, 16), larger<int64_t>(1, kGrain / larger<int64_t>(1, n)));
  const int64_t pieces = ceilDiv(rows, piece);
  T* partial = w ? scratch<T>(0, 2 * pieces * total) : nullptr;
  if (w) memset(partial, 0, 2 * pieces * total * sizeof(T));
  parallel(rows, piece, [&](int64_t begin, int64_t end) {
    T *pw = w ? partial + begin / piece * 2 * total : nullptr, *pb = w ? pw + total : nullptr;
    for (int64_t r = begin; r < end; r++) {
      const T *gr = g + r * n, *xr = x + r * n;
      T* d = dx + r * n;
      const T mean = means[r], rstd = rstds[r];
      double sum = 0, dot = 0;
      if (places == 1) {
        const int64_t first = r * channels % total;
        const T* wr = w ? w + first : nullptr;
        gradientSums(gr, xr, wr, n, mean, sum, dot);
        const T s = (T)(sum / (double)n), t = (T)(dot * (double)rstd * (double)rstd / (double)n);
        if (w) {
          T *pwr = pw + first, *pbr = pb + first;
#pragma GCC ivdep
          for (int64_t i = 0; i < n; i++) {
            const T centred = xr[i] - mean, gi = gr[i];
            d[i] = (gi * wr[i] - s - centred * t) * rstd;
            pwr[i] += gi * centred * rstd;
            pbr[i] += gi;
          }
        } else
          for (int64_t i = 0; i < n; i++) d[i] = (gr[i] - s - (xr[i] - mean) * t) * rstd;
        continue;
      }
      for (int64_t c = 0; c < channels; c++) {
        const int64_t channel = (r * channels + c) % total;
        double cs = 0, cd = 0;
        gradientSums<T>(gr + c * places, xr + c * places, nullptr, places, mean, cs, cd);
        const double factor = w ? (double)w[channel] : 1;
        sum += cs * factor;
        dot += cd * factor;
        if (w) {
          pw[channel] += (T)(cd * (double)rstd);
          pb[channel] += (T)cs;
        }
      }
      const T s = (T)(sum / (double)n), t = (T)(dot * (double)rstd * (double)rstd / (double)n);
      for (int64_t c = 0; c < channels; c++) {
        const T factor = w ? w[(r * channels + c) % total] : (T)1;
        const int64_t at = c * places;
        for (int64_t i = 0; i < places; i++) d[at + i] = (gr[at + i] * factor - s - (xr[at + i] - mean) * t) * rstd;
      }
    }
  });
  if (!w) return;
  for (int64_t c = 0; c < total; c++) {
    double sw = 0, sb = 0;
    for (int64_t i = 0; i < pieces; i++) {
      sw += partial[i * 2 * total + c];
      sb += partial[i * 2 * total + total + c];
    }
    dw[c] = (T)sw;
    db[c] = (T)sb;
  }
}

// Batch norm: slots 2 N, 3 C, 4 places of a channel. Scalars: eps, momentum. Pointers as normForward, then running mean and variance or 0.
template <class T>
void batchForward(Args a) {
  const int64_t N = a.i(2), C = a.i(3), S = a.i(4), n = N * S;
  const double eps = a.scalar(0), momentum = a.scalar(1);
  T *y = a.ptr<T>(0), *means = a.ptr<T>(1), *rstds = a.ptr<T>(2);
  const T *x = a.ptr<T>(3), *w = a.ptr<T>(4), *b = a.ptr<T>(5);
  T *runningMean = a.ptr<T>(6), *runningVar = a.ptr<T>(7);
  parallel(C, larger<int64_t>(S == 1 ? 16 : 1, kGrain / larger<int64_t>(1, n)), [&](int64_t begin, int64_t end) {
    for (int64_t c = begin; c < end; c++) {
      double sum = 0, squares = 0;
      if (S == 1)
        for (int64_t i = 0; i < N; i++) sum += (double)x[i * C + c];
      else
        for (int64_t i = 0; i < N; i++) sum += sumOf(x + (i * C + c) * S, S);
      const double mean = sum / (double)n;
      const T m = (T)mean;
      if (S == 1)
        for (int64_t i = 0; i < N; i++) {
          const double d = (double)x[i * C + c] - (double)m;
          squares += d * d;
        }
      else
        for (int64_t i = 0; i < N; i++) squares += squaresOf(x + (i * C + c) * S, S, m);
      const double off = mean - (double)m, variance = squares / (double)n - off * off;
      const T rstd = (T)(1. / sqrt(variance + eps));
      means[c] = m;
      rstds[c] = rstd;
      if (runningMean) runningMean[c] = (T)((1 - momentum) * (double)runningMean[c] + momentum * mean);
      if (runningVar) runningVar[c] = (T)((1 - momentum) * (double)runningVar[c] + momentum * (variance * (double)n / (double)(n - 1)));
      const T scale = w ? rstd * w[c] : rstd, shift = b ? b[c] : (T)0;
      for (int64_t i = 0; i < N; i++) {
        const T* p = x + (i * C + c) * S;
        T* q = y + (i * C + c) * S;
        for (int64_t k = 0; k < S; k++) q[k] = (p[k] - m) * scale + shift;
      }
    }
  });
}
template <class T>
void batchBackward(Args a) {
  const int64_t N = a.i(2), C = a.i(3), S = a.i(4), n = N * S;
  T *dx = a.ptr<T>(0), *dw = a.ptr<T>(1), *db = a.ptr<T>(2);
  const T *g = a.ptr<T>(3), *x = a.ptr<T>(4), *w = a.ptr<T>(5), *means = a.ptr<T>(6), *rstds = a.ptr<T>(7);
  parallel(C, larger<int64_t>(S == 1 ? 16 : 1, kGrain / larger<int64_t>(1, n)), [&](int64_t begin, int64_t end) {
    for (int64_t c = begin; c < end; c++) {
      const T mean = means[c], rstd = rstds[c];
      double sum = 0, dot = 0;
      for (int64_t i = 0; i < N; i++) {
        const int64_t at = (i * C + c) * S;
        if (S == 1) {
          sum += (double)g[at];
          dot += (double)g[at] * ((double)x[at] - (double)mean);
        } else gradientSums<T>(g + at, x + at, nullptr, S, mean, sum, dot);
      }
      if (w) {
        dw[c] = (T)(dot * (double)rstd);
        db[c] = (T)sum;
      }
      const T scale = w ? rstd * w[c] : rstd, s = (T)(sum / (double)n), t = (T)(dot * (double)rstd * (double)rstd / (double)n);
      for (int64_t i = 0; i < N; i++) {
        const int64_t at = (i * C + c) * S;
        for (int64_t k = 0; k < S; k++) dx[at + k] = (g[at + k] - s - (x[at + k] - mean) * t) * scale;
      }
    }
  });
}

FLOAT_KERNEL(rowNorm, normForward)
FLOAT_KERNEL(rowNormBackward, normBackward)
FLOAT_KERNEL(batchNorm, batchForward)
FLOAT_KERNEL(batchNormBackward, batchBackward)

}  // namespace

ENTRIES(normEntries, {"rowNorm", rowNorm}, {"rowNormBackward", rowNormBackward}, {"batchNorm", batchNorm}, {"batchNormBackward", batchNormBackward})

}  // namespace BLUEDOT_ISA
}  // namespace bluedot
