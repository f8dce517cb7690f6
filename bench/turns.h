// A rival's side of turns.mjs: `TURN(statement, answer)` runs the statement as often as a turn has calls and answers.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CALLS = 100, ENOUGH_MS = 50 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec * 1e-6;
}
static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

#define TURN(statement, answer)                                     \
  do {                                                              \
    double times[CALLS + 1], all = 0;                               \
    int counted = 0;                                                \
    for (int call = -1; call < CALLS && all < ENOUGH_MS; call++) {  \
      double begun = now();                                         \
      statement;                                                    \
      double ms = now() - begun;                                    \
      if (call >= 0 || ms >= ENOUGH_MS) all += times[counted++] = ms; \
    }                                                               \
    qsort(times, counted, sizeof *times, ascending);                \
    printf("%.6f %.17g\n", times[counted / 2], (double)(answer));   \
    fflush(stdout);                                                 \
  } while (0)

/** The next row's name; 0 at the end. */
static int next_row(char *row, int size) {
  if (!fgets(row, size, stdin)) return 0;
  row[strcspn(row, "\n")] = 0;
  return 1;
}
