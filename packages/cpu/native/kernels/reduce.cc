// Reductions over any set of dimensions, but for sums of floats (sum.cc). Blocks and pieces depend on the sizes alone, so that the
// result does not depend on the number of threads.
#include "pointwise.h"

namespace bluedot {
namespace BLUEDOT_ISA {
namespace {

constexpr int64_t kBlock = 1024;     // elements summed in single precision
constexpr int kColumns = 256;        // columns at a time
constexpr int64_t kPiece = 32768;    // elements of one piece of a long reduction

// ---- reducers: T elements, A accumulators

template <class T>
double rowTotal(const T* p, int64_t n) {
  constexpr int L = kLanes<T>;
  double total = 0;
  while (n > 0) {
    const int64_t m = smaller(n, kBlock);
    Vec<T> a{}, b{}, c{}, d{};
    int64_t i = 0;
    for (; i + 4 * L <= m; i += 4 * L) {
      a += load(p + i);
      b += load(p + i + L);
      c += load(p + i + 2 * L);
      d += load(p + i + 3 * L);
    }
    for (; i + L <= m; i += L) a += load(p + i);
    if (i < m) b += loadPart(p + i, (int)(m - i));
    total += sumLanes<T>((a + b) + (c + d));
    p += m;
    n -= m;
  }
  return total;
}
template <class T>
struct SumInteger {
  using Element = T;
  using Acc = int64_t;
  static Acc start() { return 0; }
  static INLINE Acc join(Acc a, Acc b) { return a + b; }
  static INLINE Acc of(T x) { return (Acc)x; }
  static Acc row(const T* p, int64_t n) {
    Acc total = 0;
    for (int64_t i = 0; i < n; i++) total += p[i];
    return total;
  }
};
template <class T, class A>
struct Product {
  using Element = T;
  using Acc = A;
  static Acc start() { return 1; }
  static INLINE Acc join(Acc a, Acc b) { return a * b; }
  static INLINE Acc of(T x) { return (Acc)x; }
  static Acc row(const T* p, int64_t n) {
    Acc total = 1;
    for (int64_t i = 0; i < n; i++) total *= (Acc)p[i];
    return total;
  }
};
template <class T>
struct SumSquares {
  using Element = T;
  using Acc = double;
  static Acc start() { return 0; }
  static INLINE Acc join(Acc a, Acc b) { return a + b; }
  static INLINE Acc of(T x) { return (Acc)x * (Acc)x; }
  static Acc row(const T* p, int64_t n) {
    Acc a[8] = {};
    int64_t i = 0;
    for (; i + 8 <= n; i += 8)
      for (int j = 0; j < 8; j++) a[j] += (Acc)p[i + j] * (Acc)p[i + j];
    for (; i < n; i++) a[0] += (Acc)p[i] * (Acc)p[i];
    return ((a[0] + a[4]) + (a[1] + a[5])) + ((a[2] + a[6]) + (a[3] + a[7]));
  }
};
template <class T, bool kMax>
struct Extreme {
  using Element = T;
  using Acc = T;
  static Acc start() {
    if constexpr ((T)0.5f != 0) return kMax ? (T)-INFINITY : (T)INFINITY;
    else if constexpr ((T)-1 > 0) return kMax ? (T)0 : (T)-1;
    else return kMax ? (T)((uint64_t)1 << (sizeof(T) * 8 - 1)) : (T)~((uint64_t)1 << (sizeof(T) * 8 - 1));
  }
  // NaN wins.
  static INLINE Acc join(Acc a, Acc b) { return a != a ? a : b != b ? b : (kMax ? a < b : b < a) ? b : a; }
  static INLINE Acc of(T x) { return x; }
  static Acc row(const T* p, int64_t n) {
    constexpr int kWays = 64 / sizeof(T);
    T a[kWays];
    for (int j = 0; j < kWays; j++) a[j] = start();
    int64_t i = 0;
    for (; i + kWays <= n; i += kWays)
      for (int j = 0; j < kWays; j++) a[j] = join(a[j], p[i + j]);
    for (; i < n; i++) a[0] = join(a[0], p[i]);
    for (int j = 1; j < kWays; j++) a[0] = join(a[0], a[j]);
    return a[0];
  }
};
template <class T, bool kAll>
struct Truth {
  using Element = T;
  using Acc = uint8_t;
  static Acc start() { return kAll; }
  static INLINE Acc join(Acc a, Acc b) { return kAll ? a & b : a | b; }
  static INLINE Acc of(T x) { return x != 0; }
  static Acc row(const T* p, int64_t n) {
    for (int64_t i = 0; i < n; i++)
      if ((p[i] != 0) != kAll) return !kAll;
    return kAll;
  }
};

// ---- the walk

struct Walk {
  int kept = 0, reduced = 0;
  int64_t keptShape[kMaxDims], keptIn[kMaxDims], keptOut[kMaxDims];
  int64_t reducedShape[kMaxDims], reducedIn[kMaxDims];  // strides in bytes
  int64_t outputs = 1, count = 1;
  const char* in;
  char* out;
};

// Dimensions of a size above 1, in groups, merged where they step as one.
void readWalk(Walk& w, int inItem, int outItem) {
  Args a;
  const int nd = (int)a.i(2);
  w.out = a.ptr<char>(0);
  w.in = a.ptr<const char>(1);
  for (int d = 0; d < nd; d++) {
    const int64_t size = a.i(kShape + d), in = a.i(kStrides + kMaxDims + d) * inItem;
    const bool reduces = a.i(kStrides + 2 * kMaxDims + d) != 0;
    if (reduces) {
      w.count *= size;
      if (size == 1) continue;
      const int last = w.reduced - 1;
      if (w.reduced > 0 && w.reducedIn[last] == in * size) {
        w.reducedShape[last] *= size;
        w.reducedIn[last] = in;
      } else {
        w.reducedShape[w.reduced] = size;
        w.reducedIn[w.reduced++] = in;
      }
    } else {
      const int64_t out = a.i(kStrides + d) * outItem;
      w.outputs *= size;
      if (size == 1) continue;
      const int last = w.kept - 1;
      if (w.kept > 0 && w.keptIn[last] == in * size && w.keptOut[last] == out * size) {
        w.keptShape[last] *= size;
        w.keptIn[last] = in;
        w.keptOut[last] = out;
      } else {
        w.keptShape[w.kept] = size;
        w.keptIn[w.kept] = in;
        w.keptOut[w.kept++] = out;
      }
    }
  }
}

template <class R>
typename R::Acc reduceRow(const char* p, int64_t n, int64_t stride) {
  using T = typename R::Element;
  if (stride == (int64_t)sizeof(T)) return R::row((const T*)p, n);
  auto total = R::start();
  for (int64_t i = 0; i < n; i++) total = R::join(total, R::of(*(const T*)(p + i * stride)));
  return total;
}

// Rows [begin, end) of the flattened reduced dimensions but the last, which is `n` elements from `first`.
template <class R>
typename R::Acc reduceRows(const Walk& w, const char* base, int64_t begin, int64_t end, int64_t first, int64_t n) {
  const int last = w.reduced - 1;
  const int64_t stride = last >= 0 ? w.reducedIn[last] : (int64_t)sizeof(typename R::Element);
  auto total = R::start();
  for (int64_t row = begin; row < end; row++) {
    const char* p = base + first * stride;
    int64_t rest = row;
    for (int d = last - 1; d >= 0; d--) {
      p += rest % w.reducedShape[d] * w.reducedIn[d];
      rest /= w.reducedShape[d];
    }
    total = R::join(total, reduceRow<R>(p, n, stride));
  }
  return total;
}

// Column-wise: up to kColumns neighbouring outputs take each reduced row in turn.
template <class R>
void reduceColumns(const Walk& w, const char* base, int64_t columns, typename R::Acc* total) {
  using T = typename R::Element;
  for (int64_t j = 0; j < columns; j++) total[j] = R::start();
  int64_t index[kMaxDims] = {};
  const char* p = base;
  for (int64_t row = 0; row < w.count; row++) {
    const T* x = (const T*)p;
    for (int64_t j = 0; j < columns; j++) total[j] = R::join(total[j], R::of(x[j]));
    for (int d = w.reduced - 1; d >= 0; d--) {
      p += w.reducedIn[d];
      if (++index[d] < w.reducedShape[d]) break;
      p -= w.reducedIn[d] * w.reducedShape[d];
      index[d] = 0;
    }
  }
}

INLINE void keptAt(const Walk& w, int dims, int64_t linear, const char*& in, char*& out) {
  in = w.in;
  out = w.out;
  for (int d = dims - 1; d >= 0; d--) {
    const int64_t i = linear % w.keptShape[d];
    linear /= w.keptShape[d];
    in += i * w.keptIn[d];
    out += i * w.keptOut[d];
  }
}

template <class R, class O, class Finish>
void reduceAll(const Finish& finish) {
  using T = typename R::Element;
  using Acc = typename R::Acc;
  Walk w;
  readWalk(w, sizeof(T), sizeof(O));
  if (w.outputs == 0) return;
  const int last = w.kept - 1;
  const bool columnwise = w.kept > 0 && w.keptIn[last] == (int64_t)sizeof(T) && w.keptShape[last] >= 8 && w.count > 1 &&
                          (w.reduced == 0 || w.reducedIn[w.reduced - 1] != (int64_t)sizeof(T));
  if (columnwise && w.count > 0) {
    const int64_t width = w.keptShape[last], blocks = ceilDiv(width, kColumns), outer = w.outputs / width;
    parallel(outer * blocks, larger<int64_t>(1, kPiece / (smaller<int64_t>(kColumns, width) * w.count)), [&](int64_t begin, int64_t end) {
      Acc total[kColumns];
      for (int64_t task = begin; task < end; task++) {
        const int64_t j = task % blocks * kColumns, columns = smaller<int64_t>(kColumns, width - j);
        const char* in;
        char* out;
        keptAt(w, last, task / blocks, in, out);
        reduceColumns<R>(w, in + j * w.keptIn[last], columns, total);
        for (int64_t i = 0; i < columns; i++) *(O*)(out + (j + i) * w.keptOut[last]) = finish(total[i], w.count);
      }
    });
    return;
  }
  const int64_t n = w.reduced > 0 ? w.reducedShape[w.reduced - 1] : 1;
  const int64_t rows = w.count == 0 ? 0 : w.count / n;
  if (w.outputs >= 16 || w.count <= 2 * kPiece) {
    parallel(w.outputs, larger<int64_t>(1, kPiece / larger<int64_t>(1, w.count)), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        const char* in;
        char* out;
        keptAt(w, w.kept, i, in, out);
        *(O*)out = finish(reduceRows<R>(w, in, 0, rows, 0, n), w.count);
      }
    });
    return;
  }
  // Few outputs, many elements: pieces of each, then their totals in order.
  const int64_t perRow = n >= kPiece ? ceilDiv(n, kPiece) : 1, rowsAtOnce = n >= kPiece ? 1 : kPiece / n;
  const int64_t pieces = n >= kPiece ? rows * perRow : ceilDiv(rows, rowsAtOnce);
  Acc* partial = scratch<Acc>(0, pieces);
  for (int64_t o = 0; o < w.outputs; o++) {
    const char* in;
    char* out;
    keptAt(w, w.kept, o, in, out);
    parallel(pieces, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        if (n >= kPiece) {
          const int64_t first = i % perRow * kPiece;
          partial[i] = reduceRows<R>(w, in, i / perRow, i / perRow + 1, first, smaller(kPiece, n - first));
        } else partial[i] = reduceRows<R>(w, in, i * rowsAtOnce, smaller(rows, (i + 1) * rowsAtOnce), 0, n);
      }
    });
    Acc total = R::start();
    for (int64_t i = 0; i < pieces; i++) total = R::join(total, partial[i]);
    *(O*)out = finish(total, w.count);
  }
}

