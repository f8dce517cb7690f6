// Node's timers as they were when this package was loaded: a test that runs on false ones still gets its results.
import * as timers from 'node:timers';

// Of the module, not of the global object: that may have false ones already.
export const { setImmediate, setInterval, setTimeout, clearInterval, clearTimeout } = timers;
