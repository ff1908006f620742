// Lookups and scatters along a dimension, by int64 indices. Every kernel checks its indices before it writes: slot 0 becomes 0 when
// one is out of range, and nothing is changed. Elements move as 1, 2, 4 or 8 bytes.
#include "indices.h"

namespace bluedot {
namespace BLUEDOT_ISA {
namespace {

// Walks an index tensor [outer, n, inner] (contiguous, that many elements of it per dimension) against a contiguous tensor whose
// dimensions before, along and after have other sizes. Slots: 1 bytes or type, 2 dimensions, 3 the dimension;
// shape: index; strides 0: of the walked tensor, strides 1: of the other.
struct Walk {
  int nd, dim;
  int64_t shape[kMaxDims], walked[kMaxDims], other[kMaxDims], count, size, along;
  const int64_t* indices;
};
bool readWalk(Walk& w, int indexPointer) {
  Args a;
  w.nd = (int)a.i(2);
  w.dim = (int)a.i(3);
  w.size = a.i(4);
  w.count = 1;
  w.along = a.i(kStrides + w.dim);
  // Dimensions of size 1 are left out.
  const int nd = w.nd, dim = w.dim;
  w.nd = 0;
  w.dim = -1;
  for (int d = 0; d < nd; d++) {
    const int64_t size = a.i(kShape + d);
    w.count *= size;
    if (size == 1) continue;
    if (d == dim) w.dim = w.nd;
    w.shape[w.nd] = size;
    w.walked[w.nd] = a.i(kStrides + d);
    w.other[w.nd++] = a.i(kStrides + kMaxDims + d);
  }
  w.indices = a.ptr<int64_t>(indexPointer);
  currentDescriptor[0] = within(w.indices, w.count, w.size);
  return currentDescriptor[0] != 0;
}
// visit(place of the walked tensor but along dim, place of the other, index), rows of the last dimension at a time.
template <class F>
INLINE void forEachIndex(const Walk& w, int64_t begin, int64_t end, const F& visit) {
  if (w.nd == 0) {
    if (begin < end) visit(w.indices[0] * w.along, 0);
    return;
  }
  const int last = w.nd - 1;
  const int64_t width = w.shape[last], step = last == w.dim ? 0 : w.walked[last], otherStep = w.other[last], along = w.along;
  for (int64_t i = begin; i < end;) {
    int64_t rest = i / width, walked = 0, other = 0;
    for (int d = last - 1; d >= 0; d--) {
      const int64_t k = rest % w.shape[d];
      rest /= w.shape[d];
      if (d != w.dim) walked += k * w.walked[d];
      other += k * w.other[d];
    }
    int64_t j = i % width;
    const int64_t row = smaller(width, j + end - i);
    for (; j < row; j++, i++) visit(walked + j * step + w.indices[i] * along, other + j * otherStep);
  }
}
template <class T>
void gatherOf() {
  Walk w;
  if (!readWalk(w, 2)) return;
  Args a;
  T* y = a.ptr<T>(0);
  const T* x = a.ptr<T>(1);
  parallel(w.count, kGrain, [&](int64_t begin, int64_t end) {
    forEachIndex(w, begin, end, [&](int64_t at, int64_t other) { y[other] = x[at]; });
  });
}
// Pointers: result, input, indices. The result is the "other" tensor.
KERNEL(gather) {
  switch (Args().i(1)) {
    case 1: gatherOf<uint8_t>(); break;
    case 2: gatherOf<uint16_t>(); break;
    case 4: gatherOf<uint32_t>(); break;
    default: gatherOf<uint64_t>();
  }
  return nullptr;
}
// Pointers: result (holding what is not written), source, indices. Later writes win.
template <class T>
void scatterOf() {
  Walk w;
  if (!readWalk(w, 2)) return;
  Args a;
  T* y = a.ptr<T>(0);
  const T* x = a.ptr<T>(1);
  forEachIndex(w, 0, w.count, [&](int64_t at, int64_t other) { y[at] = x[other]; });
}
KERNEL(scatter) {
  switch (Args().i(1)) {
    case 1: scatterOf<uint8_t>(); break;
    case 2: scatterOf<uint16_t>(); break;
    case 4: scatterOf<uint32_t>(); break;
    default: scatterOf<uint64_t>();
  }
  return nullptr;
}
template <class T>
void scatterAddOf() {
  Walk w;
  if (!readWalk(w, 2)) return;
  Args a;
  T* y = a.ptr<T>(0);
  const T* x = a.ptr<T>(1);
  forEachIndex(w, 0, w.count, [&](int64_t at, int64_t other) { y[at] += x[other]; });
}
// Slot 1 is the type.
KERNEL(scatterAdd) {
  switch (Args().i(1)) {
    case kFloat32: scatterAddOf<float>(); break;
    case kFloat64: scatterAddOf<double>(); break;
    case kInt64: scatterAddOf<int64_t>(); break;
    case kInt32: scatterAddOf<int32_t>(); break;
    default: currentDescriptor[0] = 0;
  }
  return nullptr;
}

// How many bytes of a mask are set, into slot 0. Slot 2: n. Pointer: mask.
KERNEL(countTrue) {
  Args a;
  const uint8_t* mask = a.ptr<uint8_t>(0);
  const int64_t n = a.i(2);
  int64_t count = 0;
  for (int64_t i = 0; i < n; i++) count += mask[i] != 0;
  currentDescriptor[0] = (double)count;
  return nullptr;
}
// Indices of what is set, a row each. Slots: 2 n, 3 dimensions, 32.. sizes. Pointers: result, mask.
KERNEL(positions) {
  Args a;
  const uint8_t* mask = a.ptr<uint8_t>(1);
  int64_t* y = a.ptr<int64_t>(0);
  const int64_t n = a.i(2), nd = a.i(3);
  int64_t shape[kMaxDims], index[kMaxDims] = {};
  for (int64_t d = 0; d < nd; d++) shape[d] = a.i(kShape + d);
  if (nd == 1) {
    // Without branches, which would be mispredicted; the place behind the last is written too, so not in the result itself.
    int64_t* found = scratch<int64_t>(0, n + 1);
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) {
      found[count] = i;
      count += mask[i] != 0;
    }
    memcpy(y, found, count * sizeof(int64_t));
    return nullptr;
  }
  const int64_t last = nd - 1, width = nd == 0 ? 1 : shape[last];
  for (int64_t i = 0; i < n; i += width) {
    for (int64_t j = 0; j < width; j++) {
      if (!mask[i + j]) continue;
      for (int64_t d = 0; d < last; d++) *y++ = index[d];
      if (nd > 0) *y++ = j;
    }
    for (int64_t d = last - 1; d >= 0 && ++index[d] == shape[d]; d--) index[d] = 0;
  }
  return nullptr;
}

// Advanced indexing: places are sums over index tensors of index times stride, negative indices counting from the end
// (unless scalar 1 forbids them).
// Slots: 2 number of places, 3 elements of a run, 4 blocks, 5 elements between blocks, 6 index tensors; from 64, four for each of these:
// address, step, size of its dimension, stride.
bool readPlaces(Args a, int64_t*& places) {
  const int64_t count = a.i(2), tensors = a.i(6);
  const bool wraps = a.scalar(1) == 0;
  places = scratch<int64_t>(0, count);
  memset(places, 0, count * sizeof(int64_t));
  bool fit = true;
  for (int64_t k = 0; k < tensors; k++) {
    const double* entry = a.d + 64 + 4 * k;
    const int64_t* index = (const int64_t*)(uintptr_t)entry[0];
    const int64_t step = (int64_t)entry[1], size = (int64_t)entry[2], stride = (int64_t)entry[3];
    for (int64_t i = 0; i < count; i++) {
      int64_t at = index[i * step];
      at += at < 0 && wraps ? size : 0;
      fit &= (uint64_t)at < (uint64_t)size;
      places[i] += at * stride;
    }
  }
  currentDescriptor[0] = fit;
  return fit;
}
// Pointers: result, input. Slot 1: bytes of an element.
KERNEL(indexTake) {
  Args a;
  int64_t* places;
  if (!readPlaces(a, places)) return nullptr;
  const int64_t item = a.i(1), count = a.i(2), run = a.i(3), bytes = run * item, blocks = a.i(4), apart = a.i(5) * item;
  char* y = a.ptr<char>(0);
  const char* x = a.ptr<char>(1);
  parallel(blocks * count, larger<int64_t>(1, 65536 / larger<int64_t>(1, bytes)), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end;) {
      const int64_t block = i / count, k = i % count, limit = smaller(count, k + end - i);
      const char* from = x + block * apart + places[k] * item;
      char* to = y + i * bytes;
      // Neighbours that stay neighbours move together.
      int64_t n = 1;
      while (k + n < limit && places[k + n] == places[k] + n * run) n++;
      if (n * bytes == 4) memcpy(to, from, 4);
      else if (n * bytes == 8) memcpy(to, from, 8);
      else memcpy(to, from, n * bytes);
      i += n;
    }
  });
  return nullptr;
}
// Writes or adds. Slots: 1 type, 7 whether to add, scalar 0 whether there is one value for all. Pointers: result, values.
template <class T>
void indexPutOf(Args a) {
  int64_t* places;
  if (!readPlaces(a, places)) return;
  const int64_t count = a.i(2), run = a.i(3), blocks = a.i(4), apart = a.i(5);
  const bool adds = a.i(7) != 0, one = a.scalar(0) != 0;
  T* y = a.ptr<T>(0);
  const T* x = a.ptr<T>(1);
  for (int64_t b = 0; b < blocks; b++)
    for (int64_t i = 0; i < count; i++) {
      T* to = y + b * apart + places[i];
      const T* from = one ? x : x + (b * count + i) * run;
      if (adds)
        for (int64_t k = 0; k < run; k++) to[k] += from[one ? 0 : k];
      else
        for (int64_t k = 0; k < run; k++) to[k] = from[one ? 0 : k];
    }
}
KERNEL(indexPut) {
  Args a;
  switch (a.i(1)) {
    case kFloat32: indexPutOf<float>(a); break;
    case kFloat64: indexPutOf<double>(a); break;
    case kInt64: indexPutOf<int64_t>(a); break;
    case kInt32: indexPutOf<int32_t>(a); break;
    case kUInt8: indexPutOf<uint8_t>(a); break;
    default: currentDescriptor[0] = 0;
  }
  return nullptr;
}

// The rows of a contiguous tensor [n, row] whose byte in the mask [n] is set. Slots: 2 n, 3 bytes of a row. Pointers: result, input, mask.
KERNEL(maskedRows) {
  Args a;
  const int64_t n = a.i(2), bytes = a.i(3);
  char* y = a.ptr<char>(0);
  const char* x = a.ptr<char>(1);
  const uint8_t* mask = a.ptr<uint8_t>(2);
  // Runs of kept rows are copied at once.
  for (int64_t i = 0; i < n;) {
    if (!mask[i]) {
      i++;
      continue;
    }
    int64_t j = i + 1;
    while (j < n && mask[j]) j++;
    memcpy(y, x + i * bytes, (j - i) * bytes);
    y += (j - i) * bytes;
    i = j;
  }
  return nullptr;
}

}  // namespace

ENTRIES(indexingEntries, {"gather", gather}, {"scatter", scatter}, {"scatterAdd", scatterAdd},
        {"countTrue", countTrue}, {"positions", positions}, {"indexTake", indexTake}, {"indexPut", indexPut}, {"maskedRows", maskedRows})

}  // namespace BLUEDOT_ISA
}  // namespace bluedot