template <class R, class O>
void reducePlain() {
  reduceAll<R, O>([](typename R::Acc a, int64_t) { return (O)a; });
}

// Each kernel: pointers result, input; strides of operand 2 mark the reduced dimensions. Slot 0 tells whether the type was served.
#define TYPES(...)                      \
  Args a;                               \
  currentDescriptor[0] = 1;             \
  switch ((int)a.i(1)) {                \
    __VA_ARGS__                         \
    default: currentDescriptor[0] = 0;  \
  }                                     \
  return nullptr;

KERNEL(sum) {
  TYPES(case kInt64: reducePlain<SumInteger<int64_t>, int64_t>(); break;
        case kInt32: reducePlain<SumInteger<int32_t>, int32_t>(); break;)
}
KERNEL(prod) {
  TYPES(case kFloat32: reducePlain<Product<float, double>, float>(); break;
        case kFloat64: reducePlain<Product<double, double>, double>(); break;
        case kInt64: reducePlain<Product<int64_t, int64_t>, int64_t>(); break;)
}
KERNEL(norm2) {
  auto root = [](double total, int64_t) { return sqrt(total); };
  TYPES(case kFloat32: reduceAll<SumSquares<float>, float>(root); break;
        case kFloat64: reduceAll<SumSquares<double>, double>(root); break;)
}
template <bool kMax>
void extreme() {
  Args a;
  currentDescriptor[0] = 1;
  switch ((int)a.i(1)) {
    case kFloat32: return reducePlain<Extreme<float, kMax>, float>();
    case kFloat64: return reducePlain<Extreme<double, kMax>, double>();
    case kInt64: return reducePlain<Extreme<int64_t, kMax>, int64_t>();
    case kInt32: return reducePlain<Extreme<int32_t, kMax>, int32_t>();
    case kUInt8: case kBool: return reducePlain<Extreme<uint8_t, kMax>, uint8_t>();
  }
  currentDescriptor[0] = 0;
}
KERNEL(amax) { extreme<true>(); return nullptr; }
KERNEL(amin) { extreme<false>(); return nullptr; }
template <bool kAll>
void truth() {
  Args a;
  currentDescriptor[0] = 1;
  switch ((int)a.i(1)) {
    case kFloat32: return reducePlain<Truth<float, kAll>, uint8_t>();
    case kUInt8: case kInt8: case kBool: return reducePlain<Truth<uint8_t, kAll>, uint8_t>();
    case kInt64: return reducePlain<Truth<int64_t, kAll>, uint8_t>();
  }
  currentDescriptor[0] = 0;
}
KERNEL(any) { truth<false>(); return nullptr; }
KERNEL(all) { truth<true>(); return nullptr; }

