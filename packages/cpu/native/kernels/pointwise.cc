#include "pointwise.h"

namespace bluedot {
namespace BLUEDOT_ISA {

namespace {

// Sorts dimensions so that the output's steps grow outwards, and merges those that step as one.
void simplify(Grid& g) {
  int nd = 0;
  for (int d = 0; d < g.nd; d++) {
    if (g.shape[d] == 1) continue;
    g.shape[nd] = g.shape[d];
    for (int k = 0; k < g.operands; k++) g.stride[k][nd] = g.stride[k][d];
    nd++;
  }
  auto inner = [&](int a, int b) {  // whether a should lie inside b
    for (int k = 0; k < g.operands; k++) {
      if (g.stride[k][a] == 0 || g.stride[k][b] == 0) continue;
      if (g.stride[k][a] != g.stride[k][b]) return g.stride[k][a] < g.stride[k][b];
    }
    return false;
  };
  for (int i = 1; i < nd; i++)
    for (int j = i; j > 0 && inner(j - 1, j); j--) {
      int64_t t = g.shape[j]; g.shape[j] = g.shape[j - 1]; g.shape[j - 1] = t;
      for (int k = 0; k < g.operands; k++) {
        t = g.stride[k][j]; g.stride[k][j] = g.stride[k][j - 1]; g.stride[k][j - 1] = t;
      }
    }
  int m = 0;
  for (int d = 1; d < nd; d++) {
    bool merges = true;
    for (int k = 0; k < g.operands; k++) merges &= g.stride[k][m] == g.stride[k][d] * g.shape[d];
    if (merges) {
      g.shape[m] *= g.shape[d];
      for (int k = 0; k < g.operands; k++) g.stride[k][m] = g.stride[k][d];
    } else {
      m++;
      g.shape[m] = g.shape[d];
      for (int k = 0; k < g.operands; k++) g.stride[k][m] = g.stride[k][d];
    }
  }
  g.nd = nd == 0 ? 0 : m + 1;
  if (g.nd == 0) {
    g.nd = 1;
    g.shape[0] = 1;
    for (int k = 0; k < g.operands; k++) g.stride[k][0] = g.item[k];
  }
}

template <class T>
void gatherRow(char* to, const char* from, int64_t n, int64_t stride) {
  T* t = (T*)to;
  for (int64_t i = 0; i < n; i++) t[i] = *(const T*)(from + i * stride);
}
template <class T>
void scatterRow(char* to, const char* from, int64_t n, int64_t stride) {
  const T* f = (const T*)from;
  for (int64_t i = 0; i < n; i++) *(T*)(to + i * stride) = f[i];
}

void gather(int item, int widen, char* to, const char* from, int64_t n, int64_t stride) {
  if (widen == kFloat16) {
    for (int64_t i = 0; i < n; i++) ((float*)to)[i] = toFloat(*(const Half*)(from + i * stride));
  } else if (widen == kBFloat16) {
    for (int64_t i = 0; i < n; i++) ((float*)to)[i] = toFloat(*(const BHalf*)(from + i * stride));
  } else if (stride == item) memcpy(to, from, n * item);
  else if (item == 4) gatherRow<uint32_t>(to, from, n, stride);
  else if (item == 8) gatherRow<uint64_t>(to, from, n, stride);
  else if (item == 1) gatherRow<uint8_t>(to, from, n, stride);
  else gatherRow<uint16_t>(to, from, n, stride);
}
void scatter(int item, int widen, char* to, const char* from, int64_t n, int64_t stride) {
  if (widen == kFloat16) {
    for (int64_t i = 0; i < n; i++) *(Half*)(to + i * stride) = toHalf(((const float*)from)[i]);
  } else if (widen == kBFloat16) {
    for (int64_t i = 0; i < n; i++) *(BHalf*)(to + i * stride) = toBHalf(((const float*)from)[i]);
  } else if (stride == item) memcpy(to, from, n * item);
  else if (item == 4) scatterRow<uint32_t>(to, from, n, stride);
  else if (item == 8) scatterRow<uint64_t>(to, from, n, stride);
  else if (item == 1) scatterRow<uint8_t>(to, from, n, stride);
  else scatterRow<uint16_t>(to, from, n, stride);
}

struct Position {
  int64_t index[kMaxDims];
  Position(const Grid& g, int64_t linear) {
    for (int d = g.nd - 1; d >= 0; d--) {
      index[d] = linear % g.shape[d];
      linear /= g.shape[d];
    }
  }
  char* at(const Grid& g, int k) const {
    char* p = g.base[k];
    for (int d = 0; d < g.nd; d++) p += index[d] * g.stride[k][d];
    return p;
  }
  void nextRow(const Grid& g) {
    index[g.nd - 1] = 0;
    for (int d = g.nd - 2; d >= 0; d--) {
      if (++index[d] < g.shape[d]) return;
      index[d] = 0;
    }
  }
};

void runRows(const Grid& g, PointFunction f, const double* scalars, int64_t begin, int64_t end) {
  alignas(64) char buffers[kMaxOperands][kBuffer * 8];
  const int last = g.nd - 1;
  const int64_t width = g.shape[last];
  bool buffered[kMaxOperands], any = false;
  const char* filled[kMaxOperands];
  for (int k = 0; k < g.operands; k++) {
    buffered[k] = g.stride[k][last] != g.item[k] || g.widen[k] >= 0;
    any |= buffered[k];
    filled[k] = nullptr;
  }
  Position at(g, begin);
  for (int64_t linear = begin; linear < end;) {
    int64_t row = smaller(width - at.index[last], end - linear);
    char* p[kMaxOperands];
    for (int k = 0; k < g.operands; k++) p[k] = at.at(g, k);
    if (!any) f(p, row, scalars);
    else
      for (int64_t i = 0; i < row; i += kBuffer) {
        int64_t n = smaller<int64_t>(kBuffer, row - i);
        char* q[kMaxOperands];
        for (int k = 0; k < g.operands; k++) {
          int64_t stride = g.stride[k][last];
          if (!buffered[k]) q[k] = p[k] + i * stride;
          else {
            q[k] = buffers[k];
            if (k < g.outputs) continue;
            if (stride != 0) gather(g.item[k], g.widen[k], q[k], p[k] + i * stride, n, stride);
            else if (filled[k] != p[k]) {  // one value for the row: fill as much as any piece needs
              gather(g.item[k], g.widen[k], q[k], p[k], smaller<int64_t>(kBuffer, width), 0);
              filled[k] = p[k];
            }
          }
        }
        f(q, n, scalars);
        for (int k = 0; k < g.outputs; k++)
          if (buffered[k]) scatter(g.item[k], g.widen[k], p[k] + i * g.stride[k][last], q[k], n, g.stride[k][last]);
      }
    linear += row;
    if (linear < end) at.nextRow(g);
  }
}

// Short rows: whole pieces of the grid are gathered across rows.
void runShortRows(const Grid& g, PointFunction f, const double* scalars, int64_t begin, int64_t end) {
  alignas(64) char buffers[kMaxOperands][kBuffer * 8];
  const int last = g.nd - 1;
  const int64_t width = g.shape[last];
  for (int64_t linear = begin; linear < end; linear += kBuffer) {
    int64_t n = smaller<int64_t>(kBuffer, end - linear);
    char* q[kMaxOperands];
    for (int pass = 0; pass < 2; pass++) {
      for (int k = pass ? 0 : g.outputs; k < (pass ? g.outputs : g.operands); k++) {
        if (g.flat[k] && g.widen[k] < 0) {
          q[k] = g.base[k] + linear * g.item[k];
          continue;
        }
        q[k] = buffers[k];
        if (!pass) {
          Position at(g, linear);
          for (int64_t i = 0; i < n;) {
            int64_t row = smaller(width - at.index[last], n - i);
            gather(g.item[k], g.widen[k], q[k] + i * g.item[k], at.at(g, k), row, g.stride[k][last]);
            i += row;
            at.nextRow(g);
          }
        }
      }
    }
    f(q, n, scalars);
    for (int k = 0; k < g.outputs; k++) {
      if (q[k] != buffers[k]) continue;
      Position at(g, linear);
      for (int64_t i = 0; i < n;) {
        int64_t row = smaller(width - at.index[last], n - i);
        scatter(g.item[k], g.widen[k], at.at(g, k), q[k] + i * g.item[k], row, g.stride[k][last]);
        i += row;
        at.nextRow(g);
      }
    }
  }
}

}  // namespace

void readGrid(Grid& g, int operands, int outputs) {
  Args a;
  int nd = (int)a.i(2);
  g.operands = operands;
  g.outputs = outputs;
  g.numel = 1;
  g.nd = nd;
  for (int d = 0; d < nd; d++) g.numel *= g.shape[d] = a.i(kShape + d);
  for (int k = 0; k < operands; k++) {
    int type = (int)a.i(kTypes + k), item = itemSizeOf(type);
    g.widen[k] = type == kFloat16 || type == kBFloat16 ? type : -1;
    g.item[k] = g.widen[k] >= 0 ? 4 : item;
    g.base[k] = a.ptr<char>(k);
    for (int d = 0; d < nd; d++) g.stride[k][d] = a.i(kStrides + k * kMaxDims + d) * item;
  }
  if (g.numel == 0) return;
  simplify(g);
  for (int k = 0; k < operands; k++) {
    int64_t step = g.item[k];
    g.flat[k] = true;
    for (int d = g.nd - 1; d >= 0; d--) {
      g.flat[k] &= g.stride[k][d] == step;
      step *= g.shape[d];
    }
  }
}

void runGrid(const Grid& g, PointFunction f, const double* scalars, bool heavy) {
  if (g.numel == 0) return;
  auto run = g.nd > 1 && g.shape[g.nd - 1] < kShortRow ? runShortRows : runRows;
  int64_t grain = heavy ? kGrainHeavy : kGrainLight;
  if (g.numel <= 2 * grain) return run(g, f, scalars, 0, g.numel);
  parallel(g.numel, grain, [&](int64_t begin, int64_t end) { run(g, f, scalars, begin, end); });
}

void runPointwise(const PointTable& table, int operands, int outputs, bool heavy) {
  Args a;
  int nd = (int)a.i(2);
  if (nd == -2) {
    double mask = 0;
    for (int t = 0; t < kDTypeCount; t++)
      if (table.of[t]) mask += (double)(1 << t);
    currentDescriptor[0] = mask;
    return;
  }
  PointFunction f = table.of[a.i(1)];
  if (nd == -1) {  // everything contiguous, of one shape, nothing to widen
    int64_t numel = a.i(kShape), grain = heavy ? kGrainHeavy : kGrainLight;
    char* p[kMaxOperands];
    for (int k = 0; k < operands; k++) p[k] = a.ptr<char>(k);
    if (numel <= 2 * grain) return f(p, numel, a.d + kScalars);
    int item[kMaxOperands];
    for (int k = 0; k < operands; k++) item[k] = itemSizeOf((int)a.i(kTypes + k));
    parallel(numel, grain, [&](int64_t begin, int64_t end) {
      char* q[kMaxOperands];
      for (int k = 0; k < operands; k++) q[k] = p[k] + begin * item[k];
      f(q, end - begin, a.d + kScalars);
    });
    return;
  }
  Grid g;
  readGrid(g, operands, outputs);
  runGrid(g, f, a.d + kScalars, heavy);
}

}  // namespace BLUEDOT_ISA
}  // namespace bluedot
