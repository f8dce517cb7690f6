// The logger of this environment: levels and handlers as in Python's logging, without the tree of loggers.
import { format, inspect } from 'node:util';
import { ownTraveller } from '../codec/travellers.js';
import { KIND } from '../shared/kinds.js';
import { identity } from '../worker/identity.js';

const LEVELS = {
  NOTSET: 0,
  SUBDEBUG: 5,
  DEBUG: 10,
  INFO: 20,
  SUBWARNING: 25,
  WARNING: 30,
  ERROR: 40,
  CRITICAL: 50,
} as const;

export type LevelName = keyof typeof LEVELS;

/** What a handler gets. */
export interface LogRecord {
  readonly level: number;
  readonly levelName: string;
  readonly message: string;
  /** Name of the process that logged. */
  readonly processName: string;
}

/** Gets each record that is logged. */
export type LogHandler = (record: LogRecord) => void;

/** Python's default for a logger whose level was not set. */
const EFFECTIVE_DEFAULT = LEVELS.WARNING;

/**
 * A log with levels. What no handler takes is dropped; after `logToStderr` it is printed. Children and workers of pools
 * take over the level and the printing, handlers stay with their process.
 */
export class Logger {
  readonly #handlers = new Set<LogHandler>();

  /** The level that was set; 0 when none was. */
  get level(): number {
    return identity().logLevel;
  }

  /** Records below this level are dropped. */
  getEffectiveLevel(): number {
    return this.level === LEVELS.NOTSET ? EFFECTIVE_DEFAULT : this.level;
  }

  /** Drops records below `level` from now on. @throws TypeError, RangeError */
  setLevel(level: number | LevelName): void {
    identity().logLevel = levelNumber(level);
  }

  [inspect.custom](): string {
    return `Logger { level: ${this.level} }`;
  }

  /** Whether a record of this level goes to the handlers. */
  isEnabledFor(level: number | LevelName): boolean {
    return levelNumber(level) >= this.getEffectiveLevel();
  }

  /** From now on each record goes to it, too. */
  addHandler(handler: LogHandler): void {
    const type = typeof handler;
    if (type !== 'function')
      throw new TypeError(`Expected \`handler\` to be a function, got \`${inspect(handler)}\` (${type})`);
    this.#handlers.add(handler);
  }

  removeHandler(handler: LogHandler): void {
    this.#handlers.delete(handler);
  }

  debug(...values: unknown[]): void {
    this.log(LEVELS.DEBUG, ...values);
  }

  info(...values: unknown[]): void {
    this.log(LEVELS.INFO, ...values);
  }

  warning(...values: unknown[]): void {
    this.log(LEVELS.WARNING, ...values);
  }

  error(...values: unknown[]): void {
    this.log(LEVELS.ERROR, ...values);
  }

  critical(...values: unknown[]): void {
    this.log(LEVELS.CRITICAL, ...values);
  }

  /**
   * Hands a record to every handler when its level is high enough. The text is what `console.log` makes of the values. A
   * handler that throws stops neither the others nor the caller.
   */
  log(level: number | LevelName, ...values: unknown[]): void {
    const number = levelNumber(level);
    const { logsToStderr, name } = identity();
    if ((!logsToStderr && this.#handlers.size === 0) || number < this.getEffectiveLevel()) return;
    const record = { level: number, levelName: levelName(number), message: format(...values), processName: name };
    if (logsToStderr) printToStderr(record);
    for (const handler of [...this.#handlers]) {
      try {
        handler(record);
      } catch (error) {
        // As Python does: who logs is not to fail for it.
        process.stderr.write(`--- Logging error ---\n${inspect(error)}\n`);
      }
    }
  }
}

/** The one logger of this environment. */
export const logger = new Logger();

ownTraveller(logger, KIND.LOGGER);

function printToStderr({ levelName: name, processName, message }: LogRecord): void {
  process.stderr.write(`[${name}/${processName}] ${message}\n`);
}

/** The number of a level given by name or number. */
function levelNumber(level: unknown): number {
  if (typeof level === 'number' && Number.isFinite(level) && level >= 0) return level;
  if (typeof level === 'string' && Object.hasOwn(LEVELS, level)) return LEVELS[level as LevelName];
  const names = Object.keys(LEVELS).join(', ');
  const text = `Expected \`level\` to be a number of at least 0 or one of ${names}, got \`${inspect(level)}\` (${typeof level})`;
  throw typeof level === 'number' || typeof level === 'string' ? new RangeError(text) : new TypeError(text);
}

function levelName(level: number): string {
  return Object.entries(LEVELS).find(([, number]) => number === level)?.[0] ?? `Level ${level}`;
}
