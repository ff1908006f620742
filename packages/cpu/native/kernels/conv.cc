// Convolution in one to three dimensions: forward, gradient of the input (which is also the transposed convolution), gradient of
// the weight. Tensors are contiguous.
#include "conv_plan.h"

namespace bluedot {
namespace BLUEDOT_ISA {
namespace {

constexpr int kBlock = 6;  // output channels, or pixels, of a tile
#define FOR_BLOCK(X) X(1) X(2) X(3) X(4) X(5) X(6)

// Which taps of each source channel a tile takes: rows of zeros around the source are left out.
struct Taps {
  int first, count;
};
INLINE Taps joined(Taps a, Taps b) {
  const int first = smaller(a.first, b.first), end = larger(a.first + a.count, b.first + b.count);
  return {first, end - first};
}

// A run of up to one vector of outputs: adjacent in the source and in the result.
struct Segment {
  int64_t from, to;
  int width;
  Taps taps;
};

// The loop over source channels and taps: one loop where all taps are taken.
struct Loop {
  int64_t outer, inner, first, skip;
  Loop(int64_t channels, int64_t taps, Taps t) {
    if (t.count == taps) outer = 1, inner = channels * taps, first = 0, skip = 0;
    else outer = channels, inner = t.count, first = t.first, skip = taps - t.count;
  }
};

// Tile of M output channels by NV segments. w: K rows of M weights.
template <class T, int M, int NV>
INLINE void channelTile(Loop loop, const int64_t* offsets, const T* x, const Segment* s, const T* w, T* y, int64_t plane, const T* bias) {
  Vec<T> r[M][NV];
#pragma GCC unroll 16
  for (int o = 0; o < M; o++)
    for (int j = 0; j < NV; j++) r[o][j] = splat<T>(bias ? bias[o] : (T)0);
  const T* p[NV];
  for (int j = 0; j < NV; j++) p[j] = x + s[j].from;
  offsets += loop.first;
  w += loop.first * M;
  for (int64_t c = 0; c < loop.outer; c++, offsets += loop.skip, w += loop.skip * M)
    for (int64_t k = 0; k < loop.inner; k++) {
      const int64_t offset = *offsets++;
      Vec<T> v[NV];
#pragma GCC unroll 2
      for (int j = 0; j < NV; j++) v[j] = load(p[j] + offset);
#pragma GCC unroll 16
      for (int o = 0; o < M; o++) {
        Vec<T> a = splat(w[o]);
#pragma GCC unroll 2
        for (int j = 0; j < NV; j++) r[o][j] += a * v[j];
      }
      w += M;
    }
#pragma GCC unroll 16
  for (int o = 0; o < M; o++)
#pragma GCC unroll 2
    for (int j = 0; j < NV; j++) {
      T* to = y + o * plane + s[j].to;
      if (s[j].width == kLanes<T>) store(to, r[o][j]);
      else storePart(to, r[o][j], s[j].width);
    }
}
template <class T>
void channelTiles(int m, int64_t channels, int64_t taps, const int64_t* offsets, const T* x, const Segment* s, int64_t count, const T* w, T* y, int64_t plane, const T* bias) {
  switch (m) {
#define CASE(M)                                                                                                    \
  case M: {                                                                                                        \
    int64_t i = 0;                                                                                                 \
    for (; i + 2 <= count; i += 2)                                                                                 \
      channelTile<T, M, 2>(Loop(channels, taps, joined(s[i].taps, s[i + 1].taps)), offsets, x, s + i, w, y, plane, bias); \
    if (i < count) channelTile<T, M, 1>(Loop(channels, taps, s[i].taps), offsets, x, s + i, w, y, plane, bias);    \
    return;                                                                                                        \
  }
    FOR_BLOCK(CASE)
#undef CASE
  }
}

// Tile of M pixels by NV vectors of output channels. w: K rows of NV vectors. Results go through a small buffer, since the pixels of
// one channel are adjacent in y.
template <class T, int M, int NV>
INLINE void pixelTile(Loop loop, const int64_t* offsets, const T* x, const int64_t* pixels, const T* w, T* y, int64_t plane, int channels, const T* bias) {
  constexpr int L = kLanes<T>;
  Vec<T> r[M][NV];
  for (int j = 0; j < NV; j++) {
    Vec<T> b = bias ? loadPart(bias + j * L, smaller(L, larger(0, channels - j * L))) : Vec<T>{};
    for (int i = 0; i < M; i++) r[i][j] = b;
  }
  const T* p[M];
  for (int i = 0; i < M; i++) p[i] = x + pixels[i];
  offsets += loop.first;
  w += loop.first * (NV * L);
  for (int64_t c = 0; c < loop.outer; c++, offsets += loop.skip, w += loop.skip * (NV * L))
    for (int64_t k = 0; k < loop.inner; k++) {
      const int64_t offset = *offsets++;
      Vec<T> v[NV];
#pragma GCC unroll 2
      for (int j = 0; j < NV; j++) v[j] = *(const Vec<T>*)(w + j * L);
#pragma GCC unroll 16
      for (int i = 0; i < M; i++) {
        Vec<T> a = splat(p[i][offset]);
#pragma GCC unroll 2
        for (int j = 0; j < NV; j++) r[i][j] += a * v[j];
      }
      w += NV * L;
    }
  alignas(64) T t[M][NV * L];
  for (int i = 0; i < M; i++)
    for (int j = 0; j < NV; j++) *(Vec<T>*)(t[i] + j * L) = r[i][j];
  for (int o = 0; o < channels; o++)
    for (int i = 0; i < M; i++) y[o * plane + i] = t[i][o];
}
template <class T, int NV>
void pixelTiles(int64_t channels, int64_t taps, const Taps* taken, const int64_t* offsets, const T* x, const int64_t* pixels, int64_t count, const T* w, T* y, int64_t plane, int outputs, const T* bias) {
  for (int64_t i = 0; i < count; i += kBlock) {
    const int64_t m = smaller<int64_t>(kBlock, count - i);
    Taps all = taken[i];
    for (int64_t k = 1; k < m; k++) all = joined(all, taken[i + k]);
    const Loop loop(channels, taps, all);
    switch (m) {
#define CASE(M)                                                                            \
  case M:                                                                                  \
    pixelTile<T, M, NV>(loop, offsets, x, pixels + i, w, y + i, plane, outputs, bias);     \
    break;
      FOR_BLOCK(CASE)
#undef CASE
    }
  }
}

constexpr int kMaxTapRows = 128;

// A convolution as the tiles see it: `channels` source channels, K = channels * taps offsets, O outputs on a grid.
template <class T>
struct Direct {
  Padded source;
  int64_t channels, taps, O;
  int64_t grid[3], step[3];  // outputs, and how far each steps in the source
  int64_t* offsets;          // [channels * taps]
  int64_t tapRow[2][kMaxTapRows];  // z and y of each tap, in padded coordinates, where there are few enough
  bool skips;                // whether rows outside the source are skipped
  bool byPixel;
  int64_t K() const { return channels * taps; }
  int64_t plane() const { return grid[0] * grid[1] * grid[2]; }

