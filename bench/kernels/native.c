// The cases of bench/kernels.mjs as a C program with OpenMP, which takes a turn for each name it reads:
// gcc -O3 -march=native [-ffast-math] -fopenmp native.c -lm
#include <math.h>
#include <omp.h>
#include <stdint.h>
#include "../turns.h"

#define CASE(name, count, out, statement)                                            \
  if (!strcmp(row, name)) {                                                          \
    TURN(                                                                            \
        {                                                                            \
          _Pragma("omp parallel for schedule(static)")                               \
          for (long i = 0; i < (count); i++) { statement; }                          \
        },                                                                           \
        ({                                                                           \
          double check = 0;                                                          \
          for (long i = 0; i < (count); i += 9973) check += (double)out[i];          \
          check;                                                                     \
        }));                                                                         \
    continue;                                                                        \
  }

static inline double erf_poly(double x) {
  double t = 1 / (1 + 0.3275911 * fabs(x));
  double y = 1 - ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t * exp(-x * x);
  return x < 0 ? -y : y;
}
static inline double price(double s) {
  double k = 5, r = 0.02, v = 0.3, t = 1;
  double d1 = (log(s / k) + (r + v * v / 2) * t) / (v * sqrt(t));
  double d2 = d1 - v * sqrt(t);
  return s * 0.5 * (1 + erf_poly(d1 / 1.4142135623730951)) - k * exp(-r * t) * 0.5 * (1 + erf_poly(d2 / 1.4142135623730951));
}
static inline double escape(double index) {
  double cr = fmod(index, 1000) / 400 - 2, ci = floor(index / 1000) / 400 - 1.25;
  double zr = 0, zi = 0;
  int i = 0;
  while (i < 100 && zr * zr + zi * zi <= 4) {
    double t = zr * zr - zi * zi + cr;
    zi = 2 * zr * zi + ci;
    zr = t;
    i++;
  }
  return i;
}

int main(int argc, char **argv) {
  long n = argc > 1 ? atol(argv[1]) : 10000000, pixels = 8294400;
  double *a = aligned_alloc(64, n * 8), *b = aligned_alloc(64, n * 8), *out = aligned_alloc(64, (n < 1000000 ? 1000000 : n) * 8);
  int32_t *p = aligned_alloc(64, n * 4), *q = aligned_alloc(64, n * 4), *w = aligned_alloc(64, n * 4), *z = aligned_alloc(64, n * 4);
  uint8_t *im = aligned_alloc(64, pixels), *im2 = aligned_alloc(64, pixels), *imo = aligned_alloc(64, pixels);
#pragma omp parallel for
  for (long i = 0; i < n; i++) {
    a[i] = (i + 1) * 1e-6, b[i] = (n - i) * 1e-6, out[i] = 0;
    p[i] = (int32_t)(i % 1000), q[i] = (int32_t)(i % 777), w[i] = (int32_t)(i % 12345), z[i] = 0;
  }
#pragma omp parallel for
  for (long i = 0; i < pixels; i++) im[i] = (uint8_t)(i * 7), im2[i] = (uint8_t)(i * 13), imo[i] = 0;
  char row[100];
  while (next_row(row, sizeof row)) {
    CASE("sqrt", n, out, out[i] = sqrt(a[i]) * 2 + 1)
    CASE("poly", n, out, double x = a[i]; out[i] = x * x * x * 0.3 - x * x + 2 * x - 7)
    CASE("select", n, out, double x = a[i]; out[i] = x > 5 ? x * 2 : x / 3)
    CASE("int32", n, z, z[i] = p[i] * q[i] + w[i])
    CASE("sinexp", n, out, double x = a[i]; out[i] = sin(x) * exp(-x * x))
    CASE("pow", n, out, out[i] = pow(a[i], 1.7))
    CASE("log", n, out, out[i] = log(a[i]))
    CASE("tan", n, out, out[i] = tan(a[i]))
    CASE("atan2", n, out, out[i] = atan2(a[i], b[i]))
    CASE("cbrt", n, out, out[i] = cbrt(a[i]))
    CASE("hypot", n, out, out[i] = hypot(a[i], b[i]))
    CASE("tanh", n, out, out[i] = tanh(a[i]))
    CASE("black-scholes", n, out, out[i] = price(a[i]))
    CASE("mandelbrot", 1000000, out, out[i] = escape((double)i))
    CASE("gamma", pixels, imo, imo[i] = (uint8_t)(255 * pow(im[i] / 255.0, 2.2)))
    CASE("threshold", pixels, imo, imo[i] = im[i] > 128 ? 255 : 0)
    CASE("blend", pixels, imo, imo[i] = (uint8_t)(im[i] * 0.3 + im2[i] * 0.7))
    printf("-\n");
    fflush(stdout);
  }
  return 0;
}
