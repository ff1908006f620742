// Sums and means of float32 and float64 in the order in which PyTorch adds on the CPU, so that a program's numbers come out the same
// to the last digit: partial sums in the lanes of a 256-bit register, four rows of them, cascaded over four levels. See core's
// reference/cascade-sum.ts. Registers have that size here whatever the instruction set; the compiler splits them where it must.
#include "simd.h"

namespace bluedot {
namespace BLUEDOT_ISA {
namespace {

constexpr int kLevels = 4, kRows = 4;
constexpr int64_t kGrain = 32768;

template <class T>
struct Register;
template <>
struct Register<float> {
  typedef float V __attribute__((vector_size(32)));
  typedef float U __attribute__((vector_size(32), aligned(4), may_alias));
};
template <>
struct Register<double> {
  typedef double V __attribute__((vector_size(32)));
  typedef double U __attribute__((vector_size(32), aligned(8), may_alias));
};
template <class V, class T>
INLINE V take(const T* p) {
  if constexpr (sizeof(V) == sizeof(T)) return *p;
  else return *(const typename Register<T>::U*)p;
}

INLINE int ceilLog2(int64_t n) { return n <= 2 ? 1 : 64 - __builtin_clzll((uint64_t)(n - 1)); }

// Four sums side by side, of `size` elements each: element i of sum r is at p + i * step + r * apart. `from` and `to` bound the elements
// taken; `from` is a multiple of the third level's span, where all lower levels are empty.
template <class V, class T>
INLINE void cascadePart(const T* p, int64_t step, int64_t apart, int64_t size, int power, int64_t from, int64_t to, V (&sums)[kLevels][kRows]) {
  const int64_t span = (int64_t)1 << power;
  for (auto& level : sums)
    for (V& sum : level) sum = V{};
  int64_t i = from;
  const T* q = p + i * step;
  while (i + span <= to) {
    V a[kRows];
    for (int r = 0; r < kRows; r++) a[r] = sums[0][r];
    for (int64_t j = 0; j < span; j++, q += step)
#pragma GCC unroll 4
      for (int r = 0; r < kRows; r++) a[r] += take<V>(q + r * apart);
    i += span;
    for (int r = 0; r < kRows; r++) sums[0][r] = a[r];
    for (int level = 1; level < kLevels; level++) {
      for (int r = 0; r < kRows; r++) {
        sums[level][r] += sums[level - 1][r];
        sums[level - 1][r] = V{};
      }
      if ((i >> (level * power)) & (span - 1)) break;
    }
  }
  if (to == size)
    for (; i < size; i++, q += step)
      for (int r = 0; r < kRows; r++) sums[0][r] += take<V>(q + r * apart);
}
template <class V, class T>
INLINE void cascade(const T* p, int64_t step, int64_t apart, int64_t size, V (&out)[kRows]) {
  const int power = larger(4, ceilLog2(size) / kLevels);
  V sums[kLevels][kRows];
  cascadePart(p, step, apart, size, power, 0, size, sums);
  for (int r = 0; r < kRows; r++) {
    V total = sums[0][r];
    for (int level = 1; level < kLevels; level++) total += sums[level][r];
    out[r] = total;
  }
}
// The same by several threads, for one long sum: spans of the third level are independent.
template <class T>
void cascadeThreaded(const T* p, int64_t size, typename Register<T>::V (&out)[kRows]) {
  using V = typename Register<T>::V;
  constexpr int64_t L = 32 / sizeof(T);
  const int power = larger(4, ceilLog2(size) / kLevels);
  const int64_t span = (int64_t)1 << (3 * power), parts = size / span;
  if (parts < 2) return cascade<V>(p, kRows * L, L, size, out);
  V(*partial)[kRows] = (V(*)[kRows])scratchBytes(0, (parts + 1) * sizeof(V) * kRows);
  V last[kLevels][kRows];
  parallel(parts + 1, 1, [&](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; k++) {
      V sums[kLevels][kRows];
      cascadePart(p, kRows * L, L, size, power, k * span, k == parts ? size : (k + 1) * span, sums);
      if (k == parts) memcpy(last, sums, sizeof sums);
      else memcpy(partial[k], sums[kLevels - 1], sizeof(V) * kRows);
    }
  });
  for (int r = 0; r < kRows; r++) {
    V top{};
    for (int64_t k = 0; k < parts; k++) top += partial[k][r];
    V total = last[0][r];
    for (int level = 1; level < kLevels - 1; level++) total += last[level][r];
    out[r] = total + top;
  }
}
// One sum of `size` elements in four interleaved rows. Element i is at p + i * step.
template <class V, class T>
INLINE V interleaved(const T* p, int64_t step, int64_t size) {
  const int64_t whole = size / kRows;
  V partial[kRows];
  cascade<V>(p, step * kRows, step, whole, partial);
  V out = partial[0];
  for (int64_t i = whole * kRows; i < size; i++) out += take<V>(p + i * step);
  for (int r = 1; r < kRows; r++) out += partial[r];
  return out;
}

struct Dim {
  int64_t size, in, out;
};

template <class T>
void sumOf(Args a, bool mean) {
  using V = typename Register<T>::V;
  constexpr int64_t L = 32 / sizeof(T);
  const int nd = (int)a.i(2);
  T* y = a.ptr<T>(0);
  const T* x = a.ptr<T>(1);
  Dim dims[kMaxDims + 2];
  int count = 0;
  int64_t reducedCount = 1, outputs = 1;
  for (int d = nd - 1; d >= 0; d--) {
    const int64_t size = a.i(kShape + d);
    const bool reduces = a.i(kStrides + 2 * kMaxDims + d) != 0;
    (reduces ? reducedCount : outputs) *= size;
    if (size != 1) dims[count++] = {size, a.i(kStrides + kMaxDims + d), reduces ? 0 : a.i(kStrides + d)};
  }
  if (outputs == 0) return;
  if (reducedCount == 0) {
    for (int64_t i = 0; i < outputs; i++) y[i] = mean ? (T)NAN : (T)0;
    return;
  }
  // Reduced dimensions first, then by steps; what is laid out as one is merged. Insertion sort is stable.
  auto before = [](const Dim& p, const Dim& q) {
    if ((p.out != 0) != (q.out != 0)) return p.out == 0;
    if (p.out != q.out) return p.out < q.out;
    return p.in < q.in;
  };
  for (int i = 1; i < count; i++)
    for (int j = i; j > 0 && before(dims[j], dims[j - 1]); j--) {
      const Dim t = dims[j];
      dims[j] = dims[j - 1];
      dims[j - 1] = t;
    }
  int merged = 0;
  for (int i = 0; i < count; i++) {
    if (merged > 0 && dims[i].in == dims[merged - 1].in * dims[merged - 1].size && dims[i].out == dims[merged - 1].out * dims[merged - 1].size)
      dims[merged - 1].size *= dims[i].size;
    else dims[merged++] = dims[i];
  }
  while (merged < 2) dims[merged++] = {1, 0, 0};
  if (dims[0].out != 0 && dims[1].out == 0) {
    const Dim t = dims[0];
    dims[0] = dims[1];
    dims[1] = t;
  }
  const Dim first = dims[0], second = dims[1];
  const double divisor = (double)reducedCount;
  auto finish = [=](T total) { return mean ? (T)((double)total / divisor) : total; };

  if (first.out != 0) {
    // Nothing is reduced.
    for (int64_t i = 0; i < outputs; i++) {
      int64_t rest = i, from = 0, to = 0;
      for (int d = 0; d < merged; d++) {
        from += rest % dims[d].size * dims[d].in;
        to += rest % dims[d].size * dims[d].out;
        rest /= dims[d].size;
      }
      y[to] = finish((T)0 + x[from]);
    }
    return;
  }

  // Outer dimensions: kept ones are tasks, reduced ones are added in order within a task.
  Dim kept[kMaxDims], reduced[kMaxDims];
  int keptCount = 0, reducedDims = 0;
  int64_t tasks = 1, passes = 1;
  for (int d = 2; d < merged; d++) {
    if (dims[d].out != 0) {
      tasks *= dims[d].size;
      kept[keptCount++] = dims[d];
    } else {
      passes *= dims[d].size;
      reduced[reducedDims++] = dims[d];
    }
  }
  const bool rowwise = first.in == 1 && first.size >= L;
  const bool columnwise = !rowwise && second.in == 1 && second.size >= L && second.out != 0;
  const bool secondKept = second.out != 0;
  const bool oneLong = rowwise && outputs == 1 && passes == 1 && second.size == 1;

  if (oneLong) {
    const int64_t vectors = first.size / L, whole = vectors / kRows;
    V partial[kRows];
    cascadeThreaded<T>(x, whole, partial);
    V lanes = partial[0];
    for (int64_t i = whole * kRows; i < vectors; i++) lanes += take<V>(x + i * L);
    for (int r = 1; r < kRows; r++) lanes += partial[r];
    T total = 0;
    for (int64_t k = vectors * L; k < first.size; k++) total += x[k];
    for (int k = 0; k < L; k++) total += lanes[k];
    *y = finish((T)0 + total);
    return;
  }

  // One task: outputs [j0, j1) of the second dimension (all of it where it is reduced too).
  auto plane = [&](const T* from, T* to, int64_t j0, int64_t j1) {
    auto add = [&](int64_t j, T value) { to[j * second.out] += value; };
    if (rowwise) {
      const int64_t vectors = first.size / L;
      for (int64_t j = j0; j < j1; j++) {
        const T* p = from + j * second.in;
        const V lanes = interleaved<V>(p, L, vectors);
        T total = 0;
        for (int64_t k = vectors * L; k < first.size; k++) total += p[k];
        for (int k = 0; k < L; k++) total += lanes[k];
        add(j, total);
      }
      return;
    }
    int64_t j = j0;
    if (columnwise) {
      for (; j + kRows * L <= j1; j += kRows * L) {
        V sums[kRows];
        cascade<V>(from + j, first.in, L, first.size, sums);
        for (int r = 0; r < kRows; r++)
          for (int k = 0; k < L; k++) add(j + r * L + k, sums[r][k]);
      }
      for (; j + L <= j1; j += L) {
        const V sums = interleaved<V>(from + j, first.in, first.size);
        for (int k = 0; k < L; k++) add(j + k, sums[k]);
      }
    } else if (first.in >= second.in) {
      for (; j + kRows <= j1; j += kRows) {
        T sums[kRows];
        cascade<T>(from + j * second.in, first.in, second.in, first.size, sums);
        for (int r = 0; r < kRows; r++) add(j + r, sums[r]);
      }
    }
    for (; j < j1; j++) add(j, interleaved<T>(from + j * second.in, first.in, first.size));
  };
  // Pieces of the second dimension begin where whole groups of columns do.
  const int64_t group = kRows * L;
  const int64_t perOutput = first.size * passes;
  const int64_t piece = secondKept ? larger<int64_t>(group, kGrain / larger<int64_t>(1, perOutput) / group * group) : second.size;
  const int64_t pieces = ceilDiv(second.size, piece);
  parallel(tasks * pieces, larger<int64_t>(1, kGrain / larger<int64_t>(1, perOutput * smaller(piece, second.size))), [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; task++) {
      const T* from = x;
      T* to = y;
      int64_t rest = task / pieces;
      for (int d = 0; d < keptCount; d++) {
        from += rest % kept[d].size * kept[d].in;
        to += rest % kept[d].size * kept[d].out;
        rest /= kept[d].size;
      }
      const int64_t j0 = task % pieces * piece, j1 = smaller(second.size, j0 + piece);
      if (secondKept)
        for (int64_t j = j0; j < j1; j++) to[j * second.out] = 0;
      else *to = 0;
      for (int64_t pass = 0; pass < passes; pass++) {
        const T* p = from;
        int64_t left = pass;
        for (int d = 0; d < reducedDims; d++) {
          p += left % reduced[d].size * reduced[d].in;
          left /= reduced[d].size;
        }
        plane(p, to, j0, j1);
      }
      if (!mean) continue;
      if (secondKept)
        for (int64_t j = j0; j < j1; j++) to[j * second.out] = finish(to[j * second.out]);
      else *to = finish(*to);
    }
  });
}

// Slot 0 tells whether the type was served. Layout as the other reductions; scalar 0: whether the mean is wanted.
KERNEL(sumFloats) {
  Args a;
  const bool mean = a.scalar(0) != 0;
  currentDescriptor[0] = 1;
  if (a.i(1) == kFloat32) sumOf<float>(a, mean);
  else if (a.i(1) == kFloat64) sumOf<double>(a, mean);
  else currentDescriptor[0] = 0;
  return nullptr;
}

}  // namespace

ENTRIES(sumEntries, {"sumFloats", sumFloats})

}  // namespace BLUEDOT_ISA
}  // namespace bluedot