  // tap: padded source coordinates of each tap for the output at the origin.
  void prepare(const int64_t (*tap)[3]) {
    constexpr int L = kLanes<T>;
    const double wide = (double)grid[2] / (double)(ceilDiv(grid[2], L) * L);
    const double deep = 0.88 * (double)O / (double)(ceilDiv(O, L) * L);
    byPixel = deep > wide;
    source.step = step[2];
    bool same = source.step == 1;
    for (int d = 0; d < 3; d++) same &= source.low[d] == 0 && source.size[d] == source.in[d];
    source.copies = !(same && (byPixel || grid[2] >= L));
    // A partial segment reads a whole vector: room for it behind the last row.
    source.pitch = source.copies ? ceilDiv(source.size[2], source.step) + (grid[2] < L && !byPixel ? L : 0) : source.in[2];
    for (int64_t c = 0; c < channels; c++)
      for (int64_t t = 0; t < taps; t++) offsets[c * taps + t] = c * source.channel() + source.at(tap[t][0], tap[t][1], tap[t][2]);
    // Few taps are not worth a loop of their own for each channel.
    skips = source.copies && taps >= 9 && taps <= kMaxTapRows && (source.low[0] > 0 || source.low[1] > 0);
    for (int64_t t = 0; skips && t < taps; t++)
      for (int d = 0; d < 2; d++) tapRow[d][t] = tap[t][d];
  }