// Mean and sum of squared deviations, block by block. Scalars: correction, whether the square root is wanted.
struct Moments {
  double count, mean, squares;
};
INLINE Moments joinMoments(Moments a, Moments b) {
  if (a.count == 0) return b;
  if (b.count == 0) return a;
  const double n = a.count + b.count, d = b.mean - a.mean;
  return {n, a.mean + d * (b.count / n), a.squares + b.squares + d * d * (a.count * b.count / n)};
}
template <class T>
struct Spread {
  using Element = T;
  using Acc = Moments;
  static Acc start() { return {0, 0, 0}; }
  static INLINE Acc join(Acc a, Acc b) { return joinMoments(a, b); }
  static INLINE Acc of(T x) { return {1, (double)x, 0}; }
  static Acc row(const T* p, int64_t n) {
    Acc total = start();
    for (int64_t i = 0; i < n; i += kBlock) {
      const int64_t m = smaller(kBlock, n - i);
      const double mean = rowTotal(p + i, m) / (double)m;
      double s[4] = {};
      int64_t k = 0;
      for (; k + 4 <= m; k += 4)
        for (int j = 0; j < 4; j++) {
          const double d = (double)p[i + k + j] - mean;
          s[j] += d * d;
        }
      for (; k < m; k++) {
        const double d = (double)p[i + k] - mean;
        s[0] += d * d;
      }
      total = joinMoments(total, {(double)m, mean, (s[0] + s[1]) + (s[2] + s[3])});
    }
    return total;
  }
};
KERNEL(variance) {
  const double correction = Args().scalar(0);
  const bool root = Args().scalar(1) != 0;
  auto spread = [=](Moments m, int64_t n) {
    const double v = m.squares / larger(0., (double)n - correction);
    return root ? sqrt(v) : v;
  };
  TYPES(case kFloat32: reduceAll<Spread<float>, float>(spread); break;
        case kFloat64: reduceAll<Spread<double>, double>(spread); break;)
}

