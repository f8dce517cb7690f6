"""The rows of operations.mjs in numpy or numba."""

import math
import os
import sys

import numpy as np

sys.path.append(os.path.join(os.path.dirname(__file__), '..'))
from turns import take_turns

engine, file = sys.argv[1], sys.argv[2]
x = np.fromfile(file)
y = x[::-1].copy()
n = len(x)
out = np.empty(n)


def filled(values):
    out[:] = values


def total(values):
    return values[n // 2]


numpy_rows = {
    'sum': lambda: np.sum(x),
    'mean': lambda: np.mean(x),
    'variance': lambda: np.var(x),
    'argmax': lambda: np.argmax(x),
    'sum of (x - y) ** 2': lambda: np.sum((x - y) ** 2),
    'sort': lambda: total(np.sort(x)),
    'filter x > 0': lambda: len(x[x > 0]),
    'cumulative sum': lambda: np.cumsum(x, out=out)[-1],
    'histogram of 256': lambda: np.histogram(x, 256, (-1, 1))[0][100],
}


def sorted_in_place():
    out.sort()
    return total(out)


numpy_rows['sort in place'] = sorted_in_place

calls = {
    'Math.sin(x * 5)': np.sin,
    'Math.exp(x * 5)': np.exp,
    'Math.tan(x * 5)': np.tan,
    'Math.cbrt(x * 5)': np.cbrt,
    'Math.tanh(x * 5)': np.tanh,
    'Math.atan(x * 5)': np.arctan,
}
for name, function in calls.items():
    numpy_rows[name] = lambda function=function: total(function(x * 5, out=out))
numpy_rows['Math.log(Math.abs(x))'] = lambda: total(np.log(np.abs(x), out=out))
numpy_rows['Math.abs(x) ** 1.7'] = lambda: total(np.power(np.abs(x), 1.7, out=out))
rows = numpy_rows

if engine == 'numba':
    import numba

    numba.set_num_threads(min(2, numba.config.NUMBA_NUM_THREADS))
    parallel = numba.njit(parallel=True, fastmath=False)
    serial = numba.njit

    @parallel
    def add(x):
        s = 0.0
        for i in numba.prange(len(x)):
            s += x[i]
        return s

    @parallel
    def spread(x, mean):
        s = 0.0
        for i in numba.prange(len(x)):
            s += (x[i] - mean) ** 2
        return s

    @parallel
    def distance(x, y):
        s = 0.0
        for i in numba.prange(len(x)):
            s += (x[i] - y[i]) ** 2
        return s

    @serial
    def keep(x):
        kept = np.empty(len(x))
        k = 0
        for i in range(len(x)):
            if x[i] > 0:
                kept[k] = x[i]
                k += 1
        return kept[:k]

    @serial
    def cumulate(x, out):
        s = 0.0
        for i in range(len(x)):
            s += x[i]
            out[i] = s
        return s

    @serial
    def bins(x):
        counts = np.zeros(256, np.int64)
        for i in range(len(x)):
            k = int((x[i] + 1) * 128)
            counts[min(255, k)] += 1
        return counts

    def elementwise(function, scale):
        @parallel
        def run(x, out):
            for i in numba.prange(len(x)):
                out[i] = function(x[i] * scale)

        return lambda: (run(x, out), total(out))[1]

    @parallel
    def power(x, out):
        for i in numba.prange(len(x)):
            out[i] = abs(x[i]) ** 1.7

    @parallel
    def logarithm(x, out):
        for i in numba.prange(len(x)):
            out[i] = math.log(abs(x[i]))

    rows = {
        'sum': lambda: add(x),
        'mean': lambda: add(x) / n,
        'variance': lambda: spread(x, add(x) / n) / n,
        'sum of (x - y) ** 2': lambda: distance(x, y),
        'filter x > 0': lambda: len(keep(x)),
        'cumulative sum': lambda: cumulate(x, out),
        'histogram of 256': lambda: bins(x)[100],
        'Math.abs(x) ** 1.7': lambda: (power(x, out), total(out))[1],
        'Math.log(Math.abs(x))': lambda: (logarithm(x, out), total(out))[1],
    }
    for name, function in {'sin': math.sin, 'exp': math.exp, 'tan': math.tan, 'tanh': math.tanh, 'atan': math.atan}.items():
        rows[f'Math.{name}(x * 5)'] = elementwise(function, 5.0)

take_turns(rows, lambda name: filled(x) if name == 'sort in place' else None)
