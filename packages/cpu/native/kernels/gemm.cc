// Matrix products. Three ways, by size and layout: dot products along a common contiguous K (few rows), register tiles on
// unpacked operands (small), and the same tiles on packed panels, blocked for the caches (large).
#include "gemm_tiles.h"

namespace bluedot {
namespace BLUEDOT_ISA {
namespace {

template <class T>
constexpr int kBlockK = sizeof(T) == 4 ? 320 : 192;
constexpr int kBlockM = 12 * kRows;
template <class T>
constexpr int kBlockN = 96 * kColumns<T>;

// A sum of K outer products, for panels of two vectors of columns: those of B stay in registers while all rows pass.
template <class T, int K>
void outerPanels(int64_t M, int64_t N, Matrix<T> A, const T* B, int64_t ldb, T* C, int64_t ldc, bool accumulate) {
  constexpr int L = kLanes<T>, W = 2 * L;
  for (int64_t j = 0; j + W <= N; j += W) {
    Vec<T> b[K][2];
    for (int k = 0; k < K; k++)
      for (int v = 0; v < 2; v++) b[k][v] = load(B + k * ldb + j + v * L);
    const T* a = A.p;
    T* c = C + j;
    for (int64_t i = 0; i < M; i++, a += A.rs, c += ldc) {
      Vec<T> r[2] = {};
#pragma GCC unroll 8
      for (int k = 0; k < K; k++) {
        const Vec<T> x = splat(a[k * A.cs]);
        for (int v = 0; v < 2; v++) r[v] += x * b[k][v];
      }
      for (int v = 0; v < 2; v++) store(c + v * L, accumulate ? load(c + v * L) + r[v] : r[v]);
    }
  }
}

constexpr int kOuter = 6;

template <class T>
void looseGemm(int64_t M, int64_t N, int64_t K, Matrix<T> A, const T* B, int64_t ldb, T* C, int64_t ldc, bool accumulate) {
  constexpr int L = kLanes<T>, W = 2 * L;
  if (K <= 2 * kOuter && M > kRows && N >= W) {
    for (int64_t k = 0, left = ceilDiv(K, kOuter); left > 0; left--) {
      const int64_t count = (K - k) / left;
      const Matrix<T> columns{A.p + k * A.cs, A.rs, A.cs};
      switch (count) {
#define CASE(x)                                                                                        \
  case x:                                                                                              \
    outerPanels<T, x>(M, N, columns, B + k * ldb, ldb, C, ldc, accumulate || k > 0);                   \
    break;
        FOR_ROWS(CASE)
#undef CASE
      }
      k += count;
    }
    const int64_t done = N / W * W;
    if (done == N) return;
    B += done, C += done, N -= done;
  }
  for (int64_t i = 0; i < M; i += kRows) {
    int m = (int)smaller<int64_t>(kRows, M - i);
    const T* a = A.p + i * A.rs;
    T* c = C + i * ldc;
    int64_t j = 0;
    for (; j + W <= N; j += W) looseRows<T, 2>(m, K, a, A.rs, A.cs, B + j, ldb, c + j, ldc, W, accumulate);
    if (j == N) continue;
    int n = (int)(N - j);
    // The last columns: a tile that overlaps the one before costs no partial loads.
    if (!accumulate && N >= W && n > L) looseRows<T, 2>(m, K, a, A.rs, A.cs, B + N - W, ldb, c + N - W, ldc, W, false);
    else if (!accumulate && N >= L && n <= L) looseRows<T, 1>(m, K, a, A.rs, A.cs, B + N - L, ldb, c + N - L, ldc, L, false);
    else {
      if (n > L) {
        looseRows<T, 1>(m, K, a, A.rs, A.cs, B + j, ldb, c + j, ldc, L, accumulate);
        j += L;
      }
      looseRows<T, 1>(m, K, a, A.rs, A.cs, B + j, ldb, c + j, ldc, (int)(N - j), accumulate);
    }
  }
}

// ---- dot products: rows of A and columns of B contiguous along K

template <class T, int M, int N>
INLINE void dots(int64_t K, const T* A, int64_t lda, const T* B, int64_t ldb, T* C, int64_t ldc, bool accumulate) {
  constexpr int L = kLanes<T>;
  Vec<T> r[M][N];
  for (int i = 0; i < M; i++)
    for (int j = 0; j < N; j++) r[i][j] = Vec<T>{};
  int64_t k = 0;
  for (; k + L <= K; k += L) {
    Vec<T> a[M];
    for (int i = 0; i < M; i++) a[i] = load(A + i * lda + k);
    for (int j = 0; j < N; j++) {
      Vec<T> b = load(B + j * ldb + k);
      for (int i = 0; i < M; i++) r[i][j] += a[i] * b;
    }
  }
  if (k < K) {
    int n = (int)(K - k);
    Vec<T> a[M];
    for (int i = 0; i < M; i++) a[i] = loadPart(A + i * lda + k, n);
    for (int j = 0; j < N; j++) {
      Vec<T> b = loadPart(B + j * ldb + k, n);
      for (int i = 0; i < M; i++) r[i][j] += a[i] * b;
    }
  }
  for (int i = 0; i < M; i++)
    for (int j = 0; j < N; j++) {
      T s = sumLanes<T>(r[i][j]);
      T* c = C + i * ldc + j;
      *c = accumulate ? *c + s : s;
    }
}

template <class T>
void dotGemm(int64_t M, int64_t N, int64_t K, const T* A, int64_t lda, const T* B, int64_t ldb, T* C, int64_t ldc, bool accumulate) {
  int64_t i = 0;
  for (; i + 4 <= M; i += 4) {
    int64_t j = 0;
    for (; j + 3 <= N; j += 3) dots<T, 4, 3>(K, A + i * lda, lda, B + j * ldb, ldb, C + i * ldc + j, ldc, accumulate);
    for (; j < N; j++) dots<T, 4, 1>(K, A + i * lda, lda, B + j * ldb, ldb, C + i * ldc + j, ldc, accumulate);
  }
  for (; i < M; i++) {
    int64_t j = 0;
    for (; j + 4 <= N; j += 4) dots<T, 1, 4>(K, A + i * lda, lda, B + j * ldb, ldb, C + i * ldc + j, ldc, accumulate);
    for (; j < N; j++) dots<T, 1, 1>(K, A + i * lda, lda, B + j * ldb, ldb, C + i * ldc + j, ldc, accumulate);
  }
}

// ---- tiles on packed panels

template <class T, int M>
INLINE void packedTile(int64_t K, const T* __restrict a, const T* __restrict b, T* C, int64_t ldc, int n, bool accumulate) {
  constexpr int L = kLanes<T>, W = kColumns<T>;
  Vec<T> r[M][kVectors];
  for (int i = 0; i < M; i++) {
    __builtin_prefetch(C + i * ldc, 1);
    for (int j = 0; j < kVectors; j++) r[i][j] = Vec<T>{};
  }
  for (int64_t k = 0; k < K; k++) {
    Vec<T> v[kVectors];
#pragma GCC unroll 2
    for (int j = 0; j < kVectors; j++) v[j] = *(const Vec<T>*)(b + j * L);
#pragma GCC unroll 16
    for (int i = 0; i < M; i++) {
      Vec<T> x = splat(a[i]);
#pragma GCC unroll 2
      for (int j = 0; j < kVectors; j++) r[i][j] += x * v[j];
    }
    a += kRows;
    b += W;
  }
  storeTile<T, M, kVectors>(r, C, ldc, n, accumulate);
}

template <class T>
void packedRows(int m, int64_t K, const T* a, const T* b, T* C, int64_t ldc, int n, bool accumulate) {
  switch (m) {
#define CASE(x)                                                \
  case x:                                                      \
    return packedTile<T, x>(K, a, b, C, ldc, n, accumulate);
    FOR_ROWS(CASE)
#undef CASE
  }
}

// Rows [i0, i0 + m) of A, columns [k0, k0 + k): panels of kRows rows, each column's rows adjacent.
template <class T>
void packA(Matrix<T> A, int64_t i0, int64_t m, int64_t k0, int64_t k, T* to) {
  for (int64_t i = 0; i < m; i += kRows, to += kRows * k) {
    int rows = (int)smaller<int64_t>(kRows, m - i);
    const T* p = A.p + (i0 + i) * A.rs + k0 * A.cs;
    if (A.rs == 1) {
      if (rows == kRows)
        for (int64_t q = 0; q < k; q++) memcpy(to + q * kRows, p + q * A.cs, kRows * sizeof(T));
      else
        for (int64_t q = 0; q < k; q++)
          for (int r = 0; r < rows; r++) to[q * kRows + r] = p[q * A.cs + r];
    } else {
      int64_t first = 0;
      // Whole vectors of rows: what a block writes too much, the next overwrites. The last rows have no rows behind them to read.
      if constexpr (kLanes<T> >= kRows && kLanes<T> <= 8)
        if (A.cs == 1 && i + kLanes<T> <= m)
          for (; first + kLanes<T> <= k; first += kLanes<T>) transposeBlock(p + first, A.rs, to + first * kRows, kRows);
      for (int r = 0; r < rows; r++)
        for (int64_t q = first; q < k; q++) to[q * kRows + r] = p[r * A.rs + q * A.cs];
    }
  }
}

// Rows are handed out in blocks, several to a thread: of a size with which threads finish together.
inline int64_t rowsOfBlock(int64_t M, int threads) {
  int64_t best = kRows, least = INT64_MAX;
  for (int64_t block = kRows; block <= kBlockM && block * 2 * threads < M + kBlockM; block += kRows) {
    const int64_t full = M / block, longest = ceilDiv(full, threads) * block + (full % threads == 0 ? M % block : 0);
    // Each block costs about as much as a row more.
    const int64_t cost = longest + ceilDiv(full, threads);
    if (cost <= least) {
      least = cost;
      best = block;
    }
  }
  return best;
}

template <class T>
void packedGemm(int64_t M, int64_t N, int64_t K, Matrix<T> A, Matrix<T> B, T* C, int64_t ldc, bool accumulate, bool threaded) {
  constexpr int W = kColumns<T>;
  const int threads = threaded ? threadCount() : 1;
  for (int64_t jc = 0; jc < N; jc += kBlockN<T>) {
    const int64_t nc = smaller<int64_t>(kBlockN<T>, N - jc), panels = ceilDiv(nc, W);
    for (int64_t kc = 0; kc < K; kc += kBlockK<T>) {
      const int64_t k = smaller<int64_t>(kBlockK<T>, K - kc);
      const bool add = accumulate || kc > 0;
      T* packed = scratch<T>(0, panels * W * k);
      auto packPanels = [&](int64_t begin, int64_t end) {
        for (int64_t j = begin; j < end; j++) packB(B, kc, k, jc + j * W, (int)smaller<int64_t>(W, nc - j * W), packed + j * W * k);
      };
      auto multiply = [&](const T* rows, int64_t i0, int64_t m, int64_t p0, int64_t p1) {
        for (int64_t j = p0; j < p1; j++)
          for (int64_t i = 0; i < m; i += kRows)
            packedRows<T>((int)smaller<int64_t>(kRows, m - i), k, rows + i * k, packed + j * W * k, C + (i0 + i) * ldc + jc + j * W, ldc,
                          (int)smaller<int64_t>(W, nc - j * W), add);
      };
      if (threads == 1) packPanels(0, panels);
      else parallel(panels, 4, packPanels);
      if (threads == 1 || M >= 2 * threads * kRows) {
        const int64_t block = threads == 1 ? kBlockM : rowsOfBlock(M, threads);
        auto rows = [&](int64_t begin, int64_t end) {
          T* a = scratch<T>(1, (end - begin + 2 * kRows) * k);
          packA(A, begin, end - begin, kc, k, a);
          multiply(a, begin, end - begin, 0, panels);
        };
        if (threads == 1)
          for (int64_t i = 0; i < M; i += block) rows(i, smaller(M, i + block));
        else parallel(M, block, rows);
      } else {
        T* a = scratch<T>(1, (M + 2 * kRows) * k);
        packA(A, 0, M, kc, k, a);
        parallel(panels, larger<int64_t>(1, panels / (threads * 3)), [&](int64_t begin, int64_t end) { multiply(a, 0, M, begin, end); });
      }
    }
  }
}

}  // namespace

template <class T>
void gemm(int64_t M, int64_t N, int64_t K, Matrix<T> A, Matrix<T> B, T* C, int64_t ldc, bool accumulate) {
  if (M == 0 || N == 0) return;
  if (K == 0) {
    if (!accumulate)
      for (int64_t i = 0; i < M; i++) memset(C + i * ldc, 0, N * sizeof(T));
    return;
  }
  const double work = (double)M * (double)N * (double)K;
  const bool threaded = work > 5e5 && threadCount() > 1;
  if (M == 1) A.rs = A.cs == 1 ? K : 1;
  if (N == 1) B.cs = B.rs == 1 ? K : 1;
  if (K == 1) { A.cs = 1; B.rs = A.rs == 1 ? 1 : B.rs; }
  const bool alongK = A.cs == 1 && B.rs == 1, byRows = B.cs == 1;
  constexpr int64_t kFew = 16;
  if (alongK && !(byRows && N >= kLanes<T>) && (M < kFew || N < kLanes<T> || work < 20000)) {
    // A long, thin product is handed out by columns, or by rows where those are more.
    if (!threaded) return dotGemm(M, N, K, A.p, A.rs, B.p, B.cs, C, ldc, accumulate);
    if (N >= M)
      parallel(N, larger<int64_t>(12, ceilDiv(ceilDiv(N, 8), 12) * 12), [&](int64_t b, int64_t e) { dotGemm(M, e - b, K, A.p, A.rs, B.p + b * B.cs, B.cs, C + b, ldc, accumulate); });
    else
      parallel(M, larger<int64_t>(4, ceilDiv(ceilDiv(M, 8), 4) * 4), [&](int64_t b, int64_t e) { dotGemm(e - b, N, K, A.p + b * A.rs, A.rs, B.p, B.cs, C + b * ldc, ldc, accumulate); });
    return;
  }
  if (byRows && (M <= 2 * kRows || (double)K * (double)N * sizeof(T) <= 32768 || K <= 16)) {
    if (!threaded) return looseGemm(M, N, K, A, B.p, B.rs, C, ldc, accumulate);
    constexpr int64_t W = kColumns<T>;
    if (N >= 4 * W && M <= 4 * kRows)
      parallel(N, larger<int64_t>(2, ceilDiv(ceilDiv(N, 8), W)) * W, [&](int64_t b, int64_t e) { looseGemm(M, e - b, K, A, B.p + b, B.rs, C + b, ldc, accumulate); });
    else
      parallel(M, larger<int64_t>(1, ceilDiv(ceilDiv(M, 8), kRows)) * kRows, [&](int64_t b, int64_t e) { looseGemm(e - b, N, K, Matrix<T>{A.p + b * A.rs, A.rs, A.cs}, B.p, B.rs, C + b * ldc, ldc, accumulate); });
    return;
  }
  packedGemm(M, N, K, A, B, C, ldc, accumulate, threaded);
}

template <class T>
void gemmStrided(int64_t M, int64_t N, int64_t K, Matrix<T> A, Matrix<T> B, T* C, int64_t crs, int64_t ccs, bool accumulate) {
  if (ccs == 1 || N == 1) return gemm(M, N, K, A, B, C, crs, accumulate);
  if (crs == 1 || M == 1) return gemm(N, M, K, B.transposed(), A.transposed(), C, ccs, accumulate);
  T* t = (T*)malloc(M * N * sizeof(T));
  if (!t) abort();
  if (accumulate)
    for (int64_t i = 0; i < M; i++)
      for (int64_t j = 0; j < N; j++) t[i * N + j] = C[i * crs + j * ccs];
  gemm(M, N, K, A, B, t, N, accumulate);
  for (int64_t i = 0; i < M; i++)
    for (int64_t j = 0; j < N; j++) C[i * crs + j * ccs] = t[i * N + j];
  free(t);
}

template void gemm<float>(int64_t, int64_t, int64_t, Matrix<float>, Matrix<float>, float*, int64_t, bool);
template void gemm<double>(int64_t, int64_t, int64_t, Matrix<double>, Matrix<double>, double*, int64_t, bool);
template void gemmStrided<float>(int64_t, int64_t, int64_t, Matrix<float>, Matrix<float>, float*, int64_t, int64_t, bool);
template void gemmStrided<double>(int64_t, int64_t, int64_t, Matrix<double>, Matrix<double>, double*, int64_t, int64_t, bool);

// Batched product with an optional addend that is written to C first.
// Slots: 1 type, 2 batch, 3 M, 4 N, 5 K, 32.. strides: A batch, row, column; B …; C …; addend batch, row, column. Pointers: C, A, B, addend.
namespace {
template <class T>
void matmulOf(Args a) {
  const int64_t batch = a.i(2), M = a.i(3), N = a.i(4), K = a.i(5);
  auto s = [&](int i) { return a.i(kShape + i); };
  T* C = a.ptr<T>(0);
  const T *A = a.ptr<T>(1), *B = a.ptr<T>(2), *D = a.ptr<T>(3);
  auto one = [&](int64_t b) {
    T* c = C + b * s(6);
    if (D) {
      const T* d = D + b * s(9);
      if (s(8) == 1 && s(11) == 1)
        for (int64_t i = 0; i < M; i++) memcpy(c + i * s(7), d + i * s(10), N * sizeof(T));
      else
        for (int64_t i = 0; i < M; i++)
          for (int64_t j = 0; j < N; j++) c[i * s(7) + j * s(8)] = d[i * s(10) + j * s(11)];
    }
    gemmStrided<T>(M, N, K, {A + b * s(0), s(1), s(2)}, {B + b * s(3), s(4), s(5)}, c, s(7), s(8), D != nullptr);
  };
  if (batch == 1) return one(0);
  const double work = (double)M * (double)N * (double)K;
  // Each product by one thread when there are enough of them, else one after the other.
  if (work * (double)batch < 5e5 || batch < threadCount())
    for (int64_t b = 0; b < batch; b++) one(b);
  else parallel(batch, larger<int64_t>(1, smaller<int64_t>(ceilDiv(batch, 8), (int64_t)(2e5 / work))), [&](int64_t b, int64_t e) { for (; b < e; b++) one(b); });
}
FLOAT_KERNEL(matmul, matmulOf)

// The inner product of two vectors: four sums of vectors; what is left element by element, as OpenBLAS adds it: products of floats
// in double, those of doubles fused.
// Slots: 1 type, 2 count. Pointers: out, a, b.
template <class T>
void dotOf(Args args) {
  constexpr int L = kLanes<T>;
  const int64_t n = args.i(2);
  const T *a = args.ptr<T>(1), *b = args.ptr<T>(2);
  Vec<T> sums[4] = {};
  int64_t i = 0;
  for (; i + 4 * L <= n; i += 4 * L)
    for (int k = 0; k < 4; k++) sums[k] += load(a + i + k * L) * load(b + i + k * L);
  const double whole = i == 0 ? 0. : (double)sumLanes<T>((sums[0] + sums[1]) + (sums[2] + sums[3]));
  double rest = sizeof(T) == 8 ? whole : 0.;
  for (; i < n; i++) {
    if constexpr (sizeof(T) == 8) rest = __builtin_fma(a[i], b[i], rest);
    else rest += (double)(a[i] * b[i]);
  }
  *args.ptr<T>(0) = (T)(sizeof(T) == 8 ? rest : rest + whole);
}
FLOAT_KERNEL(dot, dotOf)
}  // namespace

ENTRIES(gemmEntries, {"matmul", matmul}, {"dot", dot})

}  // namespace BLUEDOT_ISA
}  // namespace bluedot
