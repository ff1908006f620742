#pragma once
// Vectors of the instruction set that this file is compiled for. Everything lies in a namespace of that set's name, and no
// inline function of the standard library is used, so that the linker cannot mix code of different sets.
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__linux__)
#include <sys/mman.h>
#endif
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "descriptor.h"
#include "isa.h"
#include "threads.h"

#define INLINE inline __attribute__((always_inline))

namespace bluedot {
namespace BLUEDOT_ISA {

#if defined(__AVX512F__)
constexpr int kVectorBytes = 64;
#elif defined(__AVX2__)
constexpr int kVectorBytes = 32;
#else
constexpr int kVectorBytes = 16;
#endif

template <class T>
struct VectorOf;
template <>
struct VectorOf<float> {
  typedef float V __attribute__((vector_size(kVectorBytes)));
  typedef float U __attribute__((vector_size(kVectorBytes), aligned(4), may_alias));
  typedef int32_t I __attribute__((vector_size(kVectorBytes)));
};
template <>
struct VectorOf<double> {
  typedef double V __attribute__((vector_size(kVectorBytes)));
  typedef double U __attribute__((vector_size(kVectorBytes), aligned(8), may_alias));
  typedef int64_t I __attribute__((vector_size(kVectorBytes)));
};
template <class T>
using Vec = typename VectorOf<T>::V;
template <class T>
using VecI = typename VectorOf<T>::I;
template <class T>
constexpr int kLanes = kVectorBytes / (int)sizeof(T);

template <class T>
INLINE Vec<T> load(const T* p) {
  return *(const typename VectorOf<T>::U*)p;
}
template <class T>
INLINE void store(T* p, Vec<T> v) {
  *(typename VectorOf<T>::U*)p = v;
}
template <class T>
INLINE Vec<T> splat(T x) {
  return x - Vec<T>{};
}
template <class T>
INLINE Vec<T> loadPart(const T* p, int n, T fill = 0) {
  Vec<T> v = splat<T>(fill);
  memcpy(&v, p, n * sizeof(T));
  return v;
}
template <class T>
INLINE void storePart(T* p, Vec<T> v, int n) {
  memcpy(p, &v, n * sizeof(T));
}
// Sum of the lanes, always in the same order: halves first.
template <class T>
INLINE T sumLanes(Vec<T> v) {
  T lanes[kLanes<T>];
  memcpy(lanes, &v, sizeof v);
  for (int step = kLanes<T> / 2; step > 0; step /= 2)
    for (int i = 0; i < step; i++) lanes[i] += lanes[i + step];
  return lanes[0];
}
#if defined(__x86_64__)
INLINE float sumQuad(__m128 q) {
  q = _mm_add_ps(q, _mm_movehl_ps(q, q));
  return _mm_cvtss_f32(_mm_add_ss(q, _mm_shuffle_ps(q, q, 1)));
}
INLINE double sumPair(__m128d q) { return _mm_cvtsd_f64(_mm_add_sd(q, _mm_unpackhi_pd(q, q))); }
template <>
INLINE float sumLanes<float>(Vec<float> v) {
#if defined(__AVX512F__)
  __m512 w = (__m512)v;
  __m256 h = _mm256_add_ps(_mm512_castps512_ps256(w), _mm512_extractf32x8_ps(w, 1));
  return sumQuad(_mm_add_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1)));
#elif defined(__AVX2__)
  __m256 h = (__m256)v;
  return sumQuad(_mm_add_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1)));
#else
  return sumQuad((__m128)v);
#endif
}
template <>
INLINE double sumLanes<double>(Vec<double> v) {
#if defined(__AVX512F__)
  __m512d w = (__m512d)v;
  __m256d h = _mm256_add_pd(_mm512_castpd512_pd256(w), _mm512_extractf64x4_pd(w, 1));
  return sumPair(_mm_add_pd(_mm256_castpd256_pd128(h), _mm256_extractf128_pd(h, 1)));
#elif defined(__AVX2__)
  __m256d h = (__m256d)v;
  return sumPair(_mm_add_pd(_mm256_castpd256_pd128(h), _mm256_extractf128_pd(h, 1)));
#else
  return sumPair((__m128d)v);
#endif
}
#endif

