"""Python's multiprocessing.Pool, its own contestant: answers the commands of bench/contestant.mjs as stand.mjs does.

The cases are those of bench/cases with the same numbers and units; the start method is the system's own (fork on Linux).
"""

import array
import json
import multiprocessing
import sys
import time

WORKERS = 2
MAPPED_SECONDS = 0.8


def increment(x):
    return x + 1


def echo(value):
    return value


def spin(seed):
    state = seed + 1
    for _ in range(400_000):
        state ^= (state << 13) & 0xFFFFFFFF
        state ^= state >> 17
        state ^= (state << 5) & 0xFFFFFFFF
    return state


def timed(operation):
    start = time.perf_counter()
    operation()
    return time.perf_counter() - start


def repeated(operation, quick):
    """Seconds of as many operations as fit, at least three."""
    times = []
    end = time.perf_counter() + (0 if quick else MAPPED_SECONDS)
    while len(times) < (1 if quick else 3) or time.perf_counter() < end:
        times.append(timed(operation))
    return times


def check(condition):
    if not condition:
        raise AssertionError("a wrong answer")


def first_result(quick):
    pools = []

    def first():
        pool = multiprocessing.Pool(WORKERS)
        pools.append(pool)
        check(pool.apply(increment, (1,)) == 2)

    return pools, lambda: [timed(first) * 1000]


def round_trip(pool, quick, silence=0.0, trips=2000):
    trips = 10 if quick else trips

    def trip(n):
        time.sleep(silence)
        return timed(lambda: check(pool.apply(increment, (n,)) == n + 1)) * 1e6

    for n in range(trips):
        trip(n)
    return lambda: [trip(n) for n in range(trips)]


def tiny_tasks(pool, quick):
    count = 100 if quick else 10_000

    def burst():
        pending = [pool.apply_async(increment, (n,)) for n in range(count)]
        check([result.get() for result in pending] == list(range(1, count + 1)))

    burst()
    return lambda: [count / seconds for seconds in repeated(burst, quick)]


def map_numbers(pool, quick, items):
    wanted = [n + 1 for n in items]

    def run():
        check(len(pool.map(increment, items)) == len(items))

    check(pool.map(increment, items) == wanted)
    return lambda: [len(items) / seconds / 1e6 for seconds in repeated(run, quick)]


def there_and_back(pool, quick, mebibytes):
    length = 1024 if quick else mebibytes * 131_072
    numbers = array.array("d", range(length))

    def run():
        answer = pool.apply(echo, (numbers,))
        check(len(answer) == length and answer[-1] == length - 1)

    check(pool.apply(echo, (numbers,)) == numbers)
    return lambda: [2 * 8 * length / seconds / 1e6 for seconds in repeated(run, quick)]


def record(n):
    return {
        "id": n,
        "name": f"user{n}",
        "email": f"user{n}@example.com",
        "age": 20 + n % 60,
        "active": n % 2 == 0,
        "score": n * 1.37,
        "city": "Berlin",
        "zip": 10_000 + n,
        "balance": n / 7,
        "role": "member",
    }


def map_objects(pool, quick):
    items = [record(n) for n in range(100 if quick else 10_000)]

    def run():
        check(len(pool.map(echo, items)) == len(items))

    check(pool.map(echo, items) == items)
    return lambda: [seconds * 1000 for seconds in repeated(run, quick)]


def cpu_speed_up(pool, quick):
    seeds = list(range(1 if quick else 16))
    wanted = []

    def alone():
        wanted[:] = [spin(seed) for seed in seeds]

    def parallel():
        check(pool.map(spin, seeds, 1) == wanted)

    def once():
        before = timed(alone)
        together = timed(parallel)
        return [(before + timed(alone)) / 2 / together]

    return once


def start(name, quick):
    if name == "first-result":
        return first_result(quick)
    pool = multiprocessing.Pool(WORKERS)
    million = 1000 if quick else 1_000_000
    cases = {
        "round-trip-hot": lambda: round_trip(pool, quick),
        "round-trip-silent": lambda: round_trip(pool, quick, 0.01, 50),
        "tiny-tasks": lambda: tiny_tasks(pool, quick),
        "map-numbers": lambda: map_numbers(pool, quick, list(range(million))),
        "map-typed": lambda: map_numbers(pool, quick, array.array("d", range(million))),
        "array-1mib": lambda: there_and_back(pool, quick, 1),
        "array-64mib": lambda: there_and_back(pool, quick, 64),
        "map-objects": lambda: map_objects(pool, quick),
        "cpu-speed-up": lambda: cpu_speed_up(pool, quick),
    }
    return [pool], cases[name]()


def main():
    pools, run = [], None
    for line in sys.stdin:
        command = json.loads(line)
        value = None
        try:
            if command["command"] == "open":
                pools, run = start(command["name"], command["quick"])
            elif command["command"] == "round":
                value = run()
            elif command["command"] == "close":
                for pool in pools:
                    pool.terminate()
                    pool.join()
            else:
                return
            answer = {"value": value}
        except Exception as error:  # the driver shows it
            answer = {"error": repr(error)}
        print("@" + json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
