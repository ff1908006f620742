#pragma once
// Elementary functions on vectors of floats, within about one unit in the last place. The polynomials are least-maximum fits of
// the functions named beside them. Special values (NaN, infinities, zeros, subnormals) come out as the C library's.
#include "simd.h"

namespace bluedot {
namespace BLUEDOT_ISA {

using VF = Vec<float>;
using VI = VecI<float>;

INLINE VF vf(float x) { return splat<float>(x); }
INLINE VI vi(int32_t x) { return x - VI{}; }
INLINE VI bitsOf(VF x) { return (VI)x; }
INLINE VF fromBits(VI x) { return (VF)x; }
INLINE VF absolute(VF x) { return fromBits(bitsOf(x) & vi(0x7fffffff)); }
INLINE VF withSignOf(VF magnitude, VF sign) { return fromBits((bitsOf(magnitude) & vi(0x7fffffff)) | (bitsOf(sign) & vi((int32_t)0x80000000))); }
INLINE VF toVF(VI x) { return __builtin_convertvector(x, VF); }
INLINE VI toVI(VF x) { return __builtin_convertvector(x, VI); }
// Nearest integer, for |x| < 2^22.
INLINE VF nearest(VF x) {
  VF magic = vf(12582912.f);
  // The barrier keeps the compiler from folding the two additions.
  VF shifted = x + magic;
  __asm__("" : "+x"(shifted));
  return shifted - magic;
}

// e^x
INLINE VF vexp(VF x) {
  VF clamped = x > vf(89.f) ? vf(89.f) : x;
  clamped = clamped < vf(-104.f) ? vf(-104.f) : clamped;
  VF n = nearest(clamped * vf(1.44269504f));
  VF r = clamped - n * vf(0.693145752f);
  r = r - n * vf(1.42860677e-6f);
  VF p = vf(1.978816201e-4f);
  p = p * r + vf(1.394686689e-3f);
  p = p * r + vf(8.333510707e-3f);
  p = p * r + vf(4.166626512e-2f);
  p = p * r + vf(1.666666577e-1f);
  p = p * r + vf(5.000000076e-1f);
  VF y = p * (r * r) + r + vf(1.f);
  // 2^n in two factors, each in range, so that results may be subnormal.
  VI k = toVI(n), half = k >> 1;
  y = y * fromBits((half + vi(127)) << 23) * fromBits((k - half + vi(127)) << 23);
  return x != x ? x : y;
}

// ln x as exponent and rest: ln x = e ln2 + rest
INLINE VF vlogParts(VF x, VF& e) {
  // Subnormals are scaled up first.
  VI tiny = x < vf(1.17549435e-38f);
  VF scaled = tiny ? x * vf(8388608.f) : x;
  VI bits = bitsOf(scaled);
  // Mantissa in [sqrt(1/2), sqrt 2).
  VI shifted = bits - vi(0x3f3504f3);
  VI k = shifted >> 23;
  VF m = fromBits((shifted & vi(0x007fffff)) + vi(0x3f3504f3));
  e = toVF(k) - (tiny ? vf(23.f) : vf(0.f));
  VF f = m - vf(1.f);
  VF s = f / (vf(2.f) + f), z = s * s;
  // 2 atanh(s) = 2s + s z (2/3 + 2/5 z + …)
  VF r = z * (vf(0.66666668f) + z * (vf(0.39999828f) + z * (vf(0.28579f) + z * vf(0.2229f))));
  VF h = vf(0.5f) * f * f;
  return f - (h - s * (h + r));
}
INLINE VF logSpecial(VF x, VF y) {
  y = x == vf(INFINITY) ? x : y;
  y = x == vf(0.f) ? vf(-INFINITY) : y;
  y = x < vf(0.f) ? vf(NAN) : y;
  return x != x ? x : y;
}
INLINE VF vlog(VF x) {
  VF e, rest = vlogParts(x, e);
  return logSpecial(x, e * vf(0.693145752f) + (rest + e * vf(1.42860677e-6f)));
}
INLINE VF vlog1p(VF x) {
  VF u = vf(1.f) + x;
  // What rounding took from u, as a fraction of it.
  VF lost = (x - (u - vf(1.f))) / u;
  VF e, rest = vlogParts(u, e);
  VF y = e * vf(0.693145752f) + (rest + (lost + e * vf(1.42860677e-6f)));
  y = u == vf(1.f) ? x : y;
  y = x == vf(INFINITY) ? x : y;
  y = x == vf(-1.f) ? vf(-INFINITY) : y;
  y = x < vf(-1.f) ? vf(NAN) : y;
  return x != x ? x : y;
}

INLINE VF vsigmoid(VF x) { return vf(1.f) / (vf(1.f) + vexp(-x)); }

INLINE VF vtanh(VF x) {
  VF a = absolute(x), z = x * x;
  VF p = vf(2.147536876e-3f);
  p = p * z + vf(-8.182673873e-3f);
  p = p * z + vf(2.170296711e-2f);
  p = p * z + vf(-5.394720427e-2f);
  p = p * z + vf(1.333320976e-1f);
  p = p * z + vf(-3.333333091e-1f);
  VF small = x + x * z * p;
  VF large = vf(1.f) - vf(2.f) / (vexp(a + a) + vf(1.f));
  return a < vf(0.625f) ? small : withSignOf(large, x);
}

INLINE VF verf(VF x) {
  VF a = absolute(x), z = x * x;
  // erf(x) / x - 1 on [0, 0.95]
  VF p = vf(8.215423682e-5f);
  p = p * z + vf(-8.105965112e-4f);
  p = p * z + vf(5.197797166e-3f);
  p = p * z + vf(-2.685810429e-2f);
  p = p * z + vf(1.128367255e-1f);
  p = p * z + vf(-3.761263229e-1f);
  p = p * z + vf(1.283791665e-1f);
  VF small = x + x * p;
  // ln erfc(a) on [0.9, 4]; beyond 4 erf is 1
  VF b = a < vf(4.f) ? a : vf(4.f);
  VF q = vf(-2.082861816e-5f);
  q = q * b + vf(4.313935628e-4f);
  q = q * b + vf(-4.156254903e-3f);
  q = q * b + vf(2.508061646e-2f);
  q = q * b + vf(-1.082203840e-1f);
  q = q * b + vf(-6.334008509e-1f);
  q = q * b + vf(-1.129488406e+0f);
  q = q * b + vf(1.692051254e-4f);
  VF large = vf(1.f) - vexp(q);
  VF y = a < vf(0.92f) ? small : withSignOf(large, x);
  return x != x ? x : y;
}

// erf within six units in the last place, for what multiplies it anyway: one rational function of x^2 on [0, 16].
INLINE VF vfastErf(VF x) {
  const VF z = x * x;
  VF p = vf(1.986787009e-6f);
  p = p * z + vf(2.845594603e-4f);
  p = p * z + vf(3.883153461e-3f);
  p = p * z + vf(5.310115357e-2f);
  p = p * z + vf(1.935409429e-1f);
  p = p * z + vf(1.128379139f);
  VF q = vf(3.741988302e-5f);
  q = q * z + vf(1.185520832e-3f);
  q = q * z + vf(1.520687224e-2f);
  q = q * z + vf(1.153482543e-1f);
  q = q * z + vf(5.048537516e-1f);
  q = q * z + vf(1.f);
  const VF y = x * p / q;
  // Beyond, and for NaN through the other branch.
  return absolute(x) >= vf(3.9f) ? withSignOf(vf(1.f), x) : y;
}

// sin x, or cos x, for |x| <= 8192: x = n pi/2 + r with pi/2 in three pieces whose products with n are exact.
INLINE VF vsinReduced(VF x, bool cosine) {
  const VF n = nearest(x * vf(0.63661977f));
  VF r = x - n * vf(1.5703125f);
  r = r - n * vf(4.837512969970703125e-4f);
  r = r - n * vf(7.54978995489188216e-8f);
  const VF z = r * r;
  VF s = vf(-1.9515295891e-4f);
  s = s * z + vf(8.3321608736e-3f);
  s = s * z + vf(-1.6666654611e-1f);
  s = s * z * r + r;
  VF c = vf(2.443315711809948e-5f);
  c = c * z + vf(-1.388731625493765e-3f);
  c = c * z + vf(4.166664568298827e-2f);
  c = c * z * z - vf(0.5f) * z + vf(1.f);
  const VI q = toVI(n) + vi(cosine ? 1 : 0);
  const VF y = (q & vi(1)) != vi(0) ? c : s;
  return fromBits(bitsOf(y) ^ ((q & vi(2)) << 30));
}

}  // namespace BLUEDOT_ISA
}  // namespace bluedot
