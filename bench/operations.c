// The native limit for the rows of operations.mjs that only read or copy memory: answers names of rows with milliseconds.
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec * 1e-6;
}

int main(int argc, char **argv) {
  FILE *file = fopen(argv[1], "rb");
  fseek(file, 0, SEEK_END);
  long n = ftell(file) / 8;
  rewind(file);
  double *x = malloc(n * 8);
  if (argc < 3 || fread(x, 8, n, file) != (size_t)n) return 1;
  double *y = malloc(n * 8);
  for (long i = 0; i < n; i++) y[i] = x[n - 1 - i];
  omp_set_num_threads(atoi(argv[2]));
  char row[100];
  while (fgets(row, sizeof row, stdin)) {
    row[strcspn(row, "\n")] = 0;
    double begun = now(), sum = 0, squares = 0;
    if (!strcmp(row, "sum") || !strcmp(row, "mean")) {
#pragma omp parallel for reduction(+ : sum)
      for (long i = 0; i < n; i++) sum += x[i];
      if (row[0] == 'm') sum /= n;
    } else if (!strcmp(row, "variance")) {
      // One pass, good enough for these data: what reading costs.
#pragma omp parallel for reduction(+ : sum, squares)
      for (long i = 0; i < n; i++) sum += x[i], squares += x[i] * x[i];
      sum = squares / n - sum / n * (sum / n);
    } else if (!strcmp(row, "sum of (x - y) ** 2")) {
#pragma omp parallel for reduction(+ : sum)
      for (long i = 0; i < n; i++) sum += (x[i] - y[i]) * (x[i] - y[i]);
    } else {
      printf("-\n");
      fflush(stdout);
      continue;
    }
    printf("%.6f %.17g\n", now() - begun, sum);
    fflush(stdout);
  }
  return 0;
}
