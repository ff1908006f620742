// What runs along one dimension of a contiguous tensor: the place of the largest or smallest element, running sums and products.
#include "extreme.h"

namespace bluedot {
namespace BLUEDOT_ISA {
namespace {

constexpr int kColumns = 256;        // columns at a time
constexpr int64_t kPiece = 32768;    // elements of one piece of work

#define TYPES(...)                      \
  Args a;                               \
  currentDescriptor[0] = 1;             \
  switch ((int)a.i(1)) {                \
    __VA_ARGS__                         \
    default: currentDescriptor[0] = 0;  \
  }                                     \
  return nullptr;

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

ENTRIES(alongEntries, {"argExtreme", argExtreme}, {"cumsum", cumsum}, {"cumprod", cumprod})

}  // namespace BLUEDOT_ISA
}  // namespace bluedot
