// Tiles of 4 x 4 inputs give 2 x 2 outputs: y = A' [(G w G') (B' x B)] A, an elementwise product for each pair of channels, hence 16 matrix
// products over channels. Tiles are counted by rows of tiles over all images; a strip of them is transformed, multiplied and
// transformed back while it stays in the second-level cache.
#include "winograd.h"

#include <atomic>

#include "gemm_tiles.h"

namespace bluedot {
namespace BLUEDOT_ISA {
namespace {

constexpr int L = kLanes<float>;
typedef Vec<float> V;

// One row of tiles of one channel: columns of a tile in separate runs of even and odd columns.
struct Line {
  int64_t pitch;  // of a run
  float* rows;    // [4][2][pitch]
  float* even(int r) const { return rows + 2 * r * pitch; }
  float* odd(int r) const { return rows + (2 * r + 1) * pitch; }
};

INLINE int64_t linePitch(int64_t tiles) { return tiles + 2 + 2 * L; }

// B' d over the four rows that begin at `top`, columns split.
void splitRows(const Winograd& g, const float* x, int64_t top, float* row, const Line& line) {
  const int64_t width = 2 * (line.pitch - L), lead = larger<int64_t>(0, g.low[1]), skip = larger<int64_t>(0, -g.low[1]);
  const int64_t n = larger<int64_t>(0, smaller(g.in[1] - skip, width - lead));
  const float* d[4];
  bool inside[4];
  for (int r = 0; r < 4; r++) {
    inside[r] = top + r >= 0 && top + r < g.in[0];
    d[r] = x + (top + r) * g.in[1] + skip;
  }
  for (int k = 0; k < 4; k++) {
    // d0 - d2, d1 + d2, d2 - d1, d1 - d3
    const int a = k == 0 ? 0 : k == 2 ? 2 : 1, b = k == 0 || k == 1 ? 2 : k == 2 ? 1 : 3;
    const float sign = k == 1 ? 1 : -1;
    float* to = row + lead;
    const float *p = d[a], *q = d[b];
    if (inside[a] && inside[b])
      for (int64_t i = 0; i < n; i++) to[i] = p[i] + sign * q[i];
    else if (inside[a]) memcpy(to, p, n * sizeof(float));
    else if (inside[b])
      for (int64_t i = 0; i < n; i++) to[i] = sign * q[i];
    else memset(to, 0, n * sizeof(float));
    float *even = line.even(k), *odd = line.odd(k);
    for (int64_t i = 0; i < width / 2; i++) {
      even[i] = row[2 * i];
      odd[i] = row[2 * i + 1];
    }
  }
}

// The tiles of one row, times B: to + plane * (4 * row + column).
void transformInput(const Line& line, int64_t tiles, float* to, int64_t plane) {
  for (int r = 0; r < 4; r++, to += 4 * plane) {
    const float *even = line.even(r), *odd = line.odd(r);
    for (int64_t t = 0; t < tiles; t += L) {
      const V d0 = load(even + t), d1 = load(odd + t), d2 = load(even + t + 1), d3 = load(odd + t + 1);
      store(to + t, d0 - d2);
      store(to + plane + t, d1 + d2);
      store(to + 2 * plane + t, d2 - d1);
      store(to + 3 * plane + t, d1 - d3);
    }
  }
}

// A' m A for one row of tiles and one channel: two rows of the result, the second absent for an odd last one. Adds 0 * y to `check`.
void transformOutput(const float* from, int64_t plane, int64_t tiles, float bias, float* y, int64_t width, bool second, V& check) {
  const V b = splat(bias);
  for (int64_t first = 0; first < tiles; first += L) {
    const int64_t t = tiles >= L ? smaller(first, tiles - L) : first;
    V s[2][4];
    for (int c = 0; c < 4; c++) {
      const float* p = from + c * plane + t;
      const V m0 = load(p), m1 = load(p + 4 * plane), m2 = load(p + 8 * plane), m3 = load(p + 12 * plane);
      s[0][c] = m0 + m1 + m2;
      s[1][c] = m1 - m2 - m3;
    }
    alignas(64) float out[2 * L], halves[2][L];
    const int64_t n = smaller<int64_t>(2 * L, width - 2 * t);
    for (int r = 0; r < (second ? 2 : 1); r++) {
      const V left = s[r][0] + s[r][1] + s[r][2] + b, right = s[r][1] - s[r][2] - s[r][3] + b;
      store(halves[0], left);
      store(halves[1], right);
      for (int i = 0; i < L; i++) {
        out[2 * i] = halves[0][i];
        out[2 * i + 1] = halves[1][i];
      }
      float* to = y + r * width + 2 * t;
      if (n == 2 * L) {
        check += (left + right) * 0.f;
        memcpy(to, out, sizeof out);
      } else
        for (int i = 0; i < n; i++) {
          check[0] += out[i] * 0.f;
          to[i] = out[i];
        }
    }
  }
}

// to[plane * i + c] = (G w G')[i] for `count` source channels, at most a vector of them, `step` elements apart.
INLINE void transformKernels(const float* w, int64_t step, int count, bool flipped, float* to, int64_t plane) {
  alignas(64) float taps[9][L] = {};
  for (int c = 0; c < count; c++)
    for (int i = 0; i < 9; i++) taps[flipped ? 8 - i : i][c] = w[c * step + i];
  const V half = splat(.5f);
  V s[4][3];
  for (int c = 0; c < 3; c++) {
    const V first = load(taps[c]), middle = load(taps[3 + c]) * half, last = load(taps[6 + c]), sum = (first + last) * half;
    s[0][c] = first;
    s[1][c] = sum + middle;
    s[2][c] = sum - middle;
    s[3][c] = last;
  }
  for (int r = 0; r < 4; r++, to += 4 * plane) {
    const V sum = (s[r][0] + s[r][2]) * half, middle = s[r][1] * half;
    const V rows[4] = {s[r][0], sum + middle, sum - middle, s[r][2]};
    for (int i = 0; i < 4; i++)
      if (count == L) store(to + i * plane, rows[i]);
      else storePart(to + i * plane, rows[i], count);
  }
}

// Rows of tiles of a strip: enough to be worth reading the weights, few enough for the caches.
int64_t stripRows(const Winograd& g) { return larger<int64_t>(1, smaller<int64_t>(g.N * g.tileRows(), 112 / g.tileColumns())); }

// to[O, n] = weights[O, C] from[C, n], in whole vectors of columns.
void multiply(int64_t O, int64_t n, int64_t C, const float* weights, const float* from, float* to, int64_t pitch) {
  constexpr int64_t W = 2 * L;
  auto tile = [&](int64_t o, int64_t j) {
    const int m = (int)smaller<int64_t>(kRows, O - o);
    if (j + L < n) looseRows<float, 2>(m, C, weights + o * C, C, 1, from + j, pitch, to + o * pitch + j, pitch, W, false);
    else looseRows<float, 1>(m, C, weights + o * C, C, 1, from + j, pitch, to + o * pitch + j, pitch, L, false);
  };
  // All weights pass over two vectors of columns, unless they don't fit into the cache.
  if (O * C <= 65536)
    for (int64_t j = 0; j < n; j += W)
      for (int64_t o = 0; o < O; o += kRows) tile(o, j);
  else
    for (int64_t o = 0; o < O; o += kRows)
      for (int64_t j = 0; j < n; j += W) tile(o, j);
}

// A strip: 16 planes of channels by tiles, and what the transforms of one row of tiles need.
struct Strip {
  int64_t tiles, pitch;
  static constexpr int64_t slack = 64;  // keeps the planes from falling on the same cache lines
  explicit Strip(int64_t tiles) : tiles(tiles), pitch(ceilDiv(tiles, 2 * L) * 2 * L + L) {}
  int64_t plane(int64_t channels) const { return channels * pitch + slack; }
};

// Columns of the last vector that belong to no tile are multiplied too; the next row or nothing reads them.
void clearTail(float* planes, int64_t plane, int64_t channels, const Strip& strip, int64_t n) {
  if (n % L == 0) return;
  for (int i = 0; i < 16; i++)
    for (int64_t c = 0; c < channels; c++) store(planes + i * plane + c * strip.pitch + n / L * L, V{});
}

// Transforms the tiles of rows [q0, q1) of channel c.
void inputStrip(const Winograd& g, const float* x, int64_t c, int64_t q0, int64_t q1, float* to, int64_t plane) {
  const int64_t rows = g.tileRows(), tiles = g.tileColumns(), pitch = linePitch(tiles);
  float* row = scratch<float>(6, 10 * pitch);
  const Line line{pitch, row + 2 * pitch};
  memset(row, 0, 2 * pitch * sizeof(float));
  for (int64_t q = q0; q < q1; q++, to += tiles) {
    splitRows(g, x + q / rows * g.xImage + c * g.in[0] * g.in[1], q % rows * 2 - g.low[0], row, line);
    transformInput(line, tiles, to, plane);
  }
}

// A dy A', the adjoint of transformOutput: rows 0, 0 + 1, 0 - 1, -1 of a tile, and the same for columns.
void gradientStrip(const Winograd& g, const float* dy, int64_t o, int64_t q0, int64_t q1, float* to, int64_t plane) {
  const int64_t rows = g.tileRows(), tiles = g.tileColumns(), width = g.out[1], pitch = tiles + L;
  float *row = scratch<float>(6, 6 * pitch), *split = row + 2 * pitch;
  memset(row, 0, 6 * pitch * sizeof(float));
  for (int64_t q = q0; q < q1; q++, to += tiles) {
    const int64_t top = q % rows * 2;
    for (int r = 0; r < 2; r++) {
      float *even = split + 2 * r * pitch, *odd = even + pitch;
      if (top + r < g.out[0]) memcpy(row, dy + q / rows * g.yImage + (o * g.out[0] + top + r) * width, width * sizeof(float));
      else memset(row, 0, width * sizeof(float));
      for (int64_t i = 0; i < tiles; i++) {
        even[i] = row[2 * i];
        odd[i] = row[2 * i + 1];
      }
    }
    for (int64_t t = 0; t < tiles; t += L) {
      V d[2][2];
      for (int i = 0; i < 4; i++) d[i / 2][i % 2] = load(split + i * pitch + t);
      const V sides[4][2] = {{d[0][0], d[0][1]}, {d[0][0] + d[1][0], d[0][1] + d[1][1]}, {d[0][0] - d[1][0], d[0][1] - d[1][1]}, {-d[1][0], -d[1][1]}};
      for (int r = 0; r < 4; r++) {
        float* p = to + 4 * r * plane + t;
        store(p, sides[r][0]);
        store(p + plane, sides[r][0] + sides[r][1]);
        store(p + 2 * plane, sides[r][0] - sides[r][1]);
        store(p + 3 * plane, -sides[r][1]);
      }
    }
  }
}

}  // namespace

bool winogradForward(const Winograd& g, float* y, const float* x, WinogradWeight w, const float* bias) {
  const int64_t tiles = g.tileColumns(), rows = g.tileRows(), perStrip = stripRows(g), weightPlane = g.O * g.C;
  float* weights = scratch<float>(5, 16 * weightPlane);
  parallel(g.O, larger<int64_t>(1, 4096 / g.C), [&](int64_t begin, int64_t end) {
    for (int64_t o = begin; o < end; o++)
      for (int64_t c = 0; c < g.C; c += L)
        transformKernels(w.w + o * w.o + c * w.c, w.c, (int)smaller<int64_t>(L, g.C - c), w.flipped, weights + o * g.C + c, weightPlane);
  });
  const Strip strip(perStrip * tiles);
  const int64_t inputPlane = strip.plane(g.C), outputPlane = strip.plane(g.O);
  std::atomic<bool> finite{true};
  parallel(g.N * rows, perStrip, [&](int64_t q0, int64_t q1) {
    float *inputs = scratch<float>(2, 16 * (inputPlane + outputPlane)), *outputs = inputs + 16 * inputPlane;
    const int64_t n = (q1 - q0) * tiles;
    clearTail(inputs, inputPlane, g.C, strip, n);
    for (int64_t c = 0; c < g.C; c++) inputStrip(g, x, c, q0, q1, inputs + c * strip.pitch, inputPlane);
    for (int i = 0; i < 16; i++) multiply(g.O, n, g.C, weights + i * weightPlane, inputs + i * inputPlane, outputs + i * outputPlane, strip.pitch);
    V check{};
    for (int64_t o = 0; o < g.O; o++)
      for (int64_t q = q0; q < q1; q++) {
        const int64_t top = q % rows * 2;
        transformOutput(outputs + o * strip.pitch + (q - q0) * tiles, outputPlane, tiles, bias ? bias[o] : 0,
                        y + q / rows * g.yImage + (o * g.out[0] + top) * g.out[1], g.out[1], top + 1 < g.out[0], check);
      }
    const float sum = sumLanes<float>(check);
    if (sum != sum) finite.store(false, std::memory_order_relaxed);
  });
  return finite.load();
}

bool winogradWeight(const Winograd& g, float* dw, const float* x, const float* dy) {
  const int64_t tiles = g.tileColumns(), total = g.N * g.tileRows(), perStrip = stripRows(g), weightPlane = g.O * g.C;
  const Strip strip(perStrip * tiles);
  const int64_t inputPlane = strip.plane(g.C), gradientPlane = strip.plane(g.O);
  float *inputs = scratch<float>(2, 16 * (inputPlane + gradientPlane)), *gradients = inputs + 16 * inputPlane;
  float* sums = scratch<float>(5, 16 * weightPlane);
  // Strips follow one another, so that sums are taken in one order; threads share the work on each.
  for (int64_t q0 = 0; q0 < total; q0 += perStrip) {
    const int64_t q1 = smaller(total, q0 + perStrip), n = (q1 - q0) * tiles;
    parallel(g.C + g.O, 16, [&](int64_t begin, int64_t end) {
      for (int64_t c = begin; c < end; c++)
        if (c < g.C) inputStrip(g, x, c, q0, q1, inputs + c * strip.pitch, inputPlane);
        else gradientStrip(g, dy, c - g.C, q0, q1, gradients + (c - g.C) * strip.pitch, gradientPlane);
    });
    parallel(16, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++)
        gemm<float>(g.O, g.C, n, {gradients + i * gradientPlane, strip.pitch, 1}, {inputs + i * inputPlane, 1, strip.pitch}, sums + i * weightPlane, g.C, q0 > 0);
    });
  }
  // G' s G
  float check = 0;
  for (int64_t k = 0; k < weightPlane; k++) {
    float rows[3][4];
    for (int c = 0; c < 4; c++) {
      const float* s = sums + c * weightPlane + k;
      const float a = s[4 * weightPlane], b = s[8 * weightPlane];
      rows[0][c] = s[0] + (a + b) * .5f;
      rows[1][c] = (a - b) * .5f;
      rows[2][c] = (a + b) * .5f + s[12 * weightPlane];
    }
    for (int r = 0; r < 3; r++) {
      const float a = rows[r][1], b = rows[r][2];
      float* to = dw + k * 9 + 3 * r;
      to[0] = rows[r][0] + (a + b) * .5f;
      to[1] = (a - b) * .5f;
      to[2] = (a + b) * .5f + rows[r][3];
      check += (to[0] + to[1] + to[2]) * 0.f;
    }
  }
  return check == check;
}

}  // namespace BLUEDOT_ISA
}  // namespace bluedot
