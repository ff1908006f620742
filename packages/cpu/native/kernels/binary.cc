#include "pointwise.h"
#include "vmath.h"

namespace bluedot {
namespace BLUEDOT_ISA {
namespace {

#define BINARY_FUNCTOR(Name, expression)                    \
  struct Name {                                             \
    explicit Name(const double*) {}                         \
    template <class T>                                      \
    INLINE T operator()(T a, T b) const { return expression; } \
  };
#define COMPARISON(Name, expression)                        \
  struct Name {                                             \
    explicit Name(const double*) {}                         \
    template <class T>                                      \
    INLINE bool operator()(T a, T b) const { return expression; } \
  };
BINARY_FUNCTOR(Add, (T)(a + b))
BINARY_FUNCTOR(Sub, (T)(a - b))
BINARY_FUNCTOR(Mul, (T)(a * b))
BINARY_FUNCTOR(Div, a / b)
BINARY_FUNCTOR(Maximum, a != a ? a : b != b ? b : a < b ? b : a)
BINARY_FUNCTOR(Minimum, a != a ? a : b != b ? b : b < a ? b : a)
BINARY_FUNCTOR(Fmax, a != a ? b : b != b ? a : a < b ? b : a)
BINARY_FUNCTOR(Fmin, a != a ? b : b != b ? a : b < a ? b : a)
BINARY_FUNCTOR(BitAnd, (T)(a & b))
BINARY_FUNCTOR(BitOr, (T)(a | b))
BINARY_FUNCTOR(BitXor, (T)(a ^ b))
COMPARISON(Eq, a == b)
COMPARISON(Ne, a != b)
COMPARISON(Lt, a < b)
COMPARISON(Le, a <= b)
COMPARISON(Gt, a > b)
COMPARISON(Ge, a >= b)
COMPARISON(And, (a != 0) & (b != 0))
COMPARISON(Or, (a != 0) | (b != 0))
COMPARISON(Xor, (a != 0) ^ (b != 0))

#define FLOAT_BINARY(Name, single, twice)                       \
  struct Name {                                                 \
    explicit Name(const double*) {}                             \
    INLINE float operator()(float a, float b) const { return single; }   \
    INLINE double operator()(double a, double b) const { return twice; } \
  };
FLOAT_BINARY(Pow, powf(a, b), pow(a, b))
FLOAT_BINARY(Atan2, atan2f(a, b), atan2(a, b))
FLOAT_BINARY(Fmod, fmodf(a, b), fmod(a, b))
FLOAT_BINARY(Hypot, hypotf(a, b), hypot(a, b))
template <class T>
INLINE T floorMod(T b, T remainder) {
  return remainder != 0 && (b < 0) != (remainder < 0) ? remainder + b : remainder;
}
FLOAT_BINARY(Remainder, floorMod(b, fmodf(a, b)), floorMod(b, fmod(a, b)))

// Derivatives: a is the incoming gradient, b what the forward pass kept (its input x or its output y).
BINARY_FUNCTOR(ReluBackward, b <= 0 ? (T)0 : a)
BINARY_FUNCTOR(SigmoidBackward, a * ((T)1 - b) * b)
BINARY_FUNCTOR(TanhBackward, a * ((T)1 - b * b))
struct ThresholdBackward {
  double threshold;
  explicit ThresholdBackward(const double* s) : threshold(s[0]) {}
  template <class T>
  INLINE T operator()(T a, T b) const { return b <= (T)threshold ? (T)0 : a; }
};
struct LeakyReluBackward {
  double slope;
  explicit LeakyReluBackward(const double* s) : slope(s[0]) {}
  template <class T>
  INLINE T operator()(T a, T b) const { return b > 0 ? a : a * (T)slope; }
};
struct HardtanhBackward {
  double low, high;
  explicit HardtanhBackward(const double* s) : low(s[0]), high(s[1]) {}
  template <class T>
  INLINE T operator()(T a, T b) const { return b > (T)low && b < (T)high ? a : (T)0; }
};
FLOAT_BINARY(SiluBackward, ({ float q = 1.f / (1.f + expf(-b)); a * q * (1.f + b * (1.f - q)); }),
             ({ double q = 1. / (1. + exp(-b)); a * q * (1. + b * (1. - q)); }))
struct VSiluBackward {
  explicit VSiluBackward(const double*) {}
  INLINE VF operator()(VF a, VF b) const {
    VF q = vsigmoid(b);
    return a * q * (vf(1.f) + b * (vf(1.f) - q));
  }
};
constexpr double kInverseSqrt2 = 0.70710678118654752440, kInverseSqrt2Pi = 0.39894228040143267794;
FLOAT_BINARY(GeluBackward, (float)((double)a * (0.5 * (1. + erf(b * kInverseSqrt2)) + b * kInverseSqrt2Pi * exp(-0.5 * b * b))),
             a * (0.5 * (1. + erf(b * kInverseSqrt2)) + b * kInverseSqrt2Pi * exp(-0.5 * b * b)))
struct VGeluBackward {
  explicit VGeluBackward(const double*) {}
  INLINE VF operator()(VF a, VF b) const {
    VF cdf = vf(0.5f) * (vf(1.f) + vfastErf(b * vf((float)kInverseSqrt2)));
    VF pdf = vf((float)kInverseSqrt2Pi) * vexp(vf(-0.5f) * b * b);
    return a * (cdf + b * pdf);
  }
};

struct ShrinkBackward {
  double lambda;
  explicit ShrinkBackward(const double* s) : lambda(s[0]) {}
  template <class T>
  INLINE T operator()(T a, T b) const { return b >= (T)-lambda && b <= (T)lambda ? (T)0 : a; }
};
// PyTorch multiplies by the float32 nearest to 1/6, in float64 too.
BINARY_FUNCTOR(HardsigmoidBackward, b > -3 && b < 3 ? a * (T)(1.f / 6.f) : (T)0)
BINARY_FUNCTOR(HardswishBackward, b < -3 ? (T)0 : b <= 3 ? a * (b / 3 + (T)0.5) : a)
BINARY_FUNCTOR(Prelu, a > 0 ? a : a * b)
// The compiler fuses product and sum where the instruction set has that.
struct AddScaled {  // s: alpha
  double alpha;
  explicit AddScaled(const double* s) : alpha(s[0]) {}
  template <class T>
  INLINE T operator()(T a, T b) const { return a + (T)alpha * b; }
};
struct EluBackward {  // s: alpha, scale, inputScale
  double alpha, scale, inputScale;
  explicit EluBackward(const double* s) : alpha(s[0]), scale(s[1]), inputScale(s[2]) {}
  INLINE double operator()(double a, double b) const { return b > 0 ? a * scale : a * inputScale * alpha * scale * exp(b * inputScale); }
  INLINE float operator()(float a, float b) const {
    return b > 0 ? a * (float)scale : a * (float)(inputScale * alpha * scale) * expf(b * (float)inputScale);
  }
};
struct SoftplusBackward {  // s: beta, threshold
  double beta, threshold;
  explicit SoftplusBackward(const double* s) : beta(s[0]), threshold(s[1]) {}
  INLINE double operator()(double a, double b) const {
    if (b * beta > threshold) return a;
    const double z = exp(b * beta);
    return a * z / (z + 1);
  }
  INLINE float operator()(float a, float b) const {
    if (b * (float)beta > (float)threshold) return a;
    const float z = expf(b * (float)beta);
    return a * z / (z + 1);
  }
};
// With u = c (x + 0.044715 x^3): half (1 + tanh u) + x/2 (1 - tanh^2 u) u'.
template <class T>
INLINE T geluTanhSlope(T x) {
  constexpr T c = (T)0.79788456080286535588, k = (T)0.044715;
  const T t = tanh(c * (x + k * x * x * x));
  return (T)0.5 * (1 + t) + (T)0.5 * x * (1 - t * t) * c * (1 + 3 * k * x * x);
}
FLOAT_BINARY(GeluTanhBackward, (float)((double)a * geluTanhSlope((double)b)), a * geluTanhSlope(b))
struct VGeluTanhBackward {
  explicit VGeluTanhBackward(const double*) {}
  INLINE VF operator()(VF a, VF x) const {
    const VF c = vf(0.79788456f), k = vf(0.044715f), z = k * x * x;
    const VF t = vtanh(c * x * (vf(1.f) + z));
    return a * vf(0.5f) * (vf(1.f) + t + x * (vf(1.f) - t * t) * c * (vf(1.f) + vf(3.f) * z));
  }
};
// x log y, 0 where x is 0 and y a number.
FLOAT_BINARY(Xlogy, b != b ? b : a == 0.f ? 0.f : a * logf(b), b != b ? b : a == 0. ? 0. : a * log(b))
struct VXlogy {
  explicit VXlogy(const double*) {}
  INLINE VF operator()(VF a, VF b) const {
    const VF y = a == vf(0.f) ? vf(0.f) : a * vlog(b);
    return b != b ? b : y;
  }
};
// log(e^a + e^b); equal infinities are their own sum.
template <class T>
INLINE T sumOfLogs(T a, T b) {
  return a == b && (a == (T)INFINITY || a == -(T)INFINITY) ? a : larger(a, b) + (T)log1p(exp(-fabs((double)a - (double)b)));
}
FLOAT_BINARY(LogAddExp, a != a ? a : b != b ? b : sumOfLogs(a, b), a != a ? a : b != b ? b : sumOfLogs(a, b))
struct VLogAddExp {
  explicit VLogAddExp(const double*) {}
  INLINE VF operator()(VF a, VF b) const {
    const VF top = a > b ? a : b;
    VF y = top + vlog1p(vexp(-absolute(a - b)));
    y = a == b && absolute(a) == vf(INFINITY) ? a : y;
    y = b != b ? b : y;
    return a != a ? a : y;
  }
};
FLOAT_BINARY(CopySign, copysignf(a, b), copysign(a, b))
BINARY_FUNCTOR(Heaviside, a == 0 ? b : (T)(a > 0 ? 1 : 0))
// Python's floor division: exact for quotients near an integer.
template <class T>
INLINE T floorQuotient(T a, T b) {
  if (b == 0) return a / b;
  T remainder = fmod(a, b), quotient = (a - remainder) / b;
  if (remainder != 0 && (b < 0) != (remainder < 0)) quotient -= 1;
  if (quotient == 0) return copysign((T)0, a / b);
  const T down = floor(quotient);
  return quotient - down > (T)0.5 ? down + 1 : down;
}
FLOAT_BINARY(FloorDivide, floorQuotient(a, b), floorQuotient(a, b))
FLOAT_BINARY(DivTrunc, truncf(a / b), trunc(a / b))

template <class F>
constexpr PointTable floats() {
  PointTable t{};
  t.of[kFloat32] = mapBinary<F, float, float>;
  t.of[kFloat64] = mapBinary<F, double, double>;
  return t;
}
template <class V, class F>
constexpr PointTable vectors() {
  PointTable t = floats<F>();
  t.of[kFloat32] = mapBinaryVector<V>;
  return t;
}
template <class F>
constexpr PointTable integers(PointTable t = {}) {
  t.of[kUInt8] = mapBinary<F, uint8_t, uint8_t>;
  t.of[kInt8] = mapBinary<F, int8_t, int8_t>;
  t.of[kInt16] = mapBinary<F, int16_t, int16_t>;
  t.of[kInt32] = mapBinary<F, int32_t, int32_t>;
  t.of[kInt64] = mapBinary<F, int64_t, int64_t>;
  return t;
}
template <class F>
constexpr PointTable bits() {
  PointTable t = integers<F>();
  t.of[kBool] = t.of[kUInt8];
  return t;
}
template <class F>
constexpr PointTable numbers() {
  return integers<F>(floats<F>());
}
// Numbers, and bool by the bitwise function B.
template <class F, class B>
constexpr PointTable numbersAndBool() {
  PointTable t = numbers<F>();
  t.of[kBool] = mapBinary<B, uint8_t, uint8_t>;
  return t;
}
template <class F>
constexpr PointTable comparisons() {
  PointTable t{};
  t.of[kFloat32] = mapBinary<F, float, bool>;
  t.of[kFloat64] = mapBinary<F, double, bool>;
  t.of[kUInt8] = t.of[kBool] = mapBinary<F, uint8_t, bool>;
  t.of[kInt8] = mapBinary<F, int8_t, bool>;
  t.of[kInt16] = mapBinary<F, int16_t, bool>;
  t.of[kInt32] = mapBinary<F, int32_t, bool>;
  t.of[kInt64] = mapBinary<F, int64_t, bool>;
  return t;
}

#define BINARY(name, heavy, ...)                       \
  KERNEL(name) {                                       \
    static constexpr PointTable table = __VA_ARGS__;   \
    runPointwise(table, 3, 1, heavy);                  \
    return nullptr;                                    \
  }
BINARY(add, false, numbersAndBool<Add, BitOr>())
BINARY(sub, false, numbers<Sub>())
BINARY(mul, false, numbersAndBool<Mul, BitAnd>())
BINARY(div_, false, floats<Div>())
BINARY(maximum, false, numbersAndBool<Maximum, BitOr>())
BINARY(minimum, false, numbersAndBool<Minimum, BitAnd>())
BINARY(fmax_, false, numbersAndBool<Fmax, BitOr>())
BINARY(fmin_, false, numbersAndBool<Fmin, BitAnd>())
BINARY(pow_, true, floats<Pow>())
BINARY(atan2_, true, floats<Atan2>())
BINARY(fmod_, true, floats<Fmod>())
BINARY(hypot_, true, floats<Hypot>())
BINARY(remainder_, true, floats<Remainder>())
BINARY(bitwiseAnd, false, bits<BitAnd>())
BINARY(bitwiseOr, false, bits<BitOr>())
BINARY(bitwiseXor, false, bits<BitXor>())
BINARY(eq, false, comparisons<Eq>())
BINARY(ne, false, comparisons<Ne>())
BINARY(lt, false, comparisons<Lt>())
BINARY(le, false, comparisons<Le>())
BINARY(gt, false, comparisons<Gt>())
BINARY(ge, false, comparisons<Ge>())
BINARY(logicalAnd, false, comparisons<And>())
BINARY(logicalOr, false, comparisons<Or>())
BINARY(logicalXor, false, comparisons<Xor>())
BINARY(reluBackward, false, floats<ReluBackward>())
BINARY(thresholdBackward, false, floats<ThresholdBackward>())
BINARY(sigmoidBackward, false, floats<SigmoidBackward>())
BINARY(tanhBackward, false, floats<TanhBackward>())
BINARY(addScaled, false, floats<AddScaled>())
BINARY(leakyReluBackward, false, floats<LeakyReluBackward>())
BINARY(hardtanhBackward, false, floats<HardtanhBackward>())
BINARY(shrinkBackward, false, floats<ShrinkBackward>())
BINARY(hardsigmoidBackward, false, floats<HardsigmoidBackward>())
BINARY(hardswishBackward, false, floats<HardswishBackward>())
BINARY(prelu, false, floats<Prelu>())
BINARY(eluBackward, true, floats<EluBackward>())
BINARY(softplusBackward, true, floats<SoftplusBackward>())
BINARY(geluTanhBackward, true, vectors<VGeluTanhBackward, GeluTanhBackward>())
BINARY(xlogy_, true, vectors<VXlogy, Xlogy>())
BINARY(logaddexp_, true, vectors<VLogAddExp, LogAddExp>())
BINARY(copysign_, false, floats<CopySign>())
BINARY(heaviside_, false, floats<Heaviside>())
BINARY(floorDivide, true, floats<FloorDivide>())
BINARY(divTrunc, false, floats<DivTrunc>())
BINARY(siluBackward, true, vectors<VSiluBackward, SiluBackward>())
BINARY(geluBackward, true, vectors<VGeluBackward, GeluBackward>())

// Operands of the ternary kernels: a condition of bytes, then two values of any size.
template <class T>
void whereOf(char* const* p, int64_t n, const double*) {
  T* y = (T*)p[0];
  const uint8_t* condition = (const uint8_t*)p[1];
  const T *a = (const T*)p[2], *b = (const T*)p[3];
#pragma GCC ivdep
  for (int64_t i = 0; i < n; i++) y[i] = condition[i] ? a[i] : b[i];
}
KERNEL(where) {
  static constexpr PointTable table = [] {
    PointTable t{};
    t.of[kUInt8] = t.of[kInt8] = t.of[kBool] = whereOf<uint8_t>;
    t.of[kInt16] = whereOf<uint16_t>;
    t.of[kInt32] = t.of[kFloat32] = whereOf<uint32_t>;
    t.of[kInt64] = t.of[kFloat64] = whereOf<uint64_t>;
    return t;
  }();
  runPointwise(table, 4, 1, false);
  return nullptr;
}

#define TERNARY_FUNCTOR(Name, expression)                       \
  struct Name {                                                 \
    double s_;                                                  \
    explicit Name(const double* s) : s_(s[0]) {}                \
    template <class T>                                          \
    INLINE T operator()(T a, T b, T c) const {                  \
      [[maybe_unused]] T s = (T)s_;                             \
      return expression;                                        \
    }                                                           \
  };
TERNARY_FUNCTOR(Addcmul, a + s * b * c)
TERNARY_FUNCTOR(Addcdiv, a + s * b / c)
TERNARY_FUNCTOR(Lerp, (c < 0 ? -c : c) < (T)0.5 ? a + c * (b - a) : b - (b - a) * ((T)1 - c))
TERNARY_FUNCTOR(ClampTensor, a != a ? a : b != b ? b : c != c ? c : smaller(larger(a, b), c))
template <class F>
constexpr PointTable ternary() {
  PointTable t{};
  t.of[kFloat32] = mapTernary<F, float>;
  t.of[kFloat64] = mapTernary<F, double>;
  return t;
}
#define TERNARY(name, ...)                             \
  KERNEL(name) {                                       \
    static constexpr PointTable table = __VA_ARGS__;   \
    runPointwise(table, 4, 1, false);                  \
    return nullptr;                                    \
  }
TERNARY(addcmul, ternary<Addcmul>())
TERNARY(addcdiv, ternary<Addcdiv>())
TERNARY(lerp_, ternary<Lerp>())
TERNARY(clampTensor, ternary<ClampTensor>())

}  // namespace

ENTRIES(binaryEntries, {"add", add}, {"addScaled", addScaled}, {"sub", sub}, {"mul", mul}, {"div", div_}, {"maximum", maximum}, {"minimum", minimum},
        {"fmax", fmax_}, {"fmin", fmin_}, {"pow", pow_}, {"atan2", atan2_}, {"fmod", fmod_}, {"hypot", hypot_}, {"remainder", remainder_},
        {"bitwiseAnd", bitwiseAnd}, {"bitwiseOr", bitwiseOr}, {"bitwiseXor", bitwiseXor}, {"eq", eq}, {"ne", ne}, {"lt", lt}, {"le", le},
        {"gt", gt}, {"ge", ge}, {"logicalAnd", logicalAnd}, {"logicalOr", logicalOr}, {"logicalXor", logicalXor},
        {"reluBackward", reluBackward}, {"thresholdBackward", thresholdBackward}, {"sigmoidBackward", sigmoidBackward},
        {"tanhBackward", tanhBackward}, {"leakyReluBackward", leakyReluBackward}, {"hardtanhBackward", hardtanhBackward},
        {"shrinkBackward", shrinkBackward}, {"hardsigmoidBackward", hardsigmoidBackward}, {"hardswishBackward", hardswishBackward},
        {"prelu", prelu}, {"eluBackward", eluBackward}, {"softplusBackward", softplusBackward}, {"geluTanhBackward", geluTanhBackward},
        {"xlogy", xlogy_}, {"logaddexp", logaddexp_}, {"copysign", copysign_}, {"heaviside", heaviside_},
        {"floorDivide", floorDivide}, {"divTrunc", divTrunc}, {"siluBackward", siluBackward}, {"geluBackward", geluBackward}, {"where", where}, {"addcmul", addcmul}, {"addcdiv", addcdiv},
        {"lerp", lerp_}, {"clampTensor", clampTensor})

}  // namespace BLUEDOT_ISA
}  // namespace bluedot