  // The taps from the first to the last that fall on a row of the source, for outputs of one row.
  Taps tapsOf(int64_t row) const {
    if (!skips) return {0, (int)taps};
    const int64_t at[2] = {row / grid[1] * step[0] - source.low[0], row % grid[1] * step[1] - source.low[1]};
    int first = (int)taps, last = -1;
    for (int t = 0; t < (int)taps; t++) {
      const int64_t z = at[0] + tapRow[0][t], y = at[1] + tapRow[1][t];
      if (z < 0 || z >= source.in[0] || y < 0 || y >= source.in[1]) continue;
      first = smaller(first, t);
      last = t;
    }
    return last < 0 ? Taps{0, 0} : Taps{first, last - first + 1};
  }

  // Widths of the blocks of output channels, as even as can be.
  int64_t blocks() const { return byPixel ? ceilDiv(O, 2 * kLanes<T>) : ceilDiv(O, kBlock); }
  int64_t blockStart(int64_t b) const { return byPixel ? smaller<int64_t>(O, b * 2 * kLanes<T>) : O * b / blocks(); }
  int64_t weightSize() const { return (O + 2 * kLanes<T>) * K(); }
  int64_t weightAt(int64_t b) const { return blockStart(b) * K(); }
  int blockWidth(int64_t b) const {
    int64_t n = blockStart(b + 1) - blockStart(b);
    return (int)(byPixel ? ceilDiv(n, kLanes<T>) * kLanes<T> : n);
  }
  // weight(o, c, t) -> packed
  template <class F>
  void packWeights(T* to, const F& weight) const {
    for (int64_t b = 0; b < blocks(); b++) {
      T* w = to + weightAt(b);
      const int64_t o0 = blockStart(b), o1 = blockStart(b + 1);
      const int width = blockWidth(b);
      for (int64_t o = o0; o < o0 + width; o++) {
        T* column = w + (o - o0);
        if (o >= o1)
          for (int64_t k = 0; k < K(); k++) column[k * width] = 0;
        else
          for (int64_t c = 0; c < channels; c++)
            for (int64_t t = 0; t < taps; t++) column[(c * taps + t) * width] = weight(o, c, t);
      }
    }
  }

