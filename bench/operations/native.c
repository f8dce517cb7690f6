// The native limit for the rows of operations.mjs that only read or copy memory: takes a turn for each row's name it reads.
#include <math.h>
#include <omp.h>
#include "../turns.h"

static double *x, *y;
static long n;

static double sum_of_all(void) {
  double sum = 0;
#pragma omp parallel for reduction(+ : sum)
  for (long i = 0; i < n; i++) sum += x[i];
  return sum;
}
// One pass, good enough for these data: what reading costs.
static double variance(void) {
  double sum = 0, squares = 0;
#pragma omp parallel for reduction(+ : sum, squares)
  for (long i = 0; i < n; i++) sum += x[i], squares += x[i] * x[i];
  return squares / n - sum / n * (sum / n);
}
static double distance(void) {
  double sum = 0;
#pragma omp parallel for reduction(+ : sum)
  for (long i = 0; i < n; i++) sum += (x[i] - y[i]) * (x[i] - y[i]);
  return sum;
}
/** The first greatest: each thread looks for greater blocks, and in the last of them for the place. */
static long argmax(void) {
  enum { BLOCK = 4096 };
  long place = 0;
#pragma omp parallel
  {
    double most = -INFINITY;
    long block = 0;
#pragma omp for schedule(static) nowait
    for (long from = 0; from < n; from += BLOCK) {
      long to = from + BLOCK < n ? from + BLOCK : n;
      double greatest = x[from];
#pragma omp simd reduction(max : greatest)
      for (long i = from; i < to; i++) greatest = x[i] > greatest ? x[i] : greatest;
      if (greatest > most) most = greatest, block = from;
    }
    while (block < n && x[block] != most) block++;
#pragma omp critical
    if (block < n && (x[block] > x[place] || (x[block] == x[place] && block < place))) place = block;
  }
  return place;
}

int main(int argc, char **argv) {
  FILE *file = fopen(argv[1], "rb");
  fseek(file, 0, SEEK_END);
  n = ftell(file) / 8;
  rewind(file);
  x = malloc(n * 8), y = malloc(n * 8);
  if (argc < 3 || fread(x, 8, n, file) != (size_t)n) return 1;
  for (long i = 0; i < n; i++) y[i] = x[n - 1 - i];
  omp_set_num_threads(atoi(argv[2]));
  char row[100];
  double answer;
  while (next_row(row, sizeof row)) {
    if (!strcmp(row, "sum")) TURN(answer = sum_of_all(), answer);
    else if (!strcmp(row, "mean")) TURN(answer = sum_of_all() / n, answer);
    else if (!strcmp(row, "variance")) TURN(answer = variance(), answer);
    else if (!strcmp(row, "argmax")) TURN(answer = argmax(), answer);
    else if (!strcmp(row, "sum of (x - y) ** 2")) TURN(answer = distance(), answer);
    else printf("-\n"), fflush(stdout);
  }
  return 0;
}