// ---- the place of the largest or smallest element along one dimension

// Slots: 1 type, 2 outer, 3 n, 4 inner (elements of a contiguous input), 5 whether the largest, 6 whether values are wanted.
// Pointers: indices, input, values. The first of equals wins; NaN wins over all.
template <class T, bool kMax>
void places(Args a) {
  const int64_t outer = a.i(2), n = a.i(3), inner = a.i(4);
  int64_t* indices = a.ptr<int64_t>(0);
  const T* x = a.ptr<T>(1);
  T* values = a.i(6) ? a.ptr<T>(2) : nullptr;
  parallel(outer, larger<int64_t>(1, kPiece / larger<int64_t>(1, n * inner)), [&](int64_t begin, int64_t end) {
    for (int64_t o = begin; o < end; o++) {
      const T* p = x + o * n * inner;
      if (inner == 1) {
        const T best = Extreme<T, kMax>::row(p, n);
        int64_t at = 0;
        if (best != best)
          while (p[at] == p[at]) at++;
        else
          while (p[at] != best) at++;
        indices[o] = at;
        if (values) values[o] = p[at];
        continue;
      }
      for (int64_t j0 = 0; j0 < inner; j0 += kColumns) {
        const int64_t m = smaller<int64_t>(kColumns, inner - j0);
        T best[kColumns];
        int64_t at[kColumns];
        for (int64_t j = 0; j < m; j++) {
          best[j] = p[j0 + j];
          at[j] = 0;
        }
        for (int64_t k = 1; k < n; k++) {
          const T* row = p + k * inner + j0;
          for (int64_t j = 0; j < m; j++) {
            const T v = row[j];
            const bool better = best[j] == best[j] && (v != v || (kMax ? v > best[j] : v < best[j]));
            best[j] = better ? v : best[j];
            at[j] = better ? k : at[j];
          }
        }
        for (int64_t j = 0; j < m; j++) {
          indices[o * inner + j0 + j] = at[j];
          if (values) values[o * inner + j0 + j] = best[j];
        }
      }
    }
  });
}
template <class T>
void placesOf(Args a) {
  if (a.i(5)) places<T, true>(a);
  else places<T, false>(a);
}
KERNEL(argExtreme) {
  TYPES(case kFloat32: placesOf<float>(a); break;
        case kFloat64: placesOf<double>(a); break;
        case kInt64: placesOf<int64_t>(a); break;
        case kInt32: placesOf<int32_t>(a); break;
        case kUInt8: case kBool: placesOf<uint8_t>(a); break;)
}

