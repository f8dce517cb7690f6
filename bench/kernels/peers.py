"""The cases of bench/kernels.mjs in numpy, numexpr and numba, as far as Python has them: rows are `engine case`."""

import math
import os
import sys

import numpy as np

sys.path.append(os.path.join(os.path.dirname(__file__), '..'))
from turns import take_turns

N = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
PIXELS = 8_294_400

a = np.arange(1, N + 1) * 1e-6
b = (N - np.arange(N)) * 1e-6
out = np.zeros(N)
p, q, w = ((np.arange(N) % m).astype(np.int32) for m in (1000, 777, 12345))
image, image2 = ((np.arange(PIXELS) * m).astype(np.uint8) for m in (7, 13))
rows = {}


def case(engine, name, run):
    rows[f"{engine} {name}"] = lambda: run()[::9973].astype(np.float64).sum()


def erf_poly(x, m):
    t = 1 / (1 + 0.3275911 * m.abs(x))
    y = 1 - ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t * m.exp(-x * x)
    return m.where(x < 0, -y, y)


def price(s, m):
    k, r, v, t = 5.0, 0.02, 0.3, 1.0
    d1 = (m.log(s / k) + (r + v * v / 2) * t) / (v * math.sqrt(t))
    d2 = d1 - v * math.sqrt(t)
    root = 1.4142135623730951
    return s * 0.5 * (1 + erf_poly(d1 / root, m)) - k * math.exp(-r * t) * 0.5 * (1 + erf_poly(d2 / root, m))


case("numpy", "sqrt", lambda: np.add(np.multiply(np.sqrt(a, out=out), 2, out=out), 1, out=out))
case("numpy", "poly", lambda: a * a * a * 0.3 - a * a + 2 * a - 7)
case("numpy", "select", lambda: np.where(a > 5, a * 2, a / 3))
case("numpy", "int32", lambda: p * q + w)
case("numpy", "sinexp", lambda: np.sin(a) * np.exp(-a * a))
case("numpy", "pow", lambda: np.power(a, 1.7, out=out))
for name in ("log", "tan", "cbrt", "tanh"):
    case("numpy", name, lambda f=getattr(np, name): f(a, out=out))
case("numpy", "atan2", lambda: np.arctan2(a, b, out=out))
case("numpy", "hypot", lambda: np.hypot(a, b, out=out))
case("numpy", "black-scholes", lambda: price(a, np))
case("numpy", "gamma", lambda: (255 * (image / 255) ** 2.2).astype(np.uint8))
case("numpy", "threshold", lambda: np.where(image > 128, np.uint8(255), np.uint8(0)))
case("numpy", "blend", lambda: (image * 0.3 + image2 * 0.7).astype(np.uint8))

try:
    import numexpr as ne
except ImportError:
    ne = None
if ne is not None:
    ne.set_num_threads(2)
    texts = {
        "sqrt": "sqrt(a) * 2 + 1",
        "poly": "a * a * a * 0.3 - a * a + 2 * a - 7",
        "select": "where(a > 5, a * 2, a / 3)",
        "sinexp": "sin(a) * exp(-a * a)",
        "pow": "a ** 1.7",
        "log": "log(a)",
        "tan": "tan(a)",
        "tanh": "tanh(a)",
        "atan2": "arctan2(a, b)",
    }
    for name, text in texts.items():
        case("numexpr", name, lambda text=text: ne.evaluate(text, {"a": a, "b": b}, out=out))

try:
    import numba as nb
except ImportError:
    nb = None
if nb is not None:
    nb.set_num_threads(2)

    @nb.njit
    def one_erf(x):
        t = 1 / (1 + 0.3275911 * abs(x))
        y = 1 - ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t * math.exp(-x * x)
        return -y if x < 0 else y

    @nb.njit
    def one_price(s):
        k, r, v, t = 5.0, 0.02, 0.3, 1.0
        d1 = (math.log(s / k) + (r + v * v / 2) * t) / (v * math.sqrt(t))
        d2 = d1 - v * math.sqrt(t)
        root = 1.4142135623730951
        return s * 0.5 * (1 + one_erf(d1 / root)) - k * math.exp(-r * t) * 0.5 * (1 + one_erf(d2 / root))

    @nb.njit
    def escape(i):
        cr = (i % 1000) / 400 - 2
        ci = math.floor(i / 1000) / 400 - 1.25
        zr = zi = 0.0
        k = 0
        while k < 100 and zr * zr + zi * zi <= 4:
            t = zr * zr - zi * zi + cr
            zi = 2 * zr * zi + ci
            zr = t
            k += 1
        return k

    bodies = {
        "sqrt": lambda x, y: math.sqrt(x) * 2 + 1,
        "poly": lambda x, y: x * x * x * 0.3 - x * x + 2 * x - 7,
        "select": lambda x, y: x * 2 if x > 5 else x / 3,
        "sinexp": lambda x, y: math.sin(x) * math.exp(-x * x),
        "pow": lambda x, y: x**1.7,
        "log": lambda x, y: math.log(x),
        "tan": lambda x, y: math.tan(x),
        "tanh": lambda x, y: math.tanh(x),
        "atan2": lambda x, y: math.atan2(x, y),
        "hypot": lambda x, y: math.hypot(x, y),
        "black-scholes": lambda x, y: one_price(x),
    }
    for name, body in bodies.items():
        inner = nb.njit(body)

        @nb.njit(parallel=True)
        def loop(x, y, o, inner=inner):
            for i in nb.prange(x.shape[0]):
                o[i] = inner(x[i], y[i])
            return o

        case("numba", name, lambda loop=loop: loop(a, b, out))

    @nb.njit(parallel=True)
    def ints(x, y, v, o):
        for i in nb.prange(x.shape[0]):
            o[i] = x[i] * y[i] + v[i]
        return o

    o32 = np.zeros(N, np.int32)
    case("numba", "int32", lambda: ints(p, q, w, o32))

    @nb.njit(parallel=True)
    def mandelbrot(o):
        for i in nb.prange(1_000_000):
            o[i] = escape(i)
        return o

    plane = np.zeros(1_000_000)
    case("numba", "mandelbrot", lambda: mandelbrot(plane))

    @nb.njit(parallel=True)
    def gamma(x, o):
        for i in nb.prange(x.shape[0]):
            o[i] = np.uint8(255 * (x[i] / 255) ** 2.2)
        return o

    o8 = np.zeros(PIXELS, np.uint8)
    case("numba", "gamma", lambda: gamma(image, o8))

take_turns(rows)
