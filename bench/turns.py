"""A rival's side of turns.mjs: rows by name, a turn for each line read."""

import sys
import time

CALLS, ENOUGH_MS = 100, 50


def take_turns(rows, prepare=None):
    """`rows`: functions that give a number to compare; `prepare(name)` goes before each call."""
    for line in sys.stdin:
        name = line.rstrip('\n')
        if name not in rows:
            print('-', flush=True)
            continue
        times = []
        for call in range(-1, CALLS):
            if sum(times) >= ENOUGH_MS:
                break
            if prepare:
                prepare(name)
            begun = time.perf_counter()
            answer = rows[name]()
            ms = (time.perf_counter() - begun) * 1000
            if call >= 0 or ms >= ENOUGH_MS:
                times.append(ms)
        print(sorted(times)[len(times) // 2], repr(float(answer)), flush=True)