// Running sums and products. Slots as argExtreme; pointers: result, input.
template <class T, class A, bool kProduct>
void running(Args a) {
  const int64_t outer = a.i(2), n = a.i(3), inner = a.i(4);
  T* y = a.ptr<T>(0);
  const T* x = a.ptr<T>(1);
  parallel(outer * inner, larger<int64_t>(1, kPiece / larger<int64_t>(1, n)), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t at = i / inner * n * inner + i % inner;
      A total = kProduct ? 1 : 0;
      for (int64_t k = 0; k < n; k++) {
        if (kProduct) total *= (A)x[at + k * inner];
        else total += (A)x[at + k * inner];
        y[at + k * inner] = (T)total;
      }
    }
  });
}
KERNEL(cumsum) {
  TYPES(case kFloat32: running<float, double, false>(a); break;
        case kFloat64: running<double, double, false>(a); break;
        case kInt64: running<int64_t, int64_t, false>(a); break;)
}
KERNEL(cumprod) {
  TYPES(case kFloat32: running<float, double, true>(a); break;
        case kFloat64: running<double, double, true>(a); break;
        case kInt64: running<int64_t, int64_t, true>(a); break;)
}

}  // namespace

ENTRIES(reduceEntries, {"sumIntegers", sum}, {"prod", prod}, {"norm2", norm2}, {"amax", amax}, {"amin", amin}, {"any", any},
        {"all", all}, {"variance", variance}, {"argExtreme", argExtreme}, {"cumsum", cumsum}, {"cumprod", cumprod})

}  // namespace BLUEDOT_ISA
}  // namespace bluedot
