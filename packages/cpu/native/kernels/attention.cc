// Attention of several heads: the weights of some rows of one head at a time, never all of them.
// Slots: 1 type, 2 batch, 3 heads, 4 queries, 5 keys, 6 size of a query, 7 size of a value; scalars: scale, whether causal;
// 32.. strides (batch, head, position, element) of each pointer. The last dimension of what is written is contiguous.
#include "exponentials.h"
#include "gemm.h"

namespace bluedot {
namespace BLUEDOT_ISA {
namespace {

// One operand of the current head.
template <class T>
struct Head {
  T* p;
  int64_t row, element;
  Matrix<T> from(int64_t position) const { return {p + position * row, row, element}; }
};

template <class T>
struct Attention {
  Args a;
  const int64_t B = a.i(2), H = a.i(3), L = a.i(4), S = a.i(5), E = a.i(6), V = a.i(7);
  const T scale = (T)a.scalar(0);
  const bool causal = a.scalar(1) != 0;

  Head<T> head(int operand, int64_t task) const {
    auto stride = [&](int i) { return a.i(kShape + 4 * operand + i); };
    T* p = a.ptr<T>(operand);
    return {p ? p + task / H * stride(0) + task % H * stride(1) : nullptr, stride(2), stride(3)};
  }
  // Rows at a time, so that their scores stay in the second-level cache.
  int64_t rows() const { return larger<int64_t>(12, smaller<int64_t>(L, 32768 / larger<int64_t>(1, S) / 12 * 12)); }
  // Keys that rows before `end` look at.
  int64_t keys(int64_t end) const { return causal ? smaller(S, end) : S; }

  // Weights of rows [r0, r1) over the first n keys, into x with rows S apart.
  void weights(const Head<T>& q, const Head<T>& k, const Head<T>& mask, int64_t r0, int64_t r1, int64_t n, T* x) const {
    gemm<T>(r1 - r0, n, E, q.from(r0), k.from(0).transposed(), x, S, false);
    for (int64_t r = r0; r < r1; r++, x += S) {
      if (mask.p) {
        const T* m = mask.p + r * mask.row;
        if (mask.element == 1)
          for (int64_t s = 0; s < n; s++) x[s] = x[s] * scale + m[s];
        else
          for (int64_t s = 0; s < n; s++) x[s] = x[s] * scale + m[s * mask.element];
      } else
        for (int64_t s = 0; s < n; s++) x[s] *= scale;
      if (causal)
        for (int64_t s = r + 1; s < n; s++) x[s] = (T)-INFINITY;
      softmaxRow(x, x, n, false);
    }
  }
};

// Pointers: output, query, key, value, mask or 0.
template <class T>
void forward() {
  const Attention<T> t;
  parallel(t.B * t.H, 1, [&](int64_t begin, int64_t end) {
    const int64_t block = t.rows();
    T* x = scratch<T>(2, block * t.S);
    for (int64_t task = begin; task < end; task++) {
      const Head<T> out = t.head(0, task), q = t.head(1, task), k = t.head(2, task), v = t.head(3, task), mask = t.head(4, task);
      for (int64_t r0 = 0; r0 < t.L; r0 += block) {
        const int64_t r1 = smaller(t.L, r0 + block), n = t.keys(r1);
        t.weights(q, k, mask, r0, r1, n, x);
        gemm<T>(r1 - r0, t.V, n, {x, t.S, 1}, v.from(0), out.p + r0 * out.row, out.row, false);
      }
    }
  });
}

template <class T>
T product(const T* a, const T* b, int64_t n) {
  constexpr int L = kLanes<T>;
  Vec<T> sum{};
  int64_t i = 0;
  for (; i + L <= n; i += L) sum += load(a + i) * load(b + i);
  if (i < n) sum += loadPart(a + i, (int)(n - i)) * loadPart(b + i, (int)(n - i));
  return sumLanes<T>(sum);
}

// Pointers: gradients of query, key and value, gradient of the output, query, key, value, mask or 0.
template <class T>
void backward() {
  const Attention<T> t;
  parallel(t.B * t.H, 1, [&](int64_t begin, int64_t end) {
    const int64_t block = t.rows();
    T *weights = scratch<T>(2, 2 * block * t.S), *slopes = weights + block * t.S;
    for (int64_t task = begin; task < end; task++) {
      const Head<T> dq = t.head(0, task), dk = t.head(1, task), dv = t.head(2, task), g = t.head(3, task), q = t.head(4, task),
                    k = t.head(5, task), v = t.head(6, task), mask = t.head(7, task);
      for (int64_t s = 0; s < t.S; s++) {
        memset(dk.p + s * dk.row, 0, t.E * sizeof(T));
        memset(dv.p + s * dv.row, 0, t.V * sizeof(T));
      }
      for (int64_t r0 = 0; r0 < t.L; r0 += block) {
        const int64_t r1 = smaller(t.L, r0 + block), m = r1 - r0, n = t.keys(r1);
        t.weights(q, k, mask, r0, r1, n, weights);
        gemm<T>(m, n, t.V, g.from(r0), v.from(0).transposed(), slopes, t.S, false);
        for (int64_t r = r0; r < r1; r++) {
          T *w = weights + (r - r0) * t.S, *s = slopes + (r - r0) * t.S;
          const T mean = product(w, s, n);
          for (int64_t i = 0; i < n; i++) s[i] = w[i] * (s[i] - mean) * t.scale;
        }
        gemm<T>(n, t.V, m, {weights, 1, t.S}, g.from(r0), dv.p, dv.row, true);
        gemm<T>(n, t.E, m, {slopes, 1, t.S}, q.from(r0), dk.p, dk.row, true);
        gemm<T>(m, t.E, n, {slopes, t.S, 1}, k.from(0), dq.p + r0 * dq.row, dq.row, false);
      }
    }
  });
}

KERNEL(attention) {
  if (Args().i(1) == kFloat32) forward<float>();
  else forward<double>();
  return nullptr;
}
KERNEL(attentionBackward) {
  if (Args().i(1) == kFloat32) backward<float>();
  else backward<double>();
  return nullptr;
}

}  // namespace

ENTRIES(attentionEntries, {"attention", attention}, {"attentionBackward", attentionBackward})

}  // namespace BLUEDOT_ISA
}  // namespace bluedot
