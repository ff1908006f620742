#pragma once
// A convolution as tiles over a source: taps are offsets, vectors run along pixels or along output channels, whichever wastes less.
#include "conv_plan.h"

namespace bluedot {
namespace BLUEDOT_ISA {
namespace {

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
    for (int64_t t = 0; t < taps; t++) offsets[t] = source.at(tap[t][0], tap[t][1], tap[t][2]);
    for (int64_t c = 1; c < channels; c++)
      for (int64_t t = 0; t < taps; t++) offsets[c * taps + t] = c * source.channel() + offsets[t];
    // Few taps are not worth a loop of their own for each channel.
    skips = source.copies && taps >= 9 && taps <= kMaxTapRows && (source.low[0] > 0 || source.low[1] > 0);
    for (int64_t t = 0; skips && t < taps; t++)
      for (int d = 0; d < 2; d++) tapRow[d][t] = tap[t][d];
  }

  // The taps from the first to the last that fall on a row of the source, for outputs of one row.
  Taps tapsOf(int64_t row, int64_t line) const {
    if (!skips) return {0, (int)taps};
    const int64_t at[2] = {row * step[0] - source.low[0], line * step[1] - source.low[1]};
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
        int64_t z = row / grid[1], v = row % grid[1];
        for (int64_t r = row; r < end; r++, v++) {
          if (v == grid[1]) v = 0, z++;
          const int64_t base = (z * step[0] * source.size[1] + v * step[1]) * source.rowPitch();
          const Taps t = tapsOf(z, v);
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

}  // namespace

}  // namespace BLUEDOT_ISA
}  // namespace bluedot
