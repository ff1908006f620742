// Copies with casts, broadcasting and transposition, and fills.
#include "pointwise.h"

namespace bluedot {
namespace BLUEDOT_ISA {
namespace {

// ---- casts of contiguous elements

template <class T> struct Bool { uint8_t value; };
using Truth = Bool<void>;

template <class S> INLINE S widenValue(S x) { return x; }
INLINE float widenValue(Half x) { return toFloat(x); }
INLINE float widenValue(BHalf x) { return toFloat(x); }
INLINE uint8_t widenValue(Truth x) { return x.value; }

template <class D> struct To {
  // A float beyond an integer's range goes through 64 bits, of which the low ones are kept.
  static INLINE D from(float x) { return sizeof(D) < 8 && (D)0.5f == 0 ? (D)(int64_t)x : (D)x; }
  static INLINE D from(double x) { return sizeof(D) < 8 && (D)0.5f == 0 ? (D)(int64_t)x : (D)x; }
  template <class S> static INLINE D from(S x) { return (D)x; }
};
template <> struct To<Half> { template <class S> static INLINE Half from(S x) { return toHalf((float)x); } };
template <> struct To<BHalf> { template <class S> static INLINE BHalf from(S x) { return toBHalf((float)x); } };
template <> struct To<Truth> { template <class S> static INLINE Truth from(S x) { return {(uint8_t)(x != 0)}; } };

template <class D, class S>
void cast(char* const* p, int64_t n, const double*) {
  D* y = (D*)p[0];
  const S* x = (const S*)p[1];
#pragma GCC ivdep
  for (int64_t i = 0; i < n; i++) y[i] = To<D>::from(widenValue(x[i]));
}

template <class D>
PointFunction castTo(int from) {
  switch (from) {
    case kUInt8: return cast<D, uint8_t>;
    case kInt8: return cast<D, int8_t>;
    case kInt16: return cast<D, int16_t>;
    case kInt32: return cast<D, int32_t>;
    case kInt64: return cast<D, int64_t>;
    case kFloat16: return cast<D, Half>;
    case kFloat32: return cast<D, float>;
    case kFloat64: return cast<D, double>;
    case kBool: return cast<D, Truth>;
    case kBFloat16: return cast<D, BHalf>;
  }
  return nullptr;
}
PointFunction castFunction(int to, int from) {
  switch (to) {
    case kUInt8: return castTo<uint8_t>(from);
    case kInt8: return castTo<int8_t>(from);
    case kInt16: return castTo<int16_t>(from);
    case kInt32: return castTo<int32_t>(from);
    case kInt64: return castTo<int64_t>(from);
    case kFloat16: return castTo<Half>(from);
    case kFloat32: return castTo<float>(from);
    case kFloat64: return castTo<double>(from);
    case kBool: return castTo<Truth>(from);
    case kBFloat16: return castTo<BHalf>(from);
  }
  return nullptr;
}

template <class T>
void copySame(char* const* p, int64_t n, const double*) {
  memcpy(p[0], p[1], n * sizeof(T));
}

// ---- transposition: the target's rows are adjacent in the source's other direction

// to[r * toStep + c] = from[c * fromStep + r], for rows r and columns c.
template <class T>
void transposeTile(T* to, int64_t toStep, const T* from, int64_t fromStep, int rows, int columns) {
  for (int r = 0; r < rows; r++)
    for (int c = 0; c < columns; c++) to[r * toStep + c] = from[c * fromStep + r];
}
#if defined(__AVX2__)
INLINE void transpose8(uint32_t* to, int64_t toStep, const uint32_t* from, int64_t fromStep) {
  __m256 r[8], t[8];
  for (int i = 0; i < 8; i++) r[i] = _mm256_loadu_ps((const float*)(from + i * fromStep));
  for (int i = 0; i < 8; i += 2) {
    t[i] = _mm256_unpacklo_ps(r[i], r[i + 1]);
    t[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
  }
  for (int i = 0; i < 8; i += 4)
    for (int h = 0; h < 2; h++) {
      r[i + 2 * h] = _mm256_shuffle_ps(t[i + h], t[i + h + 2], 0x44);
      r[i + 2 * h + 1] = _mm256_shuffle_ps(t[i + h], t[i + h + 2], 0xee);
    }
  for (int i = 0; i < 4; i++) {
    _mm256_storeu_ps((float*)(to + i * toStep), _mm256_permute2f128_ps(r[i], r[i + 4], 0x20));
    _mm256_storeu_ps((float*)(to + (i + 4) * toStep), _mm256_permute2f128_ps(r[i], r[i + 4], 0x31));
  }
}
template <>
void transposeTile<uint32_t>(uint32_t* to, int64_t toStep, const uint32_t* from, int64_t fromStep, int rows, int columns) {
  int r = 0;
  for (; r + 8 <= rows; r += 8) {
    int c = 0;
    for (; c + 8 <= columns; c += 8) transpose8(to + r * toStep + c, toStep, from + c * fromStep + r, fromStep);
    for (; c < columns; c++)
      for (int i = 0; i < 8; i++) to[(r + i) * toStep + c] = from[c * fromStep + r + i];
  }
  for (; r < rows; r++)
    for (int c = 0; c < columns; c++) to[r * toStep + c] = from[c * fromStep + r];
}
#endif

// dims `across` (adjacent in the source) and the last (adjacent in the target) are transposed; the others are looped over.
template <class T>
void transposeGrid(const Grid& g, int across) {
  constexpr int64_t kTile = 32;
  const int last = g.nd - 1;
  const int64_t rows = g.shape[across], columns = g.shape[last];
  const int64_t toStep = g.stride[0][across] / (int64_t)sizeof(T), fromStep = g.stride[1][last] / (int64_t)sizeof(T);
  int64_t outer = 1;
  for (int d = 0; d < g.nd; d++)
    if (d != across && d != last) outer *= g.shape[d];
  const int64_t bands = ceilDiv(rows, kTile);
  auto run = [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; task++) {
      int64_t rest = task / bands, r = task % bands * kTile;
      char *to = g.base[0], *from = g.base[1];
      for (int d = g.nd - 1; d >= 0; d--) {
        if (d == across || d == last) continue;
        int64_t i = rest % g.shape[d];
        rest /= g.shape[d];
        to += i * g.stride[0][d];
        from += i * g.stride[1][d];
      }
      for (int64_t c = 0; c < columns; c += kTile)
        transposeTile<T>((T*)to + r * toStep + c, toStep, (const T*)from + c * fromStep + r, fromStep, (int)smaller(kTile, rows - r),
                         (int)smaller(kTile, columns - c));
    }
  };
  parallel(outer * bands, larger<int64_t>(1, 32768 / (kTile * columns)), run);
}

// Pointers: target, source, of the types in kTypes.
KERNEL(copy) {
  Args a;
  const int to = (int)a.i(kTypes), from = (int)a.i(kTypes + 1);
  const bool same = to == from || (to == kUInt8 && from == kBool);
  PointTable table{};
  PointFunction f;
  const int item = itemSizeOf(to);
  if (same) f = item == 4 ? copySame<uint32_t> : item == 8 ? copySame<uint64_t> : item == 1 ? copySame<uint8_t> : copySame<uint16_t>;
  else f = castFunction(to, from);
  if (a.i(2) == -1) {
    table.of[0] = f;
    currentDescriptor[1] = 0;
    runPointwise(table, 2, 1, false);
    return nullptr;
  }
  Grid g;
  readGrid(g, 2, 1);
  // No widening here: casts read and write half precision themselves.
  for (int k = 0; k < 2; k++)
    if (g.widen[k] >= 0) {
      g.widen[k] = -1;
      g.item[k] = 2;
      g.flat[k] = false;
    }
  if (g.numel == 0) return nullptr;
  const int last = g.nd - 1;
  if (same && g.nd > 1 && g.stride[0][last] == item && g.stride[1][last] != item && g.stride[1][last] != 0)
    for (int d = 0; d < last; d++)
      if (g.stride[1][d] == item && g.shape[d] >= 4 && g.shape[last] >= 4) {
        switch (item) {
          case 1: transposeGrid<uint8_t>(g, d); break;
          case 2: transposeGrid<uint16_t>(g, d); break;
          case 4: transposeGrid<uint32_t>(g, d); break;
          default: transposeGrid<uint64_t>(g, d); break;
        }
        return nullptr;
      }
  runGrid(g, f, nullptr, false);
  return nullptr;
}

template <class T>
void fillOf(char* const* p, int64_t n, const double* s) {
  T* y = (T*)p[0];
  const T value = (T)s[0];
  for (int64_t i = 0; i < n; i++) y[i] = value;
}
// Pointer: target. Scalar: the value.
KERNEL(fill) {
  static constexpr PointTable table = [] {
    PointTable t{};
    t.of[kUInt8] = fillOf<uint8_t>;
    t.of[kInt8] = fillOf<int8_t>;
    t.of[kInt16] = fillOf<int16_t>;
    t.of[kInt32] = fillOf<int32_t>;
    t.of[kInt64] = fillOf<int64_t>;
    t.of[kFloat32] = fillOf<float>;
    t.of[kFloat64] = fillOf<double>;
    t.of[kBool] = fillOf<bool>;
    return t;
  }();
  runPointwise(table, 1, 1, false);
  return nullptr;
}

}  // namespace

ENTRIES(copyEntries, {"copy", copy}, {"fill", fill})

}  // namespace BLUEDOT_ISA
}  // namespace bluedot
