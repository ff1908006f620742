// Random numbers: the bits that PyTorch draws on the CPU. The Mersenne Twister's state is the generator's own array of 624 words; slots 3
// and 4 hold how many words are left before a refill and which one is next, and return so. Slots: 1 type, 2 elements. Pointers: data, words.
#include "simd.h"

namespace bluedot {
namespace BLUEDOT_ISA {
namespace {

constexpr int kWords = 624, kShift = 397;
constexpr int kBlock = 16, kHalf = 8;
constexpr int64_t kGrain = 16384;

INLINE uint32_t twist(uint32_t u, uint32_t v) {
  return (((u & 0x80000000u) | (v & 0x7fffffffu)) >> 1) ^ ((0u - (v & 1u)) & 0x9908b0dfu);
}

struct Twister {
  uint32_t* words;
  int64_t left, next;

  explicit Twister(Args a) : words(a.ptr<uint32_t>(1)), left(a.i(3)), next(a.i(4)) {}
  void finish() const {
    currentDescriptor[3] = (double)left;
    currentDescriptor[4] = (double)next;
  }
  void refill() {
    for (int i = 0; i < kWords - kShift; i++) words[i] = twist(words[i], words[i + 1]) ^ words[i + kShift];
    for (int i = kWords - kShift; i < kWords - 1; i++) words[i] = twist(words[i], words[i + 1]) ^ words[i + kShift - kWords];
    words[kWords - 1] = twist(words[kWords - 1], words[0]) ^ words[kShift - 1];
    left = kWords;
    next = 0;
  }
  // The next n outputs. The word after a refill does not count against `left`: it was counted before.
  void draw(uint32_t* out, int64_t n) {
    while (n > 0) {
      int64_t run = smaller(n, left - 1);
      if (run == 0) {
        refill();
        run = 1;
      } else {
        left -= run;
      }
      const uint32_t* from = words + next;
      for (int64_t i = 0; i < run; i++) {
        uint32_t y = from[i];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c5680u;
        y ^= (y << 15) & 0xefc60000u;
        out[i] = y ^ (y >> 18);
      }
      next += run;
      out += run;
      n -= run;
    }
  }
};

// Calls body(first, count, numbers) over [0, n) in pieces that fit the cache, with one number an element.
constexpr int kPiece = 1024;
template <class F>
INLINE void withWords(Twister& twister, int64_t n, const F& body) {
  uint32_t words[kPiece];
  for (int64_t at = 0; at < n; at += kPiece) {
    const int64_t count = smaller(n - at, (int64_t)kPiece);
    twister.draw(words, count);
    body(at, count, words);
  }
}
// The same with uniform numbers on [0, 1): 24 bits of one word for float, 53 bits of two, the first of them high, for double.
template <class F>
INLINE void withUniform(Twister& twister, int64_t n, float, const F& body) {
  float u[kPiece];
  withWords(twister, n, [&](int64_t at, int64_t count, const uint32_t* words) {
    for (int64_t i = 0; i < count; i++) u[i] = (float)(int32_t)(words[i] & 0xffffff) * 0x1p-24f;
    body(at, count, u);
  });
}
template <class F>
INLINE void withUniform(Twister& twister, int64_t n, double, const F& body) {
  uint32_t words[2 * kPiece];
  double u[kPiece];
  for (int64_t at = 0; at < n; at += kPiece) {
    const int64_t count = smaller(n - at, (int64_t)kPiece);
    twister.draw(words, 2 * count);
    for (int64_t i = 0; i < count; i++) {
      u[i] = ((double)(int32_t)(words[2 * i] & 0x1fffff) * 0x1p32 + (double)words[2 * i + 1]) * 0x1p-53;
    }
    body(at, count, u);
  }
}

INLINE float fused(float x, float y, float z) { return __builtin_fmaf(x, y, z); }
INLINE double fused(double x, double y, double z) { return __builtin_fma(x, y, z); }

template <class T>
void fillUniform(Twister& twister, T* p, int64_t n) {
  withUniform(twister, n, T(), [=](int64_t at, int64_t count, const T* u) { memcpy(p + at, u, count * sizeof(T)); });
}

// Scalars: from, to - from.
template <class T>
void uniform(Args a) {
  T* p = a.ptr<T>(0);
  const T from = (T)a.scalar(0), span = (T)a.scalar(1);
  Twister twister(a);
  withUniform(twister, a.i(2), T(), [=](int64_t at, int64_t count, const T* u) {
    for (int64_t i = 0; i < count; i++) p[at + i] = fused(u[i], span, from);
  });
  twister.finish();
}

// Cephes' logf of eight normal positive numbers, each step rounded, fused where PyTorch's compiler fuses.
INLINE void log8(const float* in, float* out) {
  for (int i = 0; i < kHalf; i++) {
    uint32_t bits;
    memcpy(&bits, in + i, 4);
    float e = (float)((int32_t)(bits >> 23) - 126);
    bits = (bits & 0x007fffffu) | 0x3f000000u;
    float x;
    memcpy(&x, &bits, 4);
    const bool small = x < 0.707106781186547524f;
    e -= small ? 1.0f : 0.0f;
    const float again = small ? x : 0.0f;
    x = x - 1.0f + again;
    const float z = x * x;
    float y = 7.0376836292e-2f;
    y = fused(y, x, -1.1514610310e-1f);
    y = fused(y, x, 1.1676998740e-1f);
    y = fused(y, x, -1.2420140846e-1f);
    y = fused(y, x, 1.4249322787e-1f);
    y = fused(y, x, -1.6668057665e-1f);
    y = fused(y, x, 2.0000714765e-1f);
    y = fused(y, x, -2.4999993993e-1f);
    y = fused(y, x, 3.3333331174e-1f);
    y = y * x;
    y = fused(y, z, e * -2.12194440e-4f);
    y = fused(-z, 0.5f, y);
    x = x + y;
    out[i] = fused(e, 0.693359375f, x);
  }
}

// Cephes' sinf and cosf of eight numbers in [0, 2 pi).
INLINE void sinCos8(const float* in, float* sine, float* cosine) {
  for (int i = 0; i < kHalf; i++) {
    const int32_t j = ((int32_t)(in[i] * 1.27323954473516f) + 1) & ~1;
    const float octant = (float)j;
    float x = fused(octant, -0.78515625f, in[i]);
    x = fused(octant, -2.4187564849853515625e-4f, x);
    x = fused(octant, -3.77489497744594108e-8f, x);
    const float z = x * x;
    float c = fused(2.443315711809948e-5f, z, -1.388731625493765e-3f);
    c = fused(c, z, 4.166664568298827e-2f);
    c = c * z;
    c = fused(c, z, -(z * 0.5f));
    c = c + 1.0f;
    float s = fused(-1.9515295891e-4f, z, 8.3321608736e-3f);
    s = fused(s, z, -1.6666654611e-1f);
    s = s * z;
    s = fused(s, x, x);
    const bool swapped = (j & 2) != 0;
    const float first = swapped ? c : s, second = swapped ? s : c;
    sine[i] = (j & 4) ? -first : first;
    cosine[i] = ((j - 2) & 4) ? second : -second;
  }
}

// Sixteen uniform numbers become normal ones (Box and Muller).
INLINE void normalBlock(float* p, float mean, float std) {
  float u[kHalf], radius[kHalf], theta[kHalf], s[kHalf], c[kHalf];
  for (int i = 0; i < kHalf; i++) u[i] = 1.0f - p[i];
  log8(u, radius);
  for (int i = 0; i < kHalf; i++) {
    radius[i] = sqrtf(-2.0f * radius[i]);
    theta[i] = (float)6.283185307179586 * p[i + kHalf];
  }
  sinCos8(theta, s, c);
  for (int i = 0; i < kHalf; i++) {
    p[i] = fused(radius[i] * c[i], std, mean);
    p[i + kHalf] = fused(radius[i] * s[i], std, mean);
  }
}
INLINE void normalBlock(double* p, double mean, double std) {
  for (int i = 0; i < kHalf; i++) {
    const double radius = sqrt(-2 * log(1 - p[i])), theta = 6.283185307179586 * p[i + kHalf];
    p[i] = fused(radius * cos(theta), std, mean);
    p[i + kHalf] = fused(radius * sin(theta), std, mean);
  }
}

// Scalars: mean, deviation. At least 16 elements; the last 16 are drawn anew where blocks do not end with the tensor.
template <class T>
void normal(Args a) {
  T* p = a.ptr<T>(0);
  const int64_t n = a.i(2), blocks = n / kBlock;
  const T mean = (T)a.scalar(0), std = (T)a.scalar(1);
  Twister twister(a);
  fillUniform(twister, p, n);
  parallel(blocks, kGrain / kBlock, [=](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; b++) normalBlock(p + b * kBlock, mean, std);
  });
  if (n % kBlock) {
    fillUniform(twister, p + n - kBlock, kBlock);
    normalBlock(p + n - kBlock, mean, std);
  }
  twister.finish();
}

// Scalars: probability, what stands for success.
template <class T>
void bernoulli(Args a) {
  T* p = a.ptr<T>(0);
  const double probability = a.scalar(0);
  const T success = (T)a.scalar(1);
  Twister twister(a);
  withUniform(twister, a.i(2), 0.0, [=](int64_t at, int64_t count, const double* u) {
    for (int64_t i = 0; i < count; i++) p[at + i] = u[i] < probability ? success : (T)0;
  });
  twister.finish();
}

// Scalars: smallest, range below 2^32.
template <class T>
void integers(Args a) {
  T* p = a.ptr<T>(0);
  const int64_t from = (int64_t)a.scalar(0);
  const uint32_t range = (uint32_t)a.scalar(1);
  Twister twister(a);
  withWords(twister, a.i(2), [=](int64_t at, int64_t count, const uint32_t* words) {
    for (int64_t i = 0; i < count; i++) p[at + i] = (T)((int64_t)(words[i] % range) + from);
  });
  twister.finish();
}

template <class T>
void permutation(Args a) {
  T* p = a.ptr<T>(0);
  const int64_t n = a.i(2);
  Twister twister(a);
  for (int64_t i = 0; i < n; i++) p[i] = (T)i;
  withWords(twister, n - 1, [=](int64_t at, int64_t count, const uint32_t* words) {
    for (int64_t k = 0; k < count; k++) {
      const int64_t i = at + k, j = i + words[k] % (uint32_t)(n - i);
      const T kept = p[i];
      p[i] = p[j];
      p[j] = kept;
    }
  });
  twister.finish();
}

// Scalar: -1 / rate.
template <class T>
void exponential(Args a) {
  T* p = a.ptr<T>(0);
  const double scale = a.scalar(0);
  Twister twister(a);
  withUniform(twister, a.i(2), 0.0, [=](int64_t at, int64_t count, const double* u) {
    for (int64_t i = 0; i < count; i++) p[at + i] = (T)(scale * log(1 - u[i]));
  });
  twister.finish();
}

FLOAT_KERNEL(randomUniform, uniform)
FLOAT_KERNEL(randomNormal, normal)
FLOAT_KERNEL(randomExponential, exponential)

#define NUMERIC(name, function)                                   \
  KERNEL(name) {                                                  \
    Args a;                                                       \
    switch (a.i(1)) {                                             \
      case kFloat32: function<float>(a); break;                   \
      case kFloat64: function<double>(a); break;                  \
      case kInt64: function<int64_t>(a); break;                   \
      case kInt32: function<int32_t>(a); break;                   \
      case kInt16: function<int16_t>(a); break;                   \
      case kInt8: function<int8_t>(a); break;                     \
      default: function<uint8_t>(a);                              \
    }                                                             \
    return nullptr;                                               \
  }
NUMERIC(randomBernoulli, bernoulli)
NUMERIC(randomIntegers, integers)
NUMERIC(randomPermutation, permutation)

}  // namespace

ENTRIES(randomEntries, {"randomUniform", randomUniform}, {"randomNormal", randomNormal}, {"randomExponential", randomExponential},
        {"randomBernoulli", randomBernoulli}, {"randomIntegers", randomIntegers}, {"randomPermutation", randomPermutation})

}  // namespace BLUEDOT_ISA
}  // namespace bluedot
