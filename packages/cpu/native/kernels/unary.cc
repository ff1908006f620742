#include "pointwise.h"
#include "vmath.h"

namespace bluedot {
namespace BLUEDOT_ISA {
namespace {

struct NoParameters {
  explicit NoParameters(const double*) {}
};

// Functions of the C library, for float and double alike; floats are computed in single precision.
#define LIBRARY(Name, single, twice)                 \
  struct Name : NoParameters {                       \
    using NoParameters::NoParameters;                \
    INLINE float operator()(float x) const { return single; }  \
    INLINE double operator()(double x) const { return twice; } \
  };
LIBRARY(Exp, expf(x), exp(x))
LIBRARY(Exp2, exp2f(x), exp2(x))
LIBRARY(Expm1, expm1f(x), expm1(x))
LIBRARY(Log, logf(x), log(x))
LIBRARY(Log2, log2f(x), log2(x))
LIBRARY(Log10, log10f(x), log10(x))
LIBRARY(Log1p, log1pf(x), log1p(x))
LIBRARY(Sqrt, sqrtf(x), sqrt(x))
LIBRARY(Rsqrt, 1.f / sqrtf(x), 1. / sqrt(x))
LIBRARY(Reciprocal, 1.f / x, 1. / x)
LIBRARY(Sin, sinf(x), sin(x))
LIBRARY(Cos, cosf(x), cos(x))
LIBRARY(Tan, tanf(x), tan(x))
LIBRARY(Asin, asinf(x), asin(x))
LIBRARY(Acos, acosf(x), acos(x))
LIBRARY(Atan, atanf(x), atan(x))
LIBRARY(Sinh, sinhf(x), sinh(x))
LIBRARY(Cosh, coshf(x), cosh(x))
LIBRARY(Tanh, tanhf(x), tanh(x))
LIBRARY(Asinh, asinhf(x), asinh(x))
LIBRARY(Acosh, acoshf(x), acosh(x))
LIBRARY(Atanh, atanhf(x), atanh(x))
LIBRARY(Sigmoid, 1.f / (1.f + expf(-x)), 1. / (1. + exp(-x)))
LIBRARY(Floor, floorf(x), floor(x))
LIBRARY(Ceil, ceilf(x), ceil(x))
LIBRARY(Trunc, truncf(x), trunc(x))
LIBRARY(Round, rintf(x), rint(x))
LIBRARY(Frac, x - truncf(x), x - trunc(x))
LIBRARY(Erf, erff(x), erf(x))
LIBRARY(Erfc, erfcf(x), erfc(x))
LIBRARY(Lgamma, (float)lgamma((double)x), lgamma(x))
LIBRARY(Silu, x / (1.f + expf(-x)), x / (1. + exp(-x)))
LIBRARY(Gelu, x * 0.5f * (1.f + erff(x * 0.70710678f)), x * 0.5 * (1. + erf(x * 0.70710678118654752440)))
LIBRARY(GeluTanh, 0.5f * x * (1.f + tanhf(0.79788456f * (x + 0.044715f * x * x * x))),
        0.5 * x * (1. + tanh(0.79788456080286535588 * (x + 0.044715 * x * x * x))))
LIBRARY(LogSigmoid, smaller(x, 0.f) - log1pf(expf(-fabsf(x))), smaller(x, 0.) - log1p(exp(-fabs(x))))
LIBRARY(Sinc, x == 0.f ? 1.f : (float)(sin(M_PI * (double)x) / (M_PI * (double)x)), x == 0. ? 1. : sin(M_PI * x) / (M_PI * x))
LIBRARY(Mish, x * tanhf(x > 20.f ? x : log1pf(expf(x))), x * tanh(x > 36. ? x : log1p(exp(x))))

// The inverse of erf: a guess within 0.2 % (Winitzki, 2008), then two steps of Halley's method, each of which triples the digits.
INLINE double erfInverse(double x) {
  const double a = fabs(x);
  if (!(a < 1)) return a == 1 ? x * INFINITY : NAN;
  if (x == 0) return x;
  const double l = log((1 - a) * (1 + a)), b = 2 / (M_PI * 0.147) + l / 2;
  double y = sqrt(sqrt(b * b - l / 0.147) - b);
  for (int i = 0; i < 2; i++) {
    // Near 1 the distance from 1 has more digits.
    const double excess = a > 0.5 ? (1 - a) - erfc(y) : erf(y) - a;
    const double u = excess / (M_2_SQRTPI * exp(-y * y));
    y -= u / (1 + y * u);
  }
  return x < 0 ? -y : y;
}
LIBRARY(Erfinv, (float)erfInverse((double)x), erfInverse(x))

#define VECTOR(Name, expression)                     \
  struct Name : NoParameters {                       \
    using NoParameters::NoParameters;                \
    INLINE VF operator()(VF x) const { return expression; } \
  };
VECTOR(VExp, vexp(x))
VECTOR(VLog, vlog(x))
VECTOR(VLog1p, vlog1p(x))
VECTOR(VTanh, vtanh(x))
VECTOR(VSigmoid, vsigmoid(x))
VECTOR(VErf, verf(x))
VECTOR(VSilu, x / (vf(1.f) + vexp(-x)))
VECTOR(VGelu, x * vf(0.5f) * (vf(1.f) + vfastErf(x * vf(0.70710678f))))
VECTOR(VGeluTanh, vf(0.5f) * x * (vf(1.f) + vtanh(vf(0.79788456f) * (x + vf(0.044715f) * x * x * x))))
VECTOR(VMish, x * vtanh(x > vf(20.f) ? x : vlog1p(vexp(x))))
VECTOR(VLogSigmoid, (x < vf(0.f) ? x : vf(0.f)) - vlog1p(vexp(-absolute(x))))

// Sine and cosine; a vector with a large element goes to the C library.
template <bool kCosine>
struct VSin : NoParameters {
  using NoParameters::NoParameters;
  INLINE VF operator()(VF x) const {
    const VI large = absolute(x) > vf(8192.f);
    bool any = false;
    for (int i = 0; i < kLanes<float>; i++) any |= large[i] != 0;
    if (!any) return vsinReduced(x, kCosine);
    for (int i = 0; i < kLanes<float>; i++) x[i] = kCosine ? cosf(x[i]) : sinf(x[i]);
    return x;
  }
};

// Arithmetic of any type.
#define GENERIC(Name, expression)                    \
  struct Name : NoParameters {                       \
    using NoParameters::NoParameters;                \
    template <class T>                               \
    INLINE T operator()(T x) const { return expression; } \
  };
GENERIC(Neg, (T)-x)
GENERIC(Square, (T)(x * x))
GENERIC(Relu, x > 0 ? x : x != x ? x : (T)0)
GENERIC(Sign, (T)((x > 0) - (x < 0)))
GENERIC(BitNot, (T)~x)
struct Abs : NoParameters {
  using NoParameters::NoParameters;
  INLINE float operator()(float x) const { return fabsf(x); }
  INLINE double operator()(double x) const { return fabs(x); }
  template <class T>
  INLINE T operator()(T x) const { return x < 0 ? (T)-x : x; }
};
#define PREDICATE(Name, expression)                  \
  struct Name : NoParameters {                       \
    using NoParameters::NoParameters;                \
    template <class T>                               \
    INLINE bool operator()(T x) const { return expression; } \
  };
PREDICATE(IsNan, x != x)
PREDICATE(IsInf, x == (T)INFINITY || x == -(T)INFINITY)
PREDICATE(IsFinite, x - x == 0)
PREDICATE(LogicalNot, x == 0)

struct Clamp {  // s: min, max, as doubles; NaN stays
  double low, high;
  explicit Clamp(const double* s) : low(s[0]), high(s[1]) {}
  template <class T>
  INLINE T operator()(T x) const {
    T l = (T)low, h = (T)high;
    x = x < l ? l : x;
    return x > h ? h : x;
  }
};
#define PARAMETRIC(Name, expression)                 \
  struct Name {                                      \
    double a_, b_, c_;                               \
    explicit Name(const double* s) : a_(s[0]), b_(s[1]), c_(s[2]) {} \
    template <class T>                               \
    INLINE T operator()(T x) const {                 \
      [[maybe_unused]] T a = (T)a_, b = (T)b_, c = (T)c_; \
      return expression;                             \
    }                                                \
  };
PARAMETRIC(LeakyRelu, x > 0 ? x : x * a)
PARAMETRIC(Threshold, x <= a ? b : x)
PARAMETRIC(Hardshrink, x >= -a && x <= a ? (T)0 : x)
PARAMETRIC(Softshrink, x > a ? x - a : x < -a ? x + a : (T)0)
PARAMETRIC(Hardsigmoid, smaller(larger(x + (T)3, (T)0), (T)6) / (T)6)
PARAMETRIC(Hardswish, x * smaller(larger(x + (T)3, (T)0), (T)6) / (T)6)
PARAMETRIC(NanToNum, x != x ? a : x == (T)INFINITY ? b : x == -(T)INFINITY ? c : x)  // s: for NaN, infinity, minus infinity

struct Logit {  // s: eps, below 0 for none
  double eps;
  explicit Logit(const double* s) : eps(s[0]) {}
  template <class T>
  INLINE T inside(T x) const {
    if (eps < 0) return x;
    const T low = (T)eps, high = (T)(1 - eps);
    x = x < low ? low : x;
    return x > high ? high : x;
  }
  INLINE float operator()(float x) const { return logf(inside(x) / (1.f - inside(x))); }
  INLINE double operator()(double x) const { return log(inside(x) / (1. - inside(x))); }
};
struct VLogit : Logit {
  using Logit::Logit;
  INLINE VF operator()(VF x) const {
    if (eps >= 0) {
      const VF low = vf((float)eps), high = vf((float)(1 - eps));
      x = x < low ? low : x;
      x = x > high ? high : x;
    }
    return vlog(x / (vf(1.f) - x));
  }
};

struct Elu {  // s: alpha, scale, inputScale
  double alpha, scale, inputScale;
  explicit Elu(const double* s) : alpha(s[0]), scale(s[1]), inputScale(s[2]) {}
  INLINE double operator()(double x) const { return x <= 0 ? expm1(x * inputScale) * alpha * scale : x * scale; }
  INLINE float operator()(float x) const { return x <= 0 ? expm1f(x * (float)inputScale) * (float)(alpha * scale) : x * (float)scale; }
};
struct Softplus {  // s: beta, threshold
  double beta, threshold;
  explicit Softplus(const double* s) : beta(s[0]), threshold(s[1]) {}
  INLINE double operator()(double x) const { return x * beta > threshold ? x : log1p(exp(x * beta)) / beta; }
  INLINE float operator()(float x) const { return x * (float)beta > (float)threshold ? x : log1pf(expf(x * (float)beta)) / (float)beta; }
};
struct VSoftplus {
  float beta, threshold;
  explicit VSoftplus(const double* s) : beta((float)s[0]), threshold((float)s[1]) {}
  INLINE VF operator()(VF x) const {
    VF z = x * vf(beta);
    return z > vf(threshold) ? x : vlog1p(vexp(z)) / vf(beta);
  }
};

struct Cube : NoParameters {
  using NoParameters::NoParameters;
  template <class T>
  INLINE T operator()(T x) const { return x * x * x; }
};
// x^s for one exponent: those that have a cheaper form take it.
template <class T>
void powScalarOf(char* const* p, int64_t n, const double* s) {
  double e = s[0];
  if (e == 2) return mapUnary<Square, T, T>(p, n, s);
  if (e == 3) return mapUnary<Cube, T, T>(p, n, s);
  if (e == 0.5) return mapUnary<Sqrt, T, T>(p, n, s);
  if (e == -0.5) return mapUnary<Rsqrt, T, T>(p, n, s);
  if (e == -1) return mapUnary<Reciprocal, T, T>(p, n, s);
  T* y = (T*)p[0];
  const T* x = (const T*)p[1];
  for (int64_t i = 0; i < n; i++) y[i] = sizeof(T) == 4 ? (T)powf((float)x[i], (float)e) : (T)pow((double)x[i], e);
}

template <class F>
constexpr PointTable floats() {
  PointTable t{};
  t.of[kFloat32] = mapUnary<F, float, float>;
  t.of[kFloat64] = mapUnary<F, double, double>;
  return t;
}
template <class V, class F>
constexpr PointTable vectors() {
  PointTable t = floats<F>();
  t.of[kFloat32] = mapUnaryVector<V>;
  return t;
}
template <class F>
constexpr PointTable numbers() {
  PointTable t = floats<F>();
  t.of[kUInt8] = mapUnary<F, uint8_t, uint8_t>;
  t.of[kInt8] = mapUnary<F, int8_t, int8_t>;
  t.of[kInt16] = mapUnary<F, int16_t, int16_t>;
  t.of[kInt32] = mapUnary<F, int32_t, int32_t>;
  t.of[kInt64] = mapUnary<F, int64_t, int64_t>;
  return t;
}
template <class F>
constexpr PointTable predicates(bool integers) {
  PointTable t{};
  t.of[kFloat32] = mapUnary<F, float, bool>;
  t.of[kFloat64] = mapUnary<F, double, bool>;
  if (integers) {
    t.of[kUInt8] = t.of[kBool] = mapUnary<F, uint8_t, bool>;
    t.of[kInt8] = mapUnary<F, int8_t, bool>;
    t.of[kInt16] = mapUnary<F, int16_t, bool>;
    t.of[kInt32] = mapUnary<F, int32_t, bool>;
    t.of[kInt64] = mapUnary<F, int64_t, bool>;
  }
  return t;
}
constexpr PointTable powScalarTable() {
  PointTable t{};
  t.of[kFloat32] = powScalarOf<float>;
  t.of[kFloat64] = powScalarOf<double>;
  return t;
}

constexpr PointTable bitNotTable() {
  PointTable t{};
  t.of[kUInt8] = mapUnary<BitNot, uint8_t, uint8_t>;
  t.of[kInt8] = mapUnary<BitNot, int8_t, int8_t>;
  t.of[kInt16] = mapUnary<BitNot, int16_t, int16_t>;
  t.of[kInt32] = mapUnary<BitNot, int32_t, int32_t>;
  t.of[kInt64] = mapUnary<BitNot, int64_t, int64_t>;
  return t;
}

#define UNARY(name, heavy, ...)                        \
  KERNEL(name) {                                       \
    static constexpr PointTable table = __VA_ARGS__;   \
    runPointwise(table, 2, 1, heavy);                  \
    return nullptr;                                    \
  }
UNARY(exp_, true, vectors<VExp, Exp>())
UNARY(exp2_, true, floats<Exp2>())
UNARY(expm1_, true, floats<Expm1>())
UNARY(log_, true, vectors<VLog, Log>())
UNARY(log2_, true, floats<Log2>())
UNARY(log10_, true, floats<Log10>())
UNARY(log1p_, true, vectors<VLog1p, Log1p>())
UNARY(sqrt_, false, floats<Sqrt>())
UNARY(rsqrt_, false, floats<Rsqrt>())
UNARY(reciprocal_, false, floats<Reciprocal>())
UNARY(sin_, true, vectors<VSin<false>, Sin>())
UNARY(cos_, true, vectors<VSin<true>, Cos>())
UNARY(tan_, true, floats<Tan>())
UNARY(asin_, true, floats<Asin>())
UNARY(acos_, true, floats<Acos>())
UNARY(atan_, true, floats<Atan>())
UNARY(sinh_, true, floats<Sinh>())
UNARY(cosh_, true, floats<Cosh>())
UNARY(tanh_, true, vectors<VTanh, Tanh>())
UNARY(asinh_, true, floats<Asinh>())
UNARY(acosh_, true, floats<Acosh>())
UNARY(atanh_, true, floats<Atanh>())
UNARY(sigmoid_, true, vectors<VSigmoid, Sigmoid>())
UNARY(floor_, false, floats<Floor>())
UNARY(ceil_, false, floats<Ceil>())
UNARY(trunc_, false, floats<Trunc>())
UNARY(round_, false, floats<Round>())
UNARY(frac_, false, floats<Frac>())
UNARY(erf_, true, vectors<VErf, Erf>())
UNARY(erfc_, true, floats<Erfc>())
UNARY(lgamma_, true, floats<Lgamma>())
UNARY(silu_, true, vectors<VSilu, Silu>())
UNARY(gelu_, true, vectors<VGelu, Gelu>())
UNARY(geluTanh_, true, vectors<VGeluTanh, GeluTanh>())
UNARY(logSigmoid_, true, vectors<VLogSigmoid, LogSigmoid>())
UNARY(mish_, true, vectors<VMish, Mish>())
UNARY(erfinv_, true, floats<Erfinv>())
UNARY(sinc_, true, floats<Sinc>())
UNARY(nanToNum_, false, floats<NanToNum>())
UNARY(logit_, true, vectors<VLogit, Logit>())
UNARY(neg_, false, numbers<Neg>())
UNARY(square_, false, numbers<Square>())
UNARY(relu_, false, numbers<Relu>())
UNARY(sign_, false, numbers<Sign>())
UNARY(abs_, false, numbers<Abs>())
UNARY(clamp_, false, numbers<Clamp>())
UNARY(isnan_, false, predicates<IsNan>(false))
UNARY(isinf_, false, predicates<IsInf>(false))
UNARY(isfinite_, false, predicates<IsFinite>(false))
UNARY(logicalNot_, false, predicates<LogicalNot>(true))
UNARY(bitwiseNot_, false, bitNotTable())
UNARY(leakyRelu_, false, floats<LeakyRelu>())
UNARY(threshold_, false, numbers<Threshold>())
UNARY(hardshrink_, false, floats<Hardshrink>())
UNARY(softshrink_, false, floats<Softshrink>())
UNARY(hardsigmoid_, false, floats<Hardsigmoid>())
UNARY(hardswish_, false, floats<Hardswish>())
UNARY(elu_, true, floats<Elu>())
UNARY(softplus_, true, vectors<VSoftplus, Softplus>())
UNARY(powScalar_, true, powScalarTable())

}  // namespace

ENTRIES(unaryEntries, {"exp", exp_}, {"exp2", exp2_}, {"expm1", expm1_}, {"log", log_}, {"log2", log2_}, {"log10", log10_}, {"log1p", log1p_},
        {"sqrt", sqrt_}, {"rsqrt", rsqrt_}, {"reciprocal", reciprocal_}, {"sin", sin_}, {"cos", cos_}, {"tan", tan_}, {"asin", asin_},
        {"acos", acos_}, {"atan", atan_}, {"sinh", sinh_}, {"cosh", cosh_}, {"tanh", tanh_}, {"asinh", asinh_}, {"acosh", acosh_},
        {"atanh", atanh_}, {"sigmoid", sigmoid_}, {"floor", floor_}, {"ceil", ceil_}, {"trunc", trunc_}, {"round", round_}, {"frac", frac_},
        {"erf", erf_}, {"erfc", erfc_}, {"lgamma", lgamma_}, {"silu", silu_}, {"gelu", gelu_}, {"geluTanh", geluTanh_},
        {"logSigmoid", logSigmoid_}, {"mish", mish_}, {"erfinv", erfinv_}, {"sinc", sinc_}, {"nanToNum", nanToNum_}, {"logit", logit_}, {"neg", neg_}, {"square", square_}, {"relu", relu_}, {"sign", sign_}, {"abs", abs_},
        {"clamp", clamp_}, {"isnan", isnan_}, {"isinf", isinf_}, {"isfinite", isfinite_}, {"logicalNot", logicalNot_},
        {"bitwiseNot", bitwiseNot_}, {"leakyRelu", leakyRelu_}, {"threshold", threshold_}, {"hardshrink", hardshrink_}, {"softshrink", softshrink_}, {"hardsigmoid", hardsigmoid_}, {"hardswish", hardswish_},
        {"elu", elu_}, {"softplus", softplus_}, {"powScalar", powScalar_})

}  // namespace BLUEDOT_ISA
}  // namespace bluedot
