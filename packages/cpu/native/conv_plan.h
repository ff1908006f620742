#pragma once
// Convolutions without im2col: every tap of the kernel is an offset into a (padded) source, so a tile of outputs is a loop over taps
// that loads neighbouring source elements and broadcasts weights.
#include "winograd.h"

namespace bluedot {
namespace BLUEDOT_ISA {

constexpr int kBlock = 6;  // output channels, or pixels, of a tile
#define FOR_BLOCK(X) X(1) X(2) X(3) X(4) X(5) X(6)

struct ConvShape {
  int64_t N, C, O, groups;
  int64_t in[3], kernel[3], stride[3], pad[3], dilation[3], out[3];
  int64_t inSize() const { return in[0] * in[1] * in[2]; }
  int64_t outSize() const { return out[0] * out[1] * out[2]; }
  int64_t taps() const { return kernel[0] * kernel[1] * kernel[2]; }
  // Kernels of 3 x 3 without steps or gaps, over images.
  bool tilesSquares() const {
    bool square = in[0] == 1 && kernel[0] == 1 && pad[0] == 0 && stride[0] == 1;
    for (int i = 1; i < 3; i++) square &= kernel[i] == 3 && stride[i] == 1 && dilation[i] == 1;
    return square;
  }
};

// One group.
inline Winograd winogradOf(const ConvShape& s) {
  return {s.N, s.C / s.groups, s.O / s.groups, {s.in[1], s.in[2]}, {s.pad[1], s.pad[2]}, {s.out[1], s.out[2]}, s.C * s.inSize(), s.O * s.outSize()};
}

// A source as the tiles read it: zeros around it, and for a horizontal step s the columns of each row split into s runs, so that
// the columns a tile wants are adjacent.
struct Padded {
  int64_t in[3];
  int64_t low[3];   // zeros before the first element; negative: elements skipped
  int64_t size[3];  // padded sizes
  int64_t step;     // of columns
  int64_t pitch;    // elements of one run
  bool copies;      // false: the source itself serves
  int64_t rowPitch() const { return step * pitch; }
  int64_t channel() const { return size[0] * size[1] * rowPitch(); }
  // Where tap (z, y, x), in padded coordinates, begins.
  int64_t at(int64_t z, int64_t y, int64_t x) const {
    const int64_t row = (z * size[1] + y) * rowPitch();
    return step == 1 ? row + x : row + x % step * pitch + x / step;
  }
};

// Copies a row, which is too short for a call of memcpy to pay.
template <class T>
INLINE void copyRow(const T* from, T* to, int64_t n) {
  constexpr int L = kLanes<T>;
  if (n < L) {
    for (int64_t i = 0; i < n; i++) to[i] = from[i];
    return;
  }
  for (int64_t i = 0; i + L <= n; i += L) store(to + i, load(from + i));
  store(to + n - L, load(from + n - L));
}

template <class T>
void padChannel(const Padded& p, const T* from, T* to) {
  const int64_t width = p.rowPitch();
  if (p.step == 1) {
    // Zeros everywhere, then what is not zero.
    memset(to, 0, p.channel() * sizeof(T));
    const int64_t lead = larger<int64_t>(0, p.low[2]), skip = larger<int64_t>(0, -p.low[2]);
    const int64_t n = larger<int64_t>(0, smaller(p.in[2] - skip, width - lead));
    for (int64_t z = larger<int64_t>(0, p.low[0]); z < smaller(p.size[0], p.in[0] + p.low[0]); z++)
      for (int64_t y = larger<int64_t>(0, p.low[1]); y < smaller(p.size[1], p.in[1] + p.low[1]); y++)
        copyRow(from + ((z - p.low[0]) * p.in[1] + y - p.low[1]) * p.in[2] + skip, to + (z * p.size[1] + y) * width + lead, n);
    return;
  }
  for (int64_t z = 0; z < p.size[0]; z++)
    for (int64_t y = 0; y < p.size[1]; y++, to += width) {
      int64_t iz = z - p.low[0], iy = y - p.low[1];
      if (iz < 0 || iz >= p.in[0] || iy < 0 || iy >= p.in[1]) {
        memset(to, 0, width * sizeof(T));
        continue;
      }
      const T* row = from + (iz * p.in[1] + iy) * p.in[2];
      for (int64_t run = 0; run < p.step; run++)
        for (int64_t i = 0; i < p.pitch; i++) {
          int64_t ix = i * p.step + run - p.low[2];
          to[run * p.pitch + i] = ix >= 0 && ix < p.in[2] ? row[ix] : (T)0;
        }
    }
}

// dw = sum of x dy over images and pixels, for every tap.
template <class T>
void backwardWeight(ConvShape s, T* dw, const T* x, const T* dy);

}  // namespace BLUEDOT_ISA
}  // namespace bluedot
