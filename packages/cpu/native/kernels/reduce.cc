// Reductions over any set of dimensions, but for sums of floats (sum.cc). Blocks and pieces depend on the sizes alone, so that the
// result does not depend on the number of threads.
#include "extreme.h"
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
  static constexpr bool kPlain = true;
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
  static constexpr bool kPlain = true;
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
  static constexpr bool kPlain = true;
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
template <class T, bool kAll>
struct Truth {
  using Element = T;
  using Acc = uint8_t;
  static constexpr bool kPlain = true;
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

// What a reduction does, without its types: accumulators are blobs of accBytes.
struct Reducer {
  int64_t inBytes, outBytes, accBytes;
  // acc = the reduction of rows [begin, end) of the flattened reduced dimensions but the last, which is `n` elements from `first`.
  void (*rows)(const Walk& w, const char* base, int64_t begin, int64_t end, int64_t first, int64_t n, void* acc);
  // accs = the reductions of `columns` neighbouring outputs, which take each reduced row in turn.
  void (*columns)(const Walk& w, const char* base, int64_t columns, void* accs);
  void (*join)(void* acc, const void* other);
  void (*finish)(const void* acc, void* out, int64_t count, const double* scalars);
};

template <class R>
void rowsOf(const Walk& w, const char* base, int64_t begin, int64_t end, int64_t first, int64_t n, void* acc) {
  using T = typename R::Element;
  const int last = w.reduced - 1;
  const int64_t stride = last >= 0 ? w.reducedIn[last] : (int64_t)sizeof(T);
  auto total = R::start();
  for (int64_t row = begin; row < end; row++) {
    const char* p = base + first * stride;
    int64_t rest = row;
    for (int d = last - 1; d >= 0; d--) {
      p += rest % w.reducedShape[d] * w.reducedIn[d];
      rest /= w.reducedShape[d];
    }
    if (stride == (int64_t)sizeof(T)) total = R::join(total, R::row((const T*)p, n));
    else
#pragma GCC unroll 1
      for (int64_t i = 0; i < n; i++) total = R::join(total, R::of(*(const T*)(p + i * stride)));
  }
  *(typename R::Acc*)acc = total;
}
template <class R>
void columnsOf(const Walk& w, const char* base, int64_t columns, void* accs) {
  using T = typename R::Element;
  typename R::Acc* total = (typename R::Acc*)accs;
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
template <class R, class O>
constexpr Reducer reducer(void (*finish)(const void*, void*, int64_t, const double*) = nullptr) {
  using Acc = typename R::Acc;
  return {(int64_t)sizeof(typename R::Element), (int64_t)sizeof(O), (int64_t)sizeof(Acc), rowsOf<R>, columnsOf<R>,
          [](void* acc, const void* other) { *(Acc*)acc = R::join(*(Acc*)acc, *(const Acc*)other); },
          finish ? finish : [](const void* acc, void* out, int64_t, const double*) {
            if constexpr (R::kPlain) *(O*)out = (O) * (const Acc*)acc;
          }};
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

constexpr int64_t kMaxAcc = 24;

void reduceWith(const Reducer& r) {
  Walk w;
  readWalk(w, (int)r.inBytes, (int)r.outBytes);
  if (w.outputs == 0) return;
  const double* scalars = currentDescriptor + kScalars;
  const int last = w.kept - 1;
  const bool columnwise = w.kept > 0 && w.keptIn[last] == r.inBytes && w.keptShape[last] >= 8 && w.count > 1 &&
                          (w.reduced == 0 || w.reducedIn[w.reduced - 1] != r.inBytes);
  if (columnwise) {
    const int64_t width = w.keptShape[last], blocks = ceilDiv(width, kColumns), outer = w.outputs / width;
    parallel(outer * blocks, larger<int64_t>(1, kPiece / (smaller<int64_t>(kColumns, width) * w.count)), [&](int64_t begin, int64_t end) {
      alignas(64) char accs[kColumns * kMaxAcc];
      for (int64_t task = begin; task < end; task++) {
        const int64_t j = task % blocks * kColumns, columns = smaller<int64_t>(kColumns, width - j);
        const char* in;
        char* out;
        keptAt(w, last, task / blocks, in, out);
        r.columns(w, in + j * w.keptIn[last], columns, accs);
        for (int64_t i = 0; i < columns; i++) r.finish(accs + i * r.accBytes, out + (j + i) * w.keptOut[last], w.count, scalars);
      }
    });
    return;
  }
  const int64_t n = w.reduced > 0 ? w.reducedShape[w.reduced - 1] : 1;
  const int64_t rows = w.count == 0 ? 0 : w.count / n;
  if (w.outputs >= 16 || w.count <= 2 * kPiece) {
    parallel(w.outputs, larger<int64_t>(1, kPiece / larger<int64_t>(1, w.count)), [&](int64_t begin, int64_t end) {
      alignas(8) char acc[kMaxAcc];
      for (int64_t i = begin; i < end; i++) {
        const char* in;
        char* out;
        keptAt(w, w.kept, i, in, out);
        r.rows(w, in, 0, rows, 0, n, acc);
        r.finish(acc, out, w.count, scalars);
      }
    });
    return;
  }
  // Few outputs, many elements: pieces of each, then their totals in order.
  const int64_t perRow = n >= kPiece ? ceilDiv(n, kPiece) : 1, rowsAtOnce = n >= kPiece ? 1 : kPiece / n;
  const int64_t pieces = n >= kPiece ? rows * perRow : ceilDiv(rows, rowsAtOnce);
  char* partial = scratch<char>(0, pieces * r.accBytes);
  for (int64_t o = 0; o < w.outputs; o++) {
    const char* in;
    char* out;
    keptAt(w, w.kept, o, in, out);
    parallel(pieces, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        if (n >= kPiece) {
          const int64_t first = i % perRow * kPiece;
          r.rows(w, in, i / perRow, i / perRow + 1, first, smaller(kPiece, n - first), partial + i * r.accBytes);
        } else r.rows(w, in, i * rowsAtOnce, smaller(rows, (i + 1) * rowsAtOnce), 0, n, partial + i * r.accBytes);
      }
    });
    for (int64_t i = 1; i < pieces; i++) r.join(partial, partial + i * r.accBytes);
    r.finish(partial, out, w.count, scalars);
  }
}

struct ReducerTable {
  Reducer of[kDTypeCount];
};
// Each kernel: pointers result, input; strides of operand 2 mark the reduced dimensions. Slot 0 tells whether the type was served.
void reduceBy(const ReducerTable& table) {
  const Reducer& r = table.of[Args().i(1)];
  currentDescriptor[0] = r.rows != nullptr;
  if (r.rows) reduceWith(r);
}
#define REDUCTION(name, ...)                       \
  KERNEL(name) {                                   \
    static const ReducerTable table = [] {         \
      ReducerTable t{};                            \
      __VA_ARGS__                                  \
      return t;                                    \
    }();                                           \
    reduceBy(table);                               \
    return nullptr;                                \
  }
REDUCTION(sum, t.of[kInt64] = reducer<SumInteger<int64_t>, int64_t>(); t.of[kInt32] = reducer<SumInteger<int32_t>, int32_t>();)
REDUCTION(prod, t.of[kFloat32] = reducer<Product<float, double>, float>(); t.of[kFloat64] = reducer<Product<double, double>, double>();
          t.of[kInt64] = reducer<Product<int64_t, int64_t>, int64_t>();)

template <class O>
void rootOf(const void* acc, void* out, int64_t, const double*) {
  *(O*)out = (O)sqrt(*(const double*)acc);
}
REDUCTION(norm2, t.of[kFloat32] = reducer<SumSquares<float>, float>(rootOf<float>);
          t.of[kFloat64] = reducer<SumSquares<double>, double>(rootOf<double>);)

template <bool kMax>
ReducerTable extremes() {
  ReducerTable t{};
  t.of[kFloat32] = reducer<Extreme<float, kMax>, float>();
  t.of[kFloat64] = reducer<Extreme<double, kMax>, double>();
  t.of[kInt64] = reducer<Extreme<int64_t, kMax>, int64_t>();
  t.of[kInt32] = reducer<Extreme<int32_t, kMax>, int32_t>();
  t.of[kUInt8] = t.of[kBool] = reducer<Extreme<uint8_t, kMax>, uint8_t>();
  return t;
}
REDUCTION(amax, t = extremes<true>();)
REDUCTION(amin, t = extremes<false>();)
template <bool kAll>
ReducerTable truths() {
  ReducerTable t{};
  t.of[kFloat32] = reducer<Truth<float, kAll>, uint8_t>();
  t.of[kUInt8] = t.of[kInt8] = t.of[kBool] = reducer<Truth<uint8_t, kAll>, uint8_t>();
  t.of[kInt64] = reducer<Truth<int64_t, kAll>, uint8_t>();
  return t;
}
REDUCTION(any, t = truths<false>();)
REDUCTION(all, t = truths<true>();)

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
  static constexpr bool kPlain = false;
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
template <class O>
void spreadOf(const void* acc, void* out, int64_t count, const double* scalars) {
  const double v = ((const Moments*)acc)->squares / larger(0., (double)count - scalars[0]);
  *(O*)out = (O)(scalars[1] != 0 ? sqrt(v) : v);
}
REDUCTION(variance, t.of[kFloat32] = reducer<Spread<float>, float>(spreadOf<float>);
          t.of[kFloat64] = reducer<Spread<double>, double>(spreadOf<double>);)

}  // namespace

ENTRIES(reduceEntries, {"sumIntegers", sum}, {"prod", prod}, {"norm2", norm2}, {"amax", amax}, {"amin", amin}, {"any", any}, {"all", all},
        {"variance", variance})

}  // namespace BLUEDOT_ISA
}  // namespace bluedot
