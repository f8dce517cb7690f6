"""Python's multiprocessing, as a contestant in the cases of messages: answers the commands of bench/contestant.mjs.

The cases are those of bench/messages with the same messages, checks and units; its only argument says what is used of
Python. The start method is the system's own (fork on Linux) unless a case is about it.
"""

import json
import multiprocessing
import sys
import time

from python_objects import create, live_queues, lock_alone, lock_contended, start_process, value_add
from python_sides import CAPACITY, WAY, check, child, close, closers, repeated, timed

BATCH = 100
PAGE = 4096
FILLED_AT = 5
END = b""


def both_ends(binary):
    """(send, receive) of this side and of the other."""
    if WAY == "Pipe":
        here, there = multiprocessing.Pipe()
        if binary:
            return (here.send_bytes, here.recv_bytes), (there.send_bytes, there.recv_bytes)
        return (here.send, here.recv), (there.send, there.recv)
    make = (lambda: multiprocessing.Queue(CAPACITY)) if WAY == "Queue" else multiprocessing.SimpleQueue
    forth, back = make(), make()
    closers.extend((forth, back))
    return (forth.put, back.get), (back.put, forth.get)


def filling(size, producer=0):
    rest = bytes((7 * position + 1) & 0xFF for position in range(FILLED_AT, min(size, FILLED_AT + 256)))
    rest *= -(-size // 256)
    return bytes((producer,)) + rest[: size - FILLED_AT]


def sum_of(message, number):
    step = min(PAGE, len(message) - FILLED_AT)
    return message[4] + sum(message[FILLED_AT + number % step :: step])


def message_of(number, rest):
    return number.to_bytes(4, "little") + rest


def sum_of_stream(size, count, producer=0):
    rest = filling(size, producer)
    blank = message_of(0, rest)
    return sum(sum_of(blank, number) for number in range(count))


def echo(end):
    send, receive = end
    while True:
        send(receive())


def round_trips(send_nth, check_nth, quick, binary, scale):
    here, there = both_ends(binary)
    child(echo, there)
    send, receive = here

    def batch():
        for n in range(BATCH):
            send(send_nth(n))
            check(check_nth(receive(), n))

    def run():
        return [timed(batch) / BATCH * scale for _ in range(1 if quick else 20)]

    run()
    return run


def latency(quick):
    rest = filling(64)
    return round_trips(
        lambda n: message_of(n, rest),
        lambda answer, n: answer == message_of(n, rest),
        quick,
        True,
        1e6 / 2,
    )


def record(n):
    return {"id": n, "name": "Ann", "city": "Berlin", "active": True, "score": 1.37}


def echo_object(quick):
    return round_trips(record, lambda answer, n: answer == record(n), quick, False, 1e6)


def stamp(end):
    send, receive = end
    while True:
        receive()
        send(time.monotonic_ns())


def sleeping(quick):
    # A Pipe that carries bytes would carry no time.
    here, there = both_ends(False)
    child(stamp, there)
    send, receive = here
    message = message_of(0, filling(64))

    def one_way():
        start = time.monotonic_ns()
        send(message)
        return (receive() - start) / 1000

    for _ in range(20 if quick else 5000):
        one_way()

    def run():
        times = []
        for _ in range(3 if quick else 50):
            time.sleep(0.01)
            times.append(one_way())
        return times

    return run


def consume(end, count):
    send, receive = end
    while True:
        total = 0
        for wanted in range(count):
            message = receive()
            check(int.from_bytes(message[:4], "little") == wanted)
            total += sum_of(message, wanted)
        send(total.to_bytes(8, "little"))


def stream(quick, size, count, figure):
    here, there = both_ends(True)
    child(consume, there, count)
    send, receive = here
    rest = filling(size)
    wanted = sum_of_stream(size, count)

    def once():
        for number in range(count):
            send(message_of(number, rest))
        check(int.from_bytes(receive(), "little") == wanted)

    once()
    return lambda: [figure(seconds) for seconds in repeated(once, quick)]


def stream_64b(quick):
    count = 100 if quick else 20_000
    return stream(quick, 64, count, lambda seconds: count / seconds / 1e6)


def stream_1mib(quick):
    size, count = 2**20, 4 if quick else 128
    return stream(quick, size, count, lambda seconds: size * count / seconds / 1e9)


def produce_many(queue, start, producer, count):
    rest = filling(64, producer)
    while True:
        start.get()
        for number in range(count):
            queue.put(message_of(number, rest))
        queue.put(END)


def consume_many(queue, start, reports):
    while True:
        start.get()
        last, count, total = [-1, -1], 0, 0
        while (message := queue.get()) != END:
            number, producer = int.from_bytes(message[:4], "little"), message[4]
            check(number > last[producer])
            last[producer] = number
            count += 1
            total += sum_of(message, number)
        reports.put((count, total))


def crowd(quick):
    count = 100 if quick else 10_000
    queue = multiprocessing.Queue(CAPACITY) if WAY == "Queue" else multiprocessing.SimpleQueue()
    reports = multiprocessing.SimpleQueue()
    starts = [multiprocessing.SimpleQueue() for _ in range(4)]
    for producer in range(2):
        child(produce_many, queue, starts[producer], producer, count)
        child(consume_many, queue, starts[2 + producer], reports)
    wanted = (2 * count, sum(sum_of_stream(64, count, producer) for producer in range(2)))

    def once():
        for start in starts:
            start.put("go")
        one, other = reports.get(), reports.get()
        check((one[0] + other[0], one[1] + other[1]) == wanted)

    once()
    return lambda: [2 * count / seconds / 1e6 for seconds in repeated(once, quick)]


CASES = {
    "latency-blocking": latency,
    "latency-sleeping": sleeping,
    "echo-object": echo_object,
    "stream-64b": stream_64b,
    "stream-1mib": stream_1mib,
    "stream-64b-crowd": crowd,
    "lock-blocking": lock_alone,
    "lock-contended": lock_contended,
    "value-add": value_add,
    "create-queue": create,
    "live-queues": live_queues,
    "start-process": start_process,
}


def main():
    run = None
    for line in sys.stdin:
        command = json.loads(line)
        value = None
        try:
            if command["command"] == "open":
                run = CASES[command["name"]](command["quick"])
            elif command["command"] == "round":
                value = run()
            elif command["command"] == "close":
                close()
            else:
                return
            answer = {"value": value}
        except Exception as error:  # the driver shows it
            answer = {"error": repr(error)}
        print("@" + json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
