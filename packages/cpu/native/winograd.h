#pragma once
// Winograd's convolution F(2 x 2, 3 x 3): 16 products where a tile of 2 x 2 outputs otherwise takes 36.
#include "simd.h"

namespace bluedot {
namespace BLUEDOT_ISA {

// y[n, o] = sum over c of x[n, c] with kernels of 3 x 3, step 1. Images of x and y lie xImage and yImage elements apart.
struct Winograd {
  int64_t N, C, O;
  int64_t in[2], low[2], out[2];  // low: zeros before the first element; negative: elements skipped
  int64_t xImage, yImage;
  int64_t tileRows() const { return ceilDiv(out[0], 2); }
  int64_t tileColumns() const { return ceilDiv(out[1], 2); }
  Winograd adjoint() const { return {N, O, C, {out[0], out[1]}, {2 - low[0], 2 - low[1]}, {in[0], in[1]}, yImage, xImage}; }
  // Whether fewer products outweigh the transforms.
  bool pays() const { return C >= 32 && O >= 32 && C * O >= 2304 && N * tileRows() * tileColumns() >= 48; }
};

// Kernels of one pair of channels: w + o * o_ + c * c_; flipped when the gradient of the input is computed.
struct WinogradWeight {
  const float* w;
  int64_t o, c;
  bool flipped;
};

// Sums of differences spread what is not finite to neighbours: false when the result has such values, which the caller then computes directly.
bool winogradForward(const Winograd& g, float* y, const float* x, WinogradWeight w, const float* bias);
// dw[o, c], contiguous.
bool winogradWeight(const Winograd& g, float* dw, const float* x, const float* dy);

}  // namespace BLUEDOT_ISA
}  // namespace bluedot
