// Convolution in one to three dimensions: forward and the gradient of the input, which is also the transposed convolution. Tensors are
// contiguous.
#include "conv_direct.h"

namespace bluedot {
namespace BLUEDOT_ISA {
namespace {

template <class T>
void forward(ConvShape s, T* y, const T* x, const T* w, const T* bias) {
  if constexpr (sizeof(T) == 4) {
    const Winograd g = winogradOf(s);
    if (s.tilesSquares() && g.pays()) {
      bool finite = true;
      for (int64_t i = 0; i < s.groups && finite; i++)
        finite = winogradForward(g, y + i * g.O * s.outSize(), x + i * g.C * s.inSize(), {w + i * g.O * g.C * 9, g.C * 9, 9, false}, bias ? bias + i * g.O : nullptr);
      if (finite) return;
    }
  }
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
  if constexpr (sizeof(T) == 4) {
    const Winograd g = winogradOf(s).adjoint();
    if (s.tilesSquares() && g.pays()) {
      bool finite = true;
      for (int64_t i = 0; i < s.groups && finite; i++)
        finite = winogradForward(g, dx + i * g.O * s.inSize(), dy + i * g.C * s.outSize(), {w + i * g.O * g.C * 9, 9, g.O * 9, true}, bias ? bias + i * g.O : nullptr);
      if (finite) return;
    }
  }
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
