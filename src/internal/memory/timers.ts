// Node's timers as they were when this package was loaded: a test that runs on false ones still gets its results.

export const { setImmediate, setInterval, setTimeout, clearInterval, clearTimeout } = globalThis;
