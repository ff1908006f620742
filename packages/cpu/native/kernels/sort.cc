// Sorting along a dimension, NaN as the largest, and the first of a sort. Unless a stable sort is asked for, the order of equals is
// PyTorch's, which is that of the standard library's algorithms.
#include <algorithm>

#include "simd.h"

namespace bluedot {
namespace BLUEDOT_ISA {
namespace {

template <class T>
struct Item {
  T value;
  int32_t index;
};
// The index settles equal values, so that any sorting algorithm is stable.
template <class T>
struct Ascending {
  INLINE bool operator()(const Item<T>& a, const Item<T>& b) const {
    if (a.value < b.value) return true;
    if (b.value < a.value) return false;
    const bool an = a.value != a.value, bn = b.value != b.value;
    return an == bn ? a.index < b.index : bn;
  }
};
template <class T>
struct Descending {
  INLINE bool operator()(const Item<T>& a, const Item<T>& b) const {
    if (a.value > b.value) return true;
    if (b.value > a.value) return false;
    const bool an = a.value != a.value, bn = b.value != b.value;
    return an == bn ? a.index < b.index : an;
  }
};

template <class T>
struct Smaller {
  INLINE bool operator()(const Item<T>& a, const Item<T>& b) const { return (a.value == a.value && b.value != b.value) || a.value < b.value; }
};
template <class T>
struct Larger {
  INLINE bool operator()(const Item<T>& a, const Item<T>& b) const { return (a.value != a.value && b.value == b.value) || a.value > b.value; }
};

// Slots: 1 type, 2 outer, 3 n, 4 inner, 5 whether descending, 6 elements kept of each line, 7 what: 0 a sort, 1 topk, 2 a stable sort. Pointers: values, indices, input (contiguous).
template <class T, class Before, class Loosely>
void sortLines(Args a) {
  const int64_t outer = a.i(2), n = a.i(3), inner = a.i(4), kept = a.i(6);
  const int64_t what = a.i(7);
  T* values = a.ptr<T>(0);
  int64_t* indices = a.ptr<int64_t>(1);
  const T* x = a.ptr<T>(2);
  parallel(outer * inner, larger<int64_t>(1, 4096 / larger<int64_t>(1, n)), [&](int64_t begin, int64_t end) {
    Item<T>* line = scratch<Item<T>>(0, n);
    for (int64_t l = begin; l < end; l++) {
      const T* from = x + l / inner * n * inner + l % inner;
      for (int64_t i = 0; i < n; i++) line[i] = {from[i * inner], (int32_t)i};
      if (what == 2) std::sort(line, line + n, Before());
      else if (what == 0) std::sort(line, line + n, Loosely());
      else if (kept * 64 <= n) std::partial_sort(line, line + kept, line + n, Loosely());
      else {
        std::nth_element(line, line + kept - 1, line + n, Loosely());
        std::sort(line, line + kept - 1, Loosely());
      }
      const int64_t to = l / inner * kept * inner + l % inner;
      for (int64_t i = 0; i < kept; i++) {
        values[to + i * inner] = line[i].value;
        indices[to + i * inner] = line[i].index;
      }
    }
  });
}
template <class T>
void sortOf(Args a) {
  if (a.i(5)) sortLines<T, Descending<T>, Larger<T>>(a);
  else sortLines<T, Ascending<T>, Smaller<T>>(a);
}
KERNEL(sort) {
  Args a;
  currentDescriptor[0] = 1;
  switch ((int)a.i(1)) {
    case kFloat32: sortOf<float>(a); break;
    case kFloat64: sortOf<double>(a); break;
    case kInt64: sortOf<int64_t>(a); break;
    case kInt32: sortOf<int32_t>(a); break;
    case kUInt8: case kBool: sortOf<uint8_t>(a); break;
    default: currentDescriptor[0] = 0;
  }
  return nullptr;
}

}  // namespace

ENTRIES(sortEntries, {"sort", sort})

}  // namespace BLUEDOT_ISA
}  // namespace bluedot
