// Convolution: gradient of the weight. Tensors are contiguous.
#include "conv_plan.h"

namespace bluedot {
namespace BLUEDOT_ISA {
namespace {

#if defined(__AVX512F__)
template <class T>
struct Tail {
  uint32_t bits;
  explicit Tail(int n) : bits((1u << n) - 1) {}
};
INLINE Vec<float> loadTail(const float* p, Tail<float> t) { return (Vec<float>)_mm512_maskz_loadu_ps((__mmask16)t.bits, p); }
INLINE Vec<double> loadTail(const double* p, Tail<double> t) { return (Vec<double>)_mm512_maskz_loadu_pd((__mmask8)t.bits, p); }
#elif defined(__AVX2__)
template <class T>
struct Tail {
  __m256i mask;
  explicit Tail(int n) {
    VecI<T> m;
    for (int i = 0; i < kLanes<T>; i++) m[i] = i < n ? -1 : 0;
    mask = (__m256i)m;
  }
};
INLINE Vec<float> loadTail(const float* p, const Tail<float>& t) { return (Vec<float>)_mm256_maskload_ps(p, t.mask); }
INLINE Vec<double> loadTail(const double* p, const Tail<double>& t) { return (Vec<double>)_mm256_maskload_pd(p, t.mask); }
#else
template <class T>
struct Tail {
  int n;
  explicit Tail(int n) : n(n) {}
};
template <class T>
INLINE Vec<T> loadTail(const T* p, const Tail<T>& t) { return loadPart(p, t.n); }
#endif

// sums[o * K + j] += over rows and columns of dy[o] x[tap j], for M output channels and NT taps.
template <class T, int M, int NT>
INLINE void weightTile(int64_t images, int64_t rows, int64_t width, const T* dy, int64_t dyImage, int64_t plane, const T* x,
                       int64_t xImage, const int64_t* rowBases, const int64_t* taps, const Tail<T>& tail, T* sums, int64_t K) {
  constexpr int L = kLanes<T>;
  Vec<T> r[M][NT];
#pragma GCC unroll 16
  for (int o = 0; o < M; o++)
    for (int j = 0; j < NT; j++) r[o][j] = Vec<T>{};
  const int64_t full = width / L * L;
  for (int64_t n = 0; n < images; n++, dy += dyImage, x += xImage)
    for (int64_t row = 0; row < rows; row++) {
      const T* d = dy + row * width;
      const T* p[NT];
      for (int j = 0; j < NT; j++) p[j] = x + rowBases[row] + taps[j];
      int64_t i = 0;
      for (; i < full; i += L) {
        Vec<T> v[NT];
#pragma GCC unroll 2
        for (int j = 0; j < NT; j++) v[j] = load(p[j] + i);
#pragma GCC unroll 16
        for (int o = 0; o < M; o++) {
          Vec<T> g = load(d + o * plane + i);
#pragma GCC unroll 2
          for (int j = 0; j < NT; j++) r[o][j] += g * v[j];
        }
      }
      if (i < width) {
        Vec<T> v[NT];
#pragma GCC unroll 2
        for (int j = 0; j < NT; j++) v[j] = loadTail(p[j] + i, tail);
#pragma GCC unroll 16
        for (int o = 0; o < M; o++) {
          Vec<T> g = loadTail(d + o * plane + i, tail);
#pragma GCC unroll 2
          for (int j = 0; j < NT; j++) r[o][j] += g * v[j];
        }
      }
    }
#if defined(__AVX2__) && !defined(__AVX512F__)
  if constexpr (sizeof(T) == 4 && NT == 2 && M % 2 == 0) {
    // Four sums at a time.
#pragma GCC unroll 16
    for (int o = 0; o < M; o += 2) {
      const __m256 a = _mm256_hadd_ps((__m256)r[o][0], (__m256)r[o][1]), b = _mm256_hadd_ps((__m256)r[o + 1][0], (__m256)r[o + 1][1]);
      const __m256 c = _mm256_hadd_ps(a, b);
      float four[4];
      _mm_storeu_ps(four, _mm_add_ps(_mm256_castps256_ps128(c), _mm256_extractf128_ps(c, 1)));
      for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++) sums[(o + i) * K + j] += four[2 * i + j];
    }
    return;
  }
#endif
#pragma GCC unroll 16
  for (int o = 0; o < M; o++)
#pragma GCC unroll 2
    for (int j = 0; j < NT; j++) sums[o * K + j] += sumLanes<T>(r[o][j]);
}

// The same with output channels as lanes: sums[j * NV * L + o] += over pixels of dy[pixel, o] x[pixel + tap j].
template <class T, int M, int NV>
INLINE void lanesTile(int64_t count, const int64_t* pixels, const T* x, const int64_t* taps, const T* dy, T* sums) {
  constexpr int L = kLanes<T>;
  Vec<T> r[M][NV];
#pragma GCC unroll 16
  for (int i = 0; i < M; i++)
    for (int j = 0; j < NV; j++) r[i][j] = *(const Vec<T>*)(sums + (i * NV + j) * L);
  const T* p[M];
  for (int i = 0; i < M; i++) p[i] = x + taps[i];
  for (int64_t k = 0; k < count; k++) {
    int64_t offset = pixels[k];
    Vec<T> v[NV];
#pragma GCC unroll 2
    for (int j = 0; j < NV; j++) v[j] = *(const Vec<T>*)(dy + j * L);
#pragma GCC unroll 16
    for (int i = 0; i < M; i++) {
      Vec<T> a = splat(p[i][offset]);
#pragma GCC unroll 2
      for (int j = 0; j < NV; j++) r[i][j] += a * v[j];
    }
    dy += NV * L;
  }
#pragma GCC unroll 16
  for (int i = 0; i < M; i++)
    for (int j = 0; j < NV; j++) *(Vec<T>*)(sums + (i * NV + j) * L) = r[i][j];
}

// For one vector of output channels: even and odd pixels apart, so that there are sums enough to hide the latency of adding.
template <class T, int M>
INLINE void lanesTilePairs(int64_t count, const int64_t* pixels, const T* x, const int64_t* taps, const T* dy, T* sums) {
  constexpr int L = kLanes<T>;
  Vec<T> r[M][2];
#pragma GCC unroll 16
  for (int i = 0; i < M; i++) {
    r[i][0] = *(const Vec<T>*)(sums + i * L);
    r[i][1] = Vec<T>{};
  }
  const T* p[M];
  for (int i = 0; i < M; i++) p[i] = x + taps[i];
  int64_t k = 0;
  for (; k + 2 <= count; k += 2, dy += 2 * L) {
    const int64_t even = pixels[k], odd = pixels[k + 1];
    Vec<T> v = *(const Vec<T>*)dy, w = *(const Vec<T>*)(dy + L);
#pragma GCC unroll 16
    for (int i = 0; i < M; i++) {
      r[i][0] += splat(p[i][even]) * v;
      r[i][1] += splat(p[i][odd]) * w;
    }
  }
  if (k < count) {
    Vec<T> v = *(const Vec<T>*)dy;
    for (int i = 0; i < M; i++) r[i][0] += splat(p[i][pixels[k]]) * v;
  }
#pragma GCC unroll 16
  for (int i = 0; i < M; i++) *(Vec<T>*)(sums + i * L) = r[i][0] + r[i][1];
}

// One task of backwardWeight: output channels [o0, o1) (at most two vectors) of a group, taps [k0, k1).
template <class T, int NV>
void lanesTask(const ConvShape& s, int64_t rows, T* dw, int64_t K, const T* dy, int64_t channels, const T* x, int64_t xImage, const int64_t* offsets,
               const int64_t* rowBases, int64_t k0, int64_t k1) {
  constexpr int W = NV * kLanes<T>;
  constexpr int64_t kPixels = 160;
  const int64_t width = s.out[2], plane = rows * width;
  T* sums = scratch<T>(6, (k1 - k0) * W);
  memset(sums, 0, (k1 - k0) * W * sizeof(T));
  alignas(64) T lanes[kPixels * W];
  int64_t pixels[kPixels];
  memset(lanes, 0, sizeof lanes);
  for (int64_t n = 0; n < s.N; n++)
    for (int64_t first = 0; first < plane; first += kPixels) {
      const int64_t count = smaller(kPixels, plane - first);
      const T* d = dy + n * s.O * plane + first;
      for (int64_t o = 0; o < channels; o++)
        for (int64_t i = 0; i < count; i++) lanes[i * W + o] = d[o * plane + i];
      int64_t row = first / width, column = first % width;
      for (int64_t i = 0; i < count; i++) {
        pixels[i] = rowBases[row] + column;
        if (++column == width) column = 0, row++;
      }
      const T* px = x + n * xImage;
      for (int64_t k = k0; k < k1; k += kBlock) {
        T* to = sums + (k - k0) * W;
        switch (smaller<int64_t>(kBlock, k1 - k)) {
#define CASE(M)                                                                    \
  case M:                                                                          \
    if constexpr (NV == 1) lanesTilePairs<T, M>(count, pixels, px, offsets + k, lanes, to); \
    else lanesTile<T, M, NV>(count, pixels, px, offsets + k, lanes, to);           \
    break;
          FOR_BLOCK(CASE)
#undef CASE
        }
      }
    }
  for (int64_t o = 0; o < channels; o++)
    for (int64_t k = k0; k < k1; k++) dw[o * K + k] = sums[(k - k0) * W + o];
}

}  // namespace

template <class T>
void backwardWeight(ConvShape s, T* dw, const T* x, const T* dy) {
  if constexpr (sizeof(T) == 4) {
    const Winograd g = winogradOf(s);
    if (s.tilesSquares() && g.pays()) {
      bool finite = true;
      for (int64_t i = 0; i < s.groups && finite; i++)
        finite = winogradWeight(g, dw + i * g.O * g.C * 9, x + i * g.C * s.inSize(), dy + i * g.O * s.outSize());
      if (finite) return;
    }
  }
  if (s.taps() == 1 && s.stride[0] * s.stride[1] * s.stride[2] == 1 && s.pad[0] + s.pad[1] + s.pad[2] == 0 && s.inSize() == s.outSize()) {
    s.in[2] = s.out[2] = s.inSize();
    s.in[0] = s.in[1] = s.out[0] = s.out[1] = 1;
  }
  const int64_t C = s.C / s.groups, O = s.O / s.groups, taps = s.taps(), K = C * taps;
  const int64_t width = s.out[2], rows = s.out[0] * s.out[1], plane = s.outSize();
  constexpr int L = kLanes<T>;
  memset(dw, 0, s.O * K * sizeof(T));
  if (s.N == 0 || plane == 0) return;
  Padded p;
  p.step = s.stride[2];
  p.copies = p.step != 1;
  for (int i = 0; i < 3; i++) {
    p.in[i] = s.in[i];
    p.low[i] = s.pad[i];
    p.size[i] = s.pad[i] == 0 ? s.in[i] : (s.out[i] - 1) * s.stride[i] + (s.kernel[i] - 1) * s.dilation[i] + 1;
    p.copies |= s.pad[i] != 0;
  }
  p.pitch = ceilDiv(p.size[2], p.step);
  const int64_t xImage = p.copies ? s.C * p.channel() : s.C * s.inSize();
  const T* source = x;
  const double work = 2. * (double)s.N * (double)s.O * (double)K * (double)plane;
  const int threads = work > 1e6 ? threadCount() : 1;
  if (p.copies) {
    T* to = scratch<T>(2, s.N * xImage);
    auto pad = [&](int64_t begin, int64_t end) {
      for (int64_t c = begin; c < end; c++) padChannel(p, x + c * s.inSize(), to + c * p.channel());
    };
    if (threads == 1) pad(0, s.N * s.C);
    else parallel(s.N * s.C, 16, pad);
    source = to;
  }
  int64_t* offsets = scratch<int64_t>(4, K);
  for (int64_t c = 0; c < C; c++)
    for (int64_t z = 0, t = 0; z < s.kernel[0]; z++)
      for (int64_t v = 0; v < s.kernel[1]; v++)
        for (int64_t u = 0; u < s.kernel[2]; u++, t++)
          offsets[c * taps + t] = c * p.channel() + p.at(z * s.dilation[0], v * s.dilation[1], u * s.dilation[2]);
  int64_t* rowBases = scratch<int64_t>(3, rows);
  for (int64_t r = 0; r < rows; r++) rowBases[r] = (r / s.out[1] * s.stride[0] * p.size[1] + r % s.out[1] * s.stride[1]) * p.rowPitch();

  const double wide = (double)width / (double)(ceilDiv(width, L) * L), deep = (O >= 2 * L ? 1.2 : 0.98) * (double)O / (double)(ceilDiv(O, L) * L);
  if (deep > wide) {
    const int64_t blocks = ceilDiv(O, 2 * L), parts = threads == 1 ? 1 : smaller<int64_t>(C, ceilDiv(threads * 4, blocks * s.groups));
    parallel(s.groups * blocks * parts, threads == 1 ? INT64_MAX / 2 : 1, [&](int64_t begin, int64_t end) {
      for (int64_t task = begin; task < end; task++) {
        const int64_t g = task / (blocks * parts), o = task / parts % blocks * 2 * L, part = task % parts;
        const int64_t k0 = C * part / parts * taps, k1 = C * (part + 1) / parts * taps, channels = smaller<int64_t>(2 * L, O - o);
        T* to = dw + (g * O + o) * K;
        const T *d = dy + (g * O + o) * plane, *px = source + g * C * p.channel();
        if (channels > L) lanesTask<T, 2>(s, rows, to, K, d, channels, px, xImage, offsets, rowBases, k0, k1);
        else lanesTask<T, 1>(s, rows, to, K, d, channels, px, xImage, offsets, rowBases, k0, k1);
      }
    });
    return;
  }
  // Pieces of the gradient that stay in the first-level cache while all taps pass over them: some rows of an image, or some images.
  const int64_t pieceBytes = 20480, rowBytes = kBlock * width * (int64_t)sizeof(T);
  const int64_t pieceRows = smaller(rows, larger<int64_t>(1, pieceBytes / rowBytes));
  const int64_t pieceImages = pieceRows < rows ? 1 : larger<int64_t>(1, smaller(s.N, pieceBytes / (rowBytes * rows)));
  const Tail<T> tail((int)(width % kLanes<T>));
  const int64_t blocks = ceilDiv(O, kBlock);
  // Each task owns some output channels and some pairs of taps, and adds up over the batch in order: a pair shares tiles, hence the last
  // bits, however the tasks are split.
  const int64_t pairs = ceilDiv(K, 2), tapParts = threads == 1 ? 1 : smaller<int64_t>(pairs, ceilDiv(threads * 3, blocks * s.groups));
  parallel(s.groups * blocks * tapParts, threads == 1 ? INT64_MAX / 2 : 1, [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; task++) {
      const int64_t g = task / (blocks * tapParts), b = task / tapParts % blocks, part = task % tapParts;
      const int64_t o0 = O * b / blocks, o1 = O * (b + 1) / blocks;
      const int64_t k0 = pairs * part / tapParts * 2, k1 = smaller(K, pairs * (part + 1) / tapParts * 2);
      T* sums = dw + (g * O + o0) * K;
      for (int64_t n = 0; n < s.N; n += pieceImages)
        for (int64_t r = 0; r < rows; r += pieceRows) {
          const int64_t images = smaller(pieceImages, s.N - n), count = smaller(pieceRows, rows - r);
          const T* d = dy + (n * s.O + g * O + o0) * plane + r * width;
          const T* px = source + n * xImage + g * C * p.channel();
          for (int64_t k = k0; k < k1; k += 2) switch (o1 - o0) {
#define CASE(M)                                                                                                                              \
  case M:                                                                                                                                    \
    if (k + 1 < k1) weightTile<T, M, 2>(images, count, width, d, s.O * plane, plane, px, xImage, rowBases + r, offsets + k, tail, sums + k, K); \
    else weightTile<T, M, 1>(images, count, width, d, s.O * plane, plane, px, xImage, rowBases + r, offsets + k, tail, sums + k, K);   \
    break;
              FOR_BLOCK(CASE)
#undef CASE
            }
        }
    }
  });
}

template void backwardWeight<float>(ConvShape, float*, const float*, const float*);
template void backwardWeight<double>(ConvShape, double*, const double*, const double*);

}  // namespace BLUEDOT_ISA
}  // namespace bluedot
