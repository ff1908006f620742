// Rows of tables: looked up, added, and bags of them. Indices are int64 and checked before anything is written: slot 0 becomes 0 when one is
// out of range. Tensors are contiguous.
#include "indices.h"

namespace bluedot {
namespace BLUEDOT_ISA {
namespace {

// Rows: slots 2 number of indices, 3 bytes of a row, 4 rows of the table, 5 blocks: the table is [blocks, rows, row].
// Pointers: result, table, indices.
KERNEL(takeRows) {
  Args a;
  const int64_t count = a.i(2), bytes = a.i(3), rows = a.i(4), blocks = a.i(5);
  char* y = a.ptr<char>(0);
  const char* table = a.ptr<char>(1);
  const int64_t* indices = a.ptr<int64_t>(2);
  currentDescriptor[0] = within(indices, count, rows);
  if (currentDescriptor[0] == 0) return nullptr;
  parallel(blocks * count, larger<int64_t>(1, 65536 / larger<int64_t>(1, bytes)), [&](int64_t begin, int64_t end) {
    auto row = [&](int64_t i) { return table + ((blocks == 1 ? 0 : i / count * rows) + indices[blocks == 1 ? i : i % count]) * bytes; };
    constexpr int64_t ahead = 4;
    for (int64_t i = begin; i < end; i++) {
      // The processor can't foresee where the next rows lie.
      if (bytes >= 64 && i + ahead < end)
        for (int64_t line = 0; line < smaller<int64_t>(bytes, 256); line += 64) __builtin_prefetch(row(i + ahead) + line);
      const char* from = row(i);
      char* to = y + i * bytes;
      if (bytes == 4) memcpy(to, from, 4);
      else if (bytes == 8) memcpy(to, from, 8);
      else memcpy(to, from, bytes);
    }
  });
  return nullptr;
}

// Row to[i] of the result takes factors[i] times row from[i]. Slots: 1 type, 2 indices, 3 elements of a row, 4 rows of the table, 5 of the
// result. Pointers: result (cleared first), table, from, to, factors. A thread owns some rows of the result.
template <class T>
void addWeightedRowsOf(Args a) {
  const int64_t count = a.i(2), n = a.i(3), rows = a.i(5);
  T* y = a.ptr<T>(0);
  const T *x = a.ptr<T>(1), *factors = a.ptr<T>(4);
  const int64_t *from = a.ptr<int64_t>(2), *to = a.ptr<int64_t>(3);
  currentDescriptor[0] = within(from, count, a.i(4)) && within(to, count, rows);
  if (currentDescriptor[0] == 0) return;
  const bool few = count * n < 4 * kGrain;
  parallel(rows, few ? rows : ceilDiv(rows, 4), [&](int64_t begin, int64_t end) {
    memset(y + begin * n, 0, (end - begin) * n * sizeof(T));
    for (int64_t i = 0; i < count; i++) {
      if (to[i] < begin || to[i] >= end) continue;
      T* out = y + to[i] * n;
      const T *in = x + from[i] * n, factor = factors[i];
      for (int64_t j = 0; j < n; j++) out[j] += factor * in[j];
    }
  });
}
FLOAT_KERNEL(addWeightedRows, addWeightedRowsOf)

// Of each column, the row with the largest element among those of a bag. Slots: 1 type, 2 indices, 3 elements of a row, 4 rows of the table,
// 5 bags. Pointers: result (int64), table, indices, starts.
template <class T>
void bagArgmaxOf(Args a) {
  const int64_t count = a.i(2), n = a.i(3);
  int64_t* y = a.ptr<int64_t>(0);
  const T* x = a.ptr<T>(1);
  const int64_t *indices = a.ptr<int64_t>(2), *starts = a.ptr<int64_t>(3);
  currentDescriptor[0] = within(indices, count, a.i(4));
  if (currentDescriptor[0] == 0) return;
  parallel(a.i(5), larger<int64_t>(1, kGrain / n / 8), [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; b++)
      for (int64_t j = 0; j < n; j++) {
        int64_t best = starts[b] < starts[b + 1] ? indices[starts[b]] : 0;
        for (int64_t i = starts[b] + 1; i < starts[b + 1]; i++)
          if (x[indices[i] * n + j] > x[best * n + j]) best = indices[i];
        y[b * n + j] = best;
      }
  });
}
FLOAT_KERNEL(bagArgmax, bagArgmaxOf)

// Adds rows where they were taken from, in order. Slots: 1 type, 2 indices, 3 elements of a row, 4 rows, 5 a row to leave out or -1,
// 6 whether to divide by how often a row occurs. Pointers: result (cleared first), gradient, indices.
template <class T>
void addRowsOf(Args a) {
  const int64_t count = a.i(2), n = a.i(3), rows = a.i(4), left = a.i(5);
  T* y = a.ptr<T>(0);
  const T* g = a.ptr<T>(1);
  const int64_t* indices = a.ptr<int64_t>(2);
  currentDescriptor[0] = within(indices, count, rows);
  if (currentDescriptor[0] == 0) return;
  int32_t* times = nullptr;
  if (a.i(6)) {
    times = scratch<int32_t>(0, rows);
    memset(times, 0, rows * sizeof(int32_t));
    for (int64_t i = 0; i < count; i++) times[indices[i]]++;
  }
  // Threads take columns, so that each row's sum keeps its order.
  parallel(n, larger<int64_t>(16, kGrain / larger<int64_t>(1, count)), [&](int64_t begin, int64_t end) {
    if (begin == 0 && end == n) memset(y, 0, rows * n * sizeof(T));
    else
      for (int64_t r = 0; r < rows; r++) memset(y + r * n + begin, 0, (end - begin) * sizeof(T));
    for (int64_t i = 0; i < count; i++) {
      const int64_t row = indices[i];
      if (row == left) continue;
      T* to = y + row * n;
      const T* from = g + i * n;
      if (times) {
        const T share = (T)1 / (T)times[row];
        for (int64_t k = begin; k < end; k++) to[k] += from[k] * share;
      } else
        for (int64_t k = begin; k < end; k++) to[k] += from[k];
    }
  });
}
FLOAT_KERNEL(addRows, addRowsOf)

}  // namespace

ENTRIES(rowEntries, {"takeRows", takeRows}, {"addRows", addRows}, {"addWeightedRows", addWeightedRows}, {"bagArgmax", bagArgmax})

}  // namespace BLUEDOT_ISA
}  // namespace bluedot
