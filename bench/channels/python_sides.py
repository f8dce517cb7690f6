"""What the cases of Python share: the clock, its checks, and the children that a case has started."""

import multiprocessing
import sys
import time

SECONDS = 0.8
CAPACITY = 1024
WAY = sys.argv[1] if len(sys.argv) > 1 else ""

children = []
closers = []


def check(condition):
    if not condition:
        raise AssertionError("a wrong answer")


def timed(operation):
    start = time.perf_counter()
    operation()
    return time.perf_counter() - start


def repeated(operation, quick):
    times = []
    end = time.perf_counter() + (0 if quick else SECONDS)
    while len(times) < (1 if quick else 3) or time.perf_counter() < end:
        times.append(timed(operation))
    return times


def child(target, *args):
    process = multiprocessing.Process(target=target, args=args, daemon=True)
    process.start()
    children.append(process)


def close():
    for process in children:
        process.kill()
        process.join()
    children.clear()
    for queue in closers:
        queue.close()
    closers.clear()