  // Rows [r0, r1) of the grid (z and y flattened), all output channels.
  void run(const T* x, const T* w, T* y, const T* bias, int64_t r0, int64_t r1) const {
    constexpr int L = kLanes<T>;
    const int64_t width = grid[2];
    // Rows at a time, so that their sources stay in the second-level cache while the weights pass.
    const int64_t rowBytes = larger<int64_t>(1, channels * source.rowPitch() * step[1] * (int64_t)sizeof(T));
    const int64_t perRow = byPixel ? width : ceilDiv(width, L);
    int64_t rows = larger<int64_t>(1, smaller<int64_t>(196608 / rowBytes, larger<int64_t>(1, 1024 / perRow)));
    Segment segments[1024 + 64];
    int64_t pixels[1024 + 64];
    Taps taken[1024 + 64];
    for (int64_t row = r0; row < r1; row += rows) {
      const int64_t end = smaller(r1, row + rows);
      for (int64_t first = 0; first < width; first += 1024) {  // very wide rows in parts
        const int64_t last = smaller(width, first + 1024);
        int64_t count = 0;
        for (int64_t r = row; r < end; r++) {
          const int64_t base = (r / grid[1] * step[0] * source.size[1] + r % grid[1] * step[1]) * source.rowPitch();
          const Taps t = tapsOf(r);
          if (byPixel)
            for (int64_t i = first; i < last; i++) {
              taken[count] = t;
              pixels[count++] = base + i;
            }
          else
            for (int64_t i = first; i < last; i += L) {
              int64_t at = i + L <= width ? i : larger<int64_t>(0, width - L);
              segments[count++] = {base + at, r * width + at, (int)smaller<int64_t>(L, width), t};
            }
        }
        for (int64_t b = 0; b < blocks(); b++) {
          const int64_t o = blockStart(b);
          T* to = y + o * plane();
          const T* bi = bias ? bias + o : nullptr;
          if (!byPixel) channelTiles<T>(blockWidth(b), channels, taps, offsets, x, segments, count, w + weightAt(b), to, plane(), bi);
          else {
            const int n = (int)(blockStart(b + 1) - o);
            T* pixel = to + row * width + first;
            // `rows` is 1 whenever a row is in parts, so that pixels are adjacent in y.
            if (blockWidth(b) == 2 * L) pixelTiles<T, 2>(channels, taps, taken, offsets, x, pixels, count, w + weightAt(b), pixel, plane(), n, bi);
            else pixelTiles<T, 1>(channels, taps, taken, offsets, x, pixels, count, w + weightAt(b), pixel, plane(), n, bi);
          }
        }
      }
    }
  }
};

// Runs a direct convolution over a batch: image n of x to image n of y.
template <class T, class X, class Y>
void runBatch(const Direct<T>& d, int64_t N, const X& xOf, const Y& yOf, const T* w, const T* bias) {
  const int64_t rows = d.grid[0] * d.grid[1];
  const double work = 2. * (double)d.O * (double)d.K() * (double)d.plane();
  const int threads = work * (double)N > 1e6 ? threadCount() : 1;
  const size_t padded = d.source.copies ? d.channels * d.source.channel() + 2 * kLanes<T> : 0;
  auto pad = [&](const T* x, T* to, int64_t c0, int64_t c1) {
    for (int64_t c = c0; c < c1; c++) padChannel(d.source, x + c * (d.source.in[0] * d.source.in[1] * d.source.in[2]), to + c * d.source.channel());
    // The slack that partial segments of the last row read.
    if (c1 == d.channels) memset(to + d.channels * d.source.channel(), 0, 2 * kLanes<T> * sizeof(T));
  };
  if (threads == 1 || N >= 2 * threads) {
    auto images = [&](int64_t begin, int64_t end) {
      for (int64_t n = begin; n < end; n++) {
        const T* x = xOf(n);
        if (d.source.copies) {
          T* to = scratch<T>(2, padded);
          pad(x, to, 0, d.channels);
          x = to;
        }
        d.run(x, w, yOf(n), bias, 0, rows);
      }
    };
    if (threads == 1) images(0, N);
    else parallel(N, larger<int64_t>(1, smaller<int64_t>(N / (threads * 2), (int64_t)(1e6 / work))), images);
    return;
  }
  for (int64_t n = 0; n < N; n++) {
    const T* x = xOf(n);
    if (d.source.copies) {
      T* to = scratch<T>(2, padded);
      parallel(d.channels, larger<int64_t>(1, ceilDiv(d.channels, threads * 2)), [&](int64_t b, int64_t e) { pad(x, to, b, e); });
      x = to;
    }
    parallel(rows, larger<int64_t>(1, ceilDiv(rows, threads * 3)), [&](int64_t b, int64_t e) { d.run(x, w, yOf(n), bias, b, e); });
  }
}

constexpr int64_t kMaxTaps = 4096;

template <class T>
void forward(ConvShape s, T* y, const T* x, const T* w, const T* bias) {
  if (s.taps() == 1 && s.stride[0] * s.stride[1] * s.stride[2] == 1 && s.pad[0] + s.pad[1] + s.pad[2] == 0 && s.inSize() == s.outSize()) {
    s.in[2] = s.out[2] = s.inSize();
    s.in[0] = s.in[1] = s.out[0] = s.out[1] = 1;
  }
  const int64_t C = s.C / s.groups, O = s.O / s.groups, taps = s.taps();
  int64_t(*tap)[3] = scratch<int64_t[3]>(3, taps);
  Direct<T> d;
  d.channels = C;
  d.taps = taps;
  d.O = O;
  for (int i = 0; i < 3; i++) {
    d.grid[i] = s.out[i];
    d.step[i] = s.stride[i];
    d.source.in[i] = s.in[i];
    d.source.low[i] = s.pad[i];
    // Only what taps reach; the last rows may be left out by the stride.
    d.source.size[i] = s.pad[i] == 0 ? s.in[i] : (s.out[i] - 1) * s.stride[i] + (s.kernel[i] - 1) * s.dilation[i] + 1;
  }
  int64_t t = 0;
  for (int64_t z = 0; z < s.kernel[0]; z++)
    for (int64_t v = 0; v < s.kernel[1]; v++)
      for (int64_t u = 0; u < s.kernel[2]; u++, t++) {
        tap[t][0] = z * s.dilation[0];
        tap[t][1] = v * s.dilation[1];
        tap[t][2] = u * s.dilation[2];
      }
  d.offsets = scratch<int64_t>(4, C * taps);
  d.prepare(tap);
  T* packed = scratch<T>(5, d.weightSize());
  for (int64_t g = 0; g < s.groups; g++) {
    const T* wg = w + g * O * C * taps;
    d.packWeights(packed, [&](int64_t o, int64_t c, int64_t k) { return wg[(o * C + c) * taps + k]; });
    runBatch<T>(d, s.N, [&](int64_t n) { return x + (n * s.C + g * C) * s.inSize(); },
                [&](int64_t n) { return y + (n * s.O + g * O) * s.outSize(); }, packed, bias ? bias + g * O : nullptr);
  }
}

// dx[i] sums w[k] dy[o] over taps with o * stride = i + pad - k * dilation. For each residue of i modulo the stride the taps that
// take part are fixed, and the sum is a convolution of dy with step 1.
template <class T>
void backwardInput(const ConvShape& s, T* dx, const T* dy, const T* w, const T* bias) {
  const int64_t C = s.C / s.groups, O = s.O / s.groups, taps = s.taps();
  const int64_t residues = s.stride[0] * s.stride[1] * s.stride[2];
  int64_t(*tap)[3] = scratch<int64_t[3]>(3, taps);
  int64_t* which = scratch<int64_t>(6, taps);
  for (int64_t residue = 0; residue < residues; residue++) {
    const int64_t phase[3] = {residue / (s.stride[1] * s.stride[2]), residue / s.stride[2] % s.stride[1], residue % s.stride[2]};
    Direct<T> d;
    int64_t count = 0, low[3] = {INT64_MAX, INT64_MAX, INT64_MAX}, high[3] = {INT64_MIN, INT64_MIN, INT64_MIN};
    bool empty = false;
    for (int i = 0; i < 3; i++) {
      d.grid[i] = s.in[i] > phase[i] ? ceilDiv(s.in[i] - phase[i], s.stride[i]) : 0;
      d.step[i] = 1;
      empty |= d.grid[i] == 0;
    }
    if (empty) continue;
    for (int64_t t = 0; t < taps; t++) {
      const int64_t k[3] = {t / (s.kernel[1] * s.kernel[2]), t / s.kernel[2] % s.kernel[1], t % s.kernel[2]};
      int64_t at[3];
      bool takesPart = true;
      for (int i = 0; i < 3; i++) {
        int64_t distance = phase[i] + s.pad[i] - k[i] * s.dilation[i];
        takesPart &= distance % s.stride[i] == 0;
        at[i] = distance / s.stride[i];
      }
      if (!takesPart) continue;
      for (int i = 0; i < 3; i++) {
        tap[count][i] = at[i];
        low[i] = smaller(low[i], at[i]);
        high[i] = larger(high[i], at[i]);
      }
      which[count++] = t;
    }
    d.channels = O;
    d.taps = count;
    d.O = C;
    for (int i = 0; i < 3; i++) {
      if (count == 0) low[i] = high[i] = 0;
      d.source.in[i] = s.out[i];
      d.source.low[i] = -low[i];
      d.source.size[i] = d.grid[i] + high[i] - low[i];
    }
    for (int64_t t = 0; t < count; t++)
      for (int i = 0; i < 3; i++) tap[t][i] -= low[i];
    d.offsets = scratch<int64_t>(4, O * count);
    d.prepare(tap);
    T* packed = scratch<T>(5, d.weightSize());
    T* planes = residues == 1 ? nullptr : (T*)malloc(s.N * C * d.plane() * sizeof(T));
    if (residues > 1 && !planes) abort();
    for (int64_t g = 0; g < s.groups; g++) {
      const T* wg = w + g * O * C * taps;
      d.packWeights(packed, [&](int64_t o, int64_t c, int64_t k) { return wg[(c * C + o) * taps + which[k]]; });
      runBatch<T>(d, s.N, [&](int64_t n) { return dy + (n * s.O + g * O) * s.outSize(); },
                  [&](int64_t n) { return planes ? planes + n * C * d.plane() : dx + (n * s.C + g * C) * s.inSize(); }, packed,
                  bias ? bias + g * C : nullptr);
      if (!planes) continue;
      parallel(s.N * C, 16, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; i++) {
          const T* from = planes + i * d.plane();
          T* to = dx + (i / C * s.C + g * C + i % C) * s.inSize();
          for (int64_t z = 0; z < d.grid[0]; z++)
            for (int64_t v = 0; v < d.grid[1]; v++) {
              T* row = to + ((z * s.stride[0] + phase[0]) * s.in[1] + v * s.stride[1] + phase[1]) * s.in[2] + phase[2];
              for (int64_t u = 0; u < d.grid[2]; u++) row[u * s.stride[2]] = *from++;
            }
        }
      });
    }
    free(planes);
  }
}

// ---- gradient of the weight

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

template <class T>
void backwardWeight(ConvShape s, T* dw, const T* x, const T* dy) {
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
  // Each task owns some output channels and some taps, and adds up over the batch in order.
  // The split decides which taps share a tile, hence the last bits: it depends on the sizes alone.
  const int64_t tapParts = smaller<int64_t>(C, ceilDiv(16, blocks * s.groups));
  parallel(s.groups * blocks * tapParts, threads == 1 ? INT64_MAX / 2 : 1, [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; task++) {
      const int64_t g = task / (blocks * tapParts), b = task / tapParts % blocks, part = task % tapParts;
      const int64_t o0 = O * b / blocks, o1 = O * (b + 1) / blocks;
      const int64_t k0 = C * part / tapParts * taps, k1 = C * (part + 1) / tapParts * taps;
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

// Slots: 1 type, 2 batch, 3 channels of the input, 4 of the output, 5 groups; 32.. sizes of the input, kernel, stride, padding, dilation, output.
ConvShape readShape(Args a) {
  ConvShape s;
  s.N = a.i(2);
  s.C = a.i(3);
  s.O = a.i(4);
  s.groups = a.i(5);
  int64_t* fields[] = {s.in, s.kernel, s.stride, s.pad, s.dilation, s.out};
  for (int f = 0; f < 6; f++)
    for (int i = 0; i < 3; i++) fields[f][i] = a.i(kShape + 3 * f + i);
  return s;
}

// Pointers: y, x, w, bias or 0.
KERNEL(convForward) {
  Args a;
  ConvShape s = readShape(a);
  if (a.i(1) == kFloat32) forward<float>(s, a.ptr<float>(0), a.ptr<float>(1), a.ptr<float>(2), a.ptr<float>(3));
  else forward<double>(s, a.ptr<double>(0), a.ptr<double>(1), a.ptr<double>(2), a.ptr<double>(3));
  return nullptr;
}
// Pointers: dx, dy, w, bias or 0 (for the transposed convolution).
KERNEL(convBackwardInput) {
  Args a;
  ConvShape s = readShape(a);
  if (a.i(1) == kFloat32) backwardInput<float>(s, a.ptr<float>(0), a.ptr<float>(1), a.ptr<float>(2), a.ptr<float>(3));
  else backwardInput<double>(s, a.ptr<double>(0), a.ptr<double>(1), a.ptr<double>(2), a.ptr<double>(3));
  return nullptr;
}
// Pointers: dw, x, dy.
KERNEL(convBackwardWeight) {
  Args a;
  ConvShape s = readShape(a);
  if (a.i(1) == kFloat32) backwardWeight<float>(s, a.ptr<float>(0), a.ptr<float>(1), a.ptr<float>(2));
  else backwardWeight<double>(s, a.ptr<double>(0), a.ptr<double>(1), a.ptr<double>(2));
  return nullptr;
}

}  // namespace

ENTRIES(convEntries, {"convForward", convForward}, {"convBackwardInput", convBackwardInput}, {"convBackwardWeight", convBackwardWeight})

}  // namespace BLUEDOT_ISA
}  // namespace bluedot
