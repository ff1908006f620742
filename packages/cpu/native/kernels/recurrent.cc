// One step of LSTM and GRU after their matrix products, and the derivative of one step. Tensors are contiguous: gates [N, k H] with the
// k gates of a row side by side, states [N, H]. Slots: 1 type, 2 N, 3 H.
#include "gates.h"

namespace bluedot {
namespace BLUEDOT_ISA {
namespace {

constexpr int64_t kGrain = 4096;

template <class T>
void lstm(Args a) {
  const int64_t N = a.i(2), H = a.i(3);
  T *hidden = a.ptr<T>(0), *next = a.ptr<T>(1), *gates = a.ptr<T>(2);
  const T *x = a.ptr<T>(3), *y = a.ptr<T>(4), *cell = a.ptr<T>(5);
  parallel(N, larger<int64_t>(1, kGrain / larger<int64_t>(H, 1)), [=](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; n++) {
      const T *p = x + n * 4 * H, *q = y + n * 4 * H, *c = cell + n * H;
      T* s = gates + n * 4 * H;
      forEachVector<T>(H, [&](int64_t j, int m) {
        const Vec<T> i = sigmoidOf<T>(get(p + j, m) + get(q + j, m));
        const Vec<T> f = sigmoidOf<T>(get(p + H + j, m) + get(q + H + j, m));
        const Vec<T> g = tanhOf<T>(get(p + 2 * H + j, m) + get(q + 2 * H + j, m));
        const Vec<T> o = sigmoidOf<T>(get(p + 3 * H + j, m) + get(q + 3 * H + j, m));
        const Vec<T> value = f * get(c + j, m) + i * g;
        put(next + n * H + j, value, m);
        put(hidden + n * H + j, o * tanhOf<T>(value), m);
        put(s + j, i, m);
        put(s + H + j, f, m);
        put(s + 2 * H + j, g, m);
        put(s + 3 * H + j, o, m);
      });
    }
  });
}

template <class T>
void lstmBackward(Args a) {
  const int64_t N = a.i(2), H = a.i(3);
  T *slopes = a.ptr<T>(0), *gradCell = a.ptr<T>(1);
  const T *gradHidden = a.ptr<T>(2), *gradNext = a.ptr<T>(3), *cell = a.ptr<T>(4), *next = a.ptr<T>(5), *gates = a.ptr<T>(6);
  const Vec<T> one = splat<T>((T)1);
  parallel(N, larger<int64_t>(1, kGrain / larger<int64_t>(H, 1)), [=](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; n++) {
      const T* s = gates + n * 4 * H;
      T* d = slopes + n * 4 * H;
      forEachVector<T>(H, [&](int64_t j, int m) {
        const int64_t at = n * H + j;
        const Vec<T> i = get(s + j, m), f = get(s + H + j, m), g = get(s + 2 * H + j, m), o = get(s + 3 * H + j, m);
        const Vec<T> squashed = tanhOf<T>(get(next + at, m));
        const Vec<T> dh = gradHidden ? get(gradHidden + at, m) : Vec<T>{};
        const Vec<T> dc = (gradNext ? get(gradNext + at, m) : Vec<T>{}) + dh * o * (one - squashed * squashed);
        put(d + j, dc * g * i * (one - i), m);
        put(d + H + j, dc * get(cell + at, m) * f * (one - f), m);
        put(d + 2 * H + j, dc * i * (one - g * g), m);
        put(d + 3 * H + j, dh * squashed * o * (one - o), m);
        put(gradCell + at, dc * f, m);
      });
    }
  });
}

template <class T>
void gru(Args a) {
  const int64_t N = a.i(2), H = a.i(3);
  T *next = a.ptr<T>(0), *kept = a.ptr<T>(1);
  const T *x = a.ptr<T>(2), *y = a.ptr<T>(3), *hidden = a.ptr<T>(4);
  parallel(N, larger<int64_t>(1, kGrain / larger<int64_t>(H, 1)), [=](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; n++) {
      const T *p = x + n * 3 * H, *q = y + n * 3 * H;
      T* s = kept + n * 4 * H;
      forEachVector<T>(H, [&](int64_t j, int m) {
        const Vec<T> reset = sigmoidOf<T>(get(p + j, m) + get(q + j, m));
        const Vec<T> update = sigmoidOf<T>(get(p + H + j, m) + get(q + H + j, m));
        const Vec<T> share = get(q + 2 * H + j, m);
        const Vec<T> fresh = tanhOf<T>(get(p + 2 * H + j, m) + reset * share);
        put(next + n * H + j, (get(hidden + n * H + j, m) - fresh) * update + fresh, m);
        put(s + j, reset, m);
        put(s + H + j, update, m);
        put(s + 2 * H + j, fresh, m);
        put(s + 3 * H + j, share, m);
      });
    }
  });
}

template <class T>
void gruBackward(Args a) {
  const int64_t N = a.i(2), H = a.i(3);
  T *ofInput = a.ptr<T>(0), *ofHidden = a.ptr<T>(1), *before = a.ptr<T>(2);
  const T *grad = a.ptr<T>(3), *hidden = a.ptr<T>(4), *kept = a.ptr<T>(5);
  const Vec<T> one = splat<T>((T)1);
  parallel(N, larger<int64_t>(1, kGrain / larger<int64_t>(H, 1)), [=](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; n++) {
      const T* s = kept + n * 4 * H;
      T *p = ofInput + n * 3 * H, *q = ofHidden + n * 3 * H;
      forEachVector<T>(H, [&](int64_t j, int m) {
        const Vec<T> reset = get(s + j, m), update = get(s + H + j, m), fresh = get(s + 2 * H + j, m), share = get(s + 3 * H + j, m);
        const Vec<T> d = get(grad + n * H + j, m);
        const Vec<T> dFresh = d * (one - update) * (one - fresh * fresh);
        const Vec<T> dUpdate = d * (get(hidden + n * H + j, m) - fresh) * update * (one - update);
        const Vec<T> dReset = dFresh * share * reset * (one - reset);
        put(p + j, dReset, m);
        put(p + H + j, dUpdate, m);
        put(p + 2 * H + j, dFresh, m);
        put(q + j, dReset, m);
        put(q + H + j, dUpdate, m);
        put(q + 2 * H + j, dFresh * reset, m);
        put(before + n * H + j, d * update, m);
      });
    }
  });
}

FLOAT_KERNEL(lstmCell, lstm)
FLOAT_KERNEL(lstmCellBackward, lstmBackward)
FLOAT_KERNEL(gruCell, gru)
FLOAT_KERNEL(gruCellBackward, gruBackward)

}  // namespace

ENTRIES(recurrentEntries, {"lstmCell", lstmCell}, {"lstmCellBackward", lstmCellBackward}, {"gruCell", gruCell}, {"gruCellBackward", gruCellBackward})

}  // namespace BLUEDOT_ISA
}  // namespace bluedot