template <class T>
INLINE T smaller(T a, T b) {
  return b < a ? b : a;
}
template <class T>
INLINE T larger(T a, T b) {
  return a < b ? b : a;
}
INLINE int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Runs body(begin, end) over pieces of [0, total). See parallelRanges.
template <class F>
INLINE void parallel(int64_t total, int64_t chunk, const F& body) {
  if (total <= 0) return;
  if (total <= chunk || threadCount() == 1) {
    for (int64_t begin = 0; begin < total; begin += chunk) body(begin, smaller(begin + chunk, total));
    return;
  }
  parallelRanges(total, chunk, (void*)&body, [](void* context, int64_t begin, int64_t end) { (*(const F*)context)(begin, end); });
}

// Scratch memory that each thread keeps and that only grows. Contents do not survive; slots keep users apart.
struct Scratch {
  void* p;
  size_t size;
};
constexpr int kScratchSlots = 8;
inline void* scratchBytes(int slot, size_t bytes) {
  static __thread Scratch slots[kScratchSlots];
  Scratch& s = slots[slot];
  if (bytes > s.size) {
    free(s.p);
    // Large ones lie on huge pages where the system has them.
    const size_t unit = bytes >= (1u << 20) ? (size_t)2 << 20 : 4096;
    s.size = (bytes + bytes / 4 + unit - 1) & ~(unit - 1);
    s.p = aligned_alloc(unit > 4096 ? unit : 64, s.size);
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    if (s.p && unit > 4096) madvise(s.p, s.size, MADV_HUGEPAGE);
#endif
    if (!s.p) {
      s.size = 0;
      abort();
    }
  }
  return s.p;
}
template <class T>
INLINE T* scratch(int slot, size_t count) {
  return (T*)scratchBytes(slot, count * sizeof(T) + 64);
}

struct Half {
  uint16_t bits;
};
struct BHalf {
  uint16_t bits;
};

INLINE float toFloat(BHalf h) {
  uint32_t u = (uint32_t)h.bits << 16;
  float f;
  memcpy(&f, &u, 4);
  return f;
}
INLINE BHalf toBHalf(float f) {
  uint32_t u;
  memcpy(&u, &f, 4);
  if (f != f) return {0x7fc0};
  return {(uint16_t)((u + 0x7fff + ((u >> 16) & 1)) >> 16)};
}
INLINE float toFloat(Half h) {
  uint32_t sign = (uint32_t)(h.bits & 0x8000) << 16, rest = h.bits & 0x7fff, u;
  if (rest >= 0x7c00) u = sign | 0x7f800000 | (rest & 0x3ff) << 13;
  else {
    // Scaling by 2^112 moves the exponent and normalises subnormals.
    uint32_t shifted = rest << 13;
    float f;
    memcpy(&f, &shifted, 4);
    f *= 5.192296858534828e33f;
    memcpy(&u, &f, 4);
    u |= sign;
  }
  float f;
  memcpy(&f, &u, 4);
  return f;
}
INLINE Half toHalf(float f) {
  uint32_t u;
  memcpy(&u, &f, 4);
  uint32_t sign = (u >> 16) & 0x8000, rest = u & 0x7fffffff;
  if (rest > 0x7f800000) return {(uint16_t)(sign | 0x7e00)};
  if (rest >= 0x477ff000) return {(uint16_t)(sign | 0x7c00)};
  if (rest < 0x38800000) {
    // Adding 0.5 aligns the subnormal's last bit with the float's, rounding to even on the way.
    float a;
    memcpy(&a, &rest, 4);
    a += 0.5f;
    memcpy(&u, &a, 4);
    return {(uint16_t)(sign | (u - 0x3f000000))};
  }
  return {(uint16_t)(sign | ((rest + 0xfff + ((rest >> 13) & 1) - 0x38000000) >> 13))};
}

// The lists of entries that each file of kernels contributes; table.cc joins them.
struct Entries {
  const KernelEntry* list;
  int count;
};

}  // namespace BLUEDOT_ISA
}  // namespace bluedot

#define KERNEL(name) static napi_value name([[maybe_unused]] napi_env env, napi_callback_info)
// A kernel by one function for the two types of floats; slot 1 says which.
#define FLOAT_KERNEL(name, function)                 \
  KERNEL(name) {                                     \
    Args a;                                          \
    if (a.i(1) == kFloat32) function<float>(a);      \
    else function<double>(a);                        \
    return nullptr;                                  \
  }
#define ENTRIES(function, ...)                                           \
  Entries function() {                                                   \
    static const KernelEntry list[] = {__VA_ARGS__};                     \
    return {list, (int)(sizeof list / sizeof list[0])};                  \
  }
