// All steps of one layer of an LSTM in one direction. Rows of a batch do not depend on each other: a thread takes some of them through
// all steps, with the weight packed once. Tensors are contiguous.
// Slots: 1 type, 2 N, 3 H, 4 steps, 5 whether the last step comes first.
#include "gates.h"
#include "gemm_tiles.h"

namespace bluedot {
namespace BLUEDOT_ISA {
namespace {

constexpr int64_t kAtOnce = 5;  // rows of a tile

// Rows for each piece of work: enough to read the weight for, and several pieces for each thread. A row's result does not depend on it.
inline int64_t rowsAtOnce(int64_t N) {
  const int64_t share = threadCount() == 1 ? N : ceilDiv(N, 2 * threadCount());
  return larger<int64_t>(kAtOnce, smaller<int64_t>(share, 12 * kAtOnce));
}

// A matrix [K, columns] in panels of two vectors of columns, the last one filled up with zeros.
template <class T>
struct Panels {
  static constexpr int64_t W = kColumns<T>;
  const T* p;
  int64_t K;
  const T* at(int64_t panel) const { return p + panel * K * W; }
};
template <class T>
Panels<T> packPanels(Matrix<T> from, int64_t K, int64_t columns, T* to) {
  constexpr int64_t W = Panels<T>::W;
  parallel(ceilDiv(columns, W), 4, [&](int64_t begin, int64_t end) {
    for (int64_t j = begin; j < end; j++) packB(from, 0, K, j * W, (int)smaller(W, columns - j * W), to + j * K * W);
  });
  return {to, K};
}

// to[m, W] = from[m, K] panel, a few rows at a time.
template <class T>
INLINE void throughPanel(int64_t m, const T* from, int64_t step, const Panels<T>& panels, int64_t panel, T* to, int64_t ldt) {
  constexpr int W = kColumns<T>;
  for (int64_t i = 0; i < m; i += kAtOnce)
    looseRows<T, 2>((int)smaller(kAtOnce, m - i), panels.K, from + i * step, step, 1, panels.at(panel), W, to + i * ldt, ldt, W, false);
}

// Pointers: hidden states, last cell, activated gates, cells of all steps; the input's share of the gates, weight, bias or 0, first
// hidden state, first cell.
template <class T>
void forward(Args a) {
  constexpr int64_t W = kColumns<T>;
  const int64_t N = a.i(2), H = a.i(3), steps = a.i(4), units = ceilDiv(H, W);
  const bool reverse = a.i(5) != 0;
  T *out = a.ptr<T>(0), *last = a.ptr<T>(1), *kept = a.ptr<T>(2), *cells = a.ptr<T>(3);
  const T *x = a.ptr<T>(4), *weight = a.ptr<T>(5), *bias = a.ptr<T>(6), *hidden = a.ptr<T>(7), *cell = a.ptr<T>(8);
  // Panels of the four gates of the same units lie side by side.
  T* packed = scratch<T>(2, 4 * units * W * H);
  Panels<T> gate[4];
  for (int k = 0; k < 4; k++) gate[k] = packPanels<T>({weight + k * H * H, 1, H}, H, H, packed + k * units * W * H);
  parallel(N, rowsAtOnce(N), [&](int64_t n0, int64_t n1) {
    const int64_t m = n1 - n0;
    T* sums = scratch<T>(3, m * 4 * W);
    for (int64_t step = 0; step < steps; step++) {
      const int64_t t = reverse ? steps - 1 - step : step, before = reverse ? t + 1 : t - 1;
      const T *h = (step == 0 ? hidden : out + before * N * H) + n0 * H, *c = (step == 0 ? cell : cells + before * N * H) + n0 * H;
      for (int64_t u = 0; u < units; u++) {
        for (int k = 0; k < 4; k++) throughPanel(m, h, H, gate[k], u, sums + k * W, 4 * W);
        const int64_t j0 = u * W, width = smaller(W, H - j0);
        for (int64_t i = 0; i < m; i++) {
          const int64_t row = t * N + n0 + i;
          const T *p = x + row * 4 * H + j0, *q = sums + i * 4 * W;
          T* s = kept + row * 4 * H + j0;
          forEachVector<T>(width, [&](int64_t j, int lanes) {
            auto sum = [&](int k) {
              const Vec<T> own = get(p + k * H + j, lanes) + get(q + k * W + j, lanes);
              return bias ? own + get(bias + k * H + j0 + j, lanes) : own;
            };
            const Vec<T> input = sigmoidOf<T>(sum(0)), forget = sigmoidOf<T>(sum(1)), fresh = tanhOf<T>(sum(2)), output = sigmoidOf<T>(sum(3));
            const Vec<T> value = forget * get(c + i * H + j0 + j, lanes) + input * fresh;
            put(cells + row * H + j0 + j, value, lanes);
            put(out + row * H + j0 + j, output * tanhOf<T>(value), lanes);
            put(s + j, input, lanes);
            put(s + H + j, forget, lanes);
            put(s + 2 * H + j, fresh, lanes);
            put(s + 3 * H + j, output, lanes);
          });
        }
      }
    }
    const int64_t end = reverse ? 0 : steps - 1;
    memcpy(last + n0 * H, (steps == 0 ? cell : cells + end * N * H) + n0 * H, m * H * sizeof(T));
  });
}

// Pointers: gradients of the input's share, weight, bias, first hidden state, first cell; gradients of hidden states and last cell, or 0;
// weight, first hidden state, first cell, hidden states, activated gates, cells.
template <class T>
void backward(Args a) {
  constexpr int64_t W = kColumns<T>;
  const int64_t N = a.i(2), H = a.i(3), steps = a.i(4), G = 4 * H;
  const bool reverse = a.i(5) != 0;
  T *slopes = a.ptr<T>(0), *ofWeight = a.ptr<T>(1), *ofBias = a.ptr<T>(2), *ofHidden = a.ptr<T>(3), *ofCell = a.ptr<T>(4);
  const T *given = a.ptr<T>(5), *gradCell = a.ptr<T>(6), *weight = a.ptr<T>(7), *hidden = a.ptr<T>(8), *cell = a.ptr<T>(9), *out = a.ptr<T>(10),
          *kept = a.ptr<T>(11), *cells = a.ptr<T>(12);
  const Panels<T> panels = packPanels<T>({weight, H, 1}, G, H, scratch<T>(2, ceilDiv(H, W) * W * G));
  const Vec<T> one = splat<T>((T)1);
  parallel(N, rowsAtOnce(N), [&](int64_t n0, int64_t n1) {
    const int64_t m = n1 - n0;
    T *dh = ofHidden + n0 * H, *dc = ofCell + n0 * H, *sums = scratch<T>(3, m * W);
    memset(dh, 0, m * H * sizeof(T));
    if (gradCell) memcpy(dc, gradCell + n0 * H, m * H * sizeof(T));
    else memset(dc, 0, m * H * sizeof(T));
    for (int64_t step = steps - 1; step >= 0; step--) {
      const int64_t t = reverse ? steps - 1 - step : step, before = reverse ? t + 1 : t - 1;
      const T* c = (step == 0 ? cell : cells + before * N * H) + n0 * H;
      for (int64_t i = 0; i < m; i++) {
        const int64_t row = t * N + n0 + i;
        const T* s = kept + row * G;
        T* d = slopes + row * G;
        forEachVector<T>(H, [&](int64_t j, int lanes) {
          const int64_t at = i * H + j;
          const Vec<T> input = get(s + j, lanes), forget = get(s + H + j, lanes), fresh = get(s + 2 * H + j, lanes), output = get(s + 3 * H + j, lanes);
          const Vec<T> squashed = tanhOf<T>(get(cells + row * H + j, lanes));
          Vec<T> own = get(dh + at, lanes);
          if (given) own += get(given + row * H + j, lanes);
          const Vec<T> through = get(dc + at, lanes) + own * output * (one - squashed * squashed);
          put(d + j, through * fresh * input * (one - input), lanes);
          put(d + H + j, through * get(c + at, lanes) * forget * (one - forget), lanes);
          put(d + 2 * H + j, through * input * (one - fresh * fresh), lanes);
          put(d + 3 * H + j, own * squashed * output * (one - output), lanes);
          put(dc + at, through * forget, lanes);
        });
      }
      for (int64_t j0 = 0; j0 < H; j0 += W) {
        throughPanel(m, slopes + (t * N + n0) * G, G, panels, j0 / W, sums, W);
        for (int64_t i = 0; i < m; i++) memcpy(dh + i * H + j0, sums + i * W, smaller(W, H - j0) * sizeof(T));
      }
    }
  });
  // What multiplied the weight: the first hidden state, and the hidden states of all steps but the last.
  const int64_t first = reverse ? steps - 1 : 0, rest = (steps - 1) * N;
  gemm<T>(G, H, N, {slopes + first * N * G, 1, G}, {hidden, H, 1}, ofWeight, H, false);
  if (rest > 0) gemm<T>(G, H, rest, {slopes + (reverse ? 0 : N * G), 1, G}, {out + (reverse ? N * H : 0), H, 1}, ofWeight, H, true);
  parallel(G, 64, [&](int64_t g0, int64_t g1) {
    memset(ofBias + g0, 0, (g1 - g0) * sizeof(T));
    for (int64_t row = 0; row < steps * N; row++)
      for (int64_t g = g0; g < g1; g++) ofBias[g] += slopes[row * G + g];
  });
}

FLOAT_KERNEL(lstmLayer, forward)
FLOAT_KERNEL(lstmLayerBackward, backward)

}  // namespace

ENTRIES(lstmLayerEntries, {"lstmLayer", lstmLayer}, {"lstmLayerBackward", lstmLayerBackward})

}  // namespace BLUEDOT_ISA
}  // namespace bluedot
