// Logging as in Python's multiprocessing: one logger for each process, which children take over.
import { identity } from './internal/worker/identity.js';
import { logger, type LevelName, type LogHandler, type Logger, type LogRecord } from './internal/process/log.js';

export type { LogHandler, Logger, LogRecord };

/** A level by Python's number or name: `'DEBUG'` is 10, `'INFO'` 20, `'WARNING'` 30, `'ERROR'` 40, `'CRITICAL'` 50. */
export type LogLevel = number | LevelName;

/**
 * The logger of this process. Its level is not set at first, which counts as `'WARNING'`, and it has no handler.
 *
 * @example
 * getLogger().addHandler(({ levelName, message }) => journal.write(`${levelName} ${message}`));
 */
export function getLogger(): Logger {
  return logger;
}

/**
 * Prints what is logged on stderr, as `[LEVEL/process name] message`, here and in children that are started from now on.
 *
 * @throws TypeError, RangeError for what is no level
 * @example
 * logToStderr('INFO').info('warming up'); // [INFO/MainProcess] warming up
 */
export function logToStderr(level?: LogLevel): Logger {
  if (level !== undefined) logger.setLevel(level);
  identity().logsToStderr = true;
  return logger;
}
