// Activations and softmax with the bits of kernels/vec and train/nn: the same operations in the same order, none of which
// fuses a multiplication with an addition (NVRTC's --fmad=false, see internal/generate). NaN gives NaN. Unproven on a GPU.
#pragma once
#include "device.cuh"

// Numbers of kernels.CopyActivation and kernels.CopyLoss.
enum { IDENTITY, TANH, RELU, GELU, GELU_TANH };
enum { CROSS_ENTROPY, SQUARED_ERROR };

const float roundMagic = 12582912.f; // 1.5 * 2^23: added to a small number it leaves the nearest whole number in the low bits

// reduced is e^r - 1 for r = y - n*ln 2, |r| <= ln 2 / 2.
DEVICE float reduced(float y, float n) {
  float r = y - n * 0.693359375f;
  r -= n * -2.12194440e-4f;
  float q = 1.9875691500e-4f * r + 1.3981999507e-3f;
  q = q * r + 8.3334519073e-3f;
  q = q * r + 4.1665795894e-2f;
  q = q * r + 1.6666665459e-1f;
  q = q * r + 5.0000001201e-1f;
  return q * (r * r) + r;
}

// power is 2^n for n from -126 to 127.
DEVICE float power(int n) { return __uint_as_float((unsigned)(n + 127) << 23); }

DEVICE int wholeOf(float t) { return (int)(__float_as_uint(t) - __float_as_uint(roundMagic)); }

// expOf is vec.Exp. Comparisons leave NaN as it is, which min and max would not.
DEVICE float expOf(float x) {
  if (x < -104.5f) x = -104.5f;
  if (x > 89.f) x = 89.f;
  float t = x * 1.44269504088896340736f + roundMagic;
  float q = reduced(x, t - roundMagic) + 1.f;
  int n = wholeOf(t);
  q *= power(n >> 1); // in two halves: n alone may be no exponent of a float
  return q * power(n - (n >> 1));
}

// tanhOf is vec.Tanh.
DEVICE float tanhOf(float x) {
  unsigned bits = __float_as_uint(x);
  float y = __uint_as_float(bits & 0x7fffffffu);
  if (y > 9.2f) y = 9.2f;
  float t = y * 2.88539008177792681472f + roundMagic;
  float q = reduced(y + y, t - roundMagic), s = power(wholeOf(t));
  float m = q * s + (s - 1.f);
  return __uint_as_float(__float_as_uint(__fdiv_rn(m, m + 2.f)) | (bits & 0x80000000u));
}

// held is v within -20 ... 20, beyond which gelu is 0 or v to the last place.
DEVICE double held(double v) { return v > 20. ? 20. : v < -20. ? -20. : v; }

// geluOf is z*Phi(z), and its derivative: train/nn has the source of the fit.
DEVICE float geluOf(float v, float &slope) {
  double x = held(fabs((double)v)) / 1.4142135623730951;
  double t = 1. / (1. + x / 2.), p = 0.17087277;
  p = p * t + -0.82215223;
  p = p * t + 1.48851587;
  p = p * t + -1.13520398;
  p = p * t + 0.27886807;
  p = p * t + -0.18628806;
  p = p * t + 0.09678418;
  p = p * t + 0.37409196;
  p = p * t + 1.00002368;
  p = p * t + -1.26551223;
  float half = (float)(t / 2.), a = expOf((float)(p - x * x)), b = expOf((float)(-x * x));
  double below = (double)half * (double)a, density = (double)b / 2.5066282746310002; // below: Phi(-|z|)
  double cdf = v > 0.f ? 1. - below : below;
  slope = (float)(cdf + held(v) * density);
  return (float)((double)v * cdf);
}

// geluTanhOf is z/2*(1 + tanh u), u = k*(z + 0.044715*z^3), and its derivative.
DEVICE float geluTanhOf(float v, float &slope) {
  const double k = 0.79788456080286541, cubic = 0.044715;
  double size = held(fabs((double)v)), x = held(v);
  double e = expOf((float)(-2. * k * size * (1. + cubic * (size * size))));
  double below = e / (1. + e), s = 4. * e / ((1. + e) * (1. + e)); // (1 - tanh |u|)/2 and tanh'
  double part = v > 0.f ? 1. - below : below;
  double du = k * (1. + 0.134145 * (x * x));
  slope = (float)(part + x / 2. * (s * du));
  return (float)((double)v * part);
}

// logOf is log s for s >= 1, in double precision: 2*artanh((m-1)/(m+1)) of the mantissa between sqrt(1/2) and sqrt(2).
DEVICE float logOf(float s) {
  if (!(s <= 3.4028234663852886e38f)) return s;
  unsigned long long bits = (unsigned long long)__double_as_longlong((double)s);
  int e = (int)(bits >> 52) - 1022;
  double m = __longlong_as_double((long long)((bits & 0xfffffffffffffull) | 0x3fe0000000000000ull));
  if (m < 1.4142135623730951 / 2.) m = 2. * m, e--;
  double f = (m - 1.) / (m + 1.), z = f * f, p = 1. / 13.;
  p = p * z + 1. / 11.;
  p = p * z + 1. / 9.;
  p = p * z + 1. / 7.;
  p = p * z + 1. / 5.;
  p = p * z + 1. / 3.;
  p = p * z + 1.;
  return (float)(2. * f * p + (double)e * 0.69314718055994529);
}
