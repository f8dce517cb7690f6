"""Python's locks, values, queues and processes in the cases that are about themselves and not about what they carry."""

import multiprocessing
import time

from python_sides import WAY, check, child, repeated, timed


def lock_alone(quick):
    lock = multiprocessing.Lock()
    size = 1000

    def batch():
        for _ in range(size):
            lock.acquire()
            lock.release()

    return lambda: [timed(batch) / size * 1e6 for _ in range(1 if quick else 200)]


def pair(work, count, before, wanted, figure, quick):
    """Two children that do the same at the same time."""
    done = multiprocessing.SimpleQueue()
    starts = [multiprocessing.SimpleQueue() for _ in range(2)]

    def repeat(start):
        while True:
            work(start.get())
            done.put(None)

    for start in starts:
        child(repeat, start)

    def once():
        before()
        for start in starts:
            start.put(count)
        for _ in starts:
            done.get()
        check(wanted())

    once()
    return lambda: [figure(seconds) for seconds in repeated(once, quick)]


def lock_contended(quick):
    lock, counter = multiprocessing.Lock(), multiprocessing.RawValue("d")
    count = 10 if quick else 5000

    def sections(times):
        for _ in range(times):
            with lock:
                before = counter.value
                end = time.perf_counter() + 10e-6
                while time.perf_counter() < end:
                    pass
                counter.value = before + 1

    def reset():
        counter.value = 0

    return pair(sections, count, reset, lambda: counter.value == 2 * count, lambda s: 2 * count / s, quick)


def value_add(quick):
    value = multiprocessing.Value("i", 0)
    count = 100 if quick else 50_000

    def add(times):
        for _ in range(times):
            with value.get_lock():
                value.value += 1

    def reset():
        value.value = 0

    return pair(add, count, reset, lambda: value.value == 2 * count, lambda s: 2 * count / s / 1e6, quick)


def make():
    if WAY == "Pipe":
        return multiprocessing.Pipe()
    return ((multiprocessing.Queue if WAY == "Queue" else multiprocessing.SimpleQueue)(),)


def create(quick):
    size = 20

    def batch():
        for _ in range(size):
            for one in make():
                one.close()

    return lambda: [timed(batch) / size * 1e6 for _ in range(1 if quick else 100)]


def live_queues(quick):
    def run():
        queues = []
        try:
            for n in range(100 if quick else 100_000):
                (queue,) = make()
                queue.put(n)
                queues.append(queue)
        except (OSError, RuntimeError):
            pass  # no descriptor or no thread is left
        reached = len(queues)
        # Only as many descriptors are left as end the first of them.
        for n, queue in enumerate(queues):
            check(queue.get() == n)
            queue.close()
        return [reached]

    return run


def first_line(report):
    report.put(time.monotonic_ns())


def start_process(quick):
    context = multiprocessing.get_context("spawn" if "spawn" in WAY else "fork")

    def start():
        report = context.SimpleQueue()
        begun = time.monotonic_ns()
        process = context.Process(target=first_line, args=(report,))
        process.start()
        line = report.get()
        process.join()
        check(process.exitcode == 0)
        return (line - begun) / 1e6

    start()
    return lambda: [start() for _ in range(1 if quick else 10)]
