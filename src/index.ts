// The public surface of manyhands.
export { AsyncResult } from './async-result.js';
export { Connection } from './connection.js';
export {
  getAllStartMethods,
  getContext,
  getStartMethod,
  isMainProcess,
  setStartMethod,
  type Context,
} from './context.js';
export { availableCpuCount, cpuCount } from './cpu.js';
export {
  activeChildren,
  currentProcess,
  freezeSupport,
  parentProcess,
  type CurrentProcess,
  type ParentProcess,
} from './current-process.js';
export {
  AuthenticationError,
  BrokenBarrierError,
  BrokenProcessPoolError,
  BufferTooShortError,
  CancelledError,
  CaptureError,
  DataCloneError,
  EOFError,
  InitializerError,
  InvalidStateError,
  KernelError,
  PoolTerminatedError,
  ProcessError,
  QueueEmptyError,
  QueueFullError,
  QueueShutDownError,
  RemoteError,
  ResultEncodingError,
  StateError,
  TimeoutError,
  WorkerDiedError,
  registerError,
} from './errors.js';
export { Pipe } from './pipe.js';
export type { PoolEvent } from './pool-events.js';
export type { WorkerInfo } from './internal/engine/engine.js';
export { kernel, type Explanation, type Kernel } from './kernel.js';
export type {
  Histogram,
  HistogramOptions,
  Predicate,
  ReduceOp,
  Reduction,
  ScanOp,
  SortOptions,
} from './data-operations.js';
export { Pool, ThreadPool, type PoolState, type PoolStats } from './pool.js';
export { getLogger, logToStderr, type Logger, type LogHandler, type LogLevel, type LogRecord } from './logger.js';
export type { AsyncOptions, CallOptions, ImapOptions, MapOptions, Progress } from './call-options.js';
export type { KernelOptions } from './kernel-options.js';
export type { PoolOptions } from './pool-options.js';
export type { ProcessOptions } from './process-options.js';
export { Process } from './process.js';
export type { Measured, ResultStats } from './result-types.js';
export { ResultIterator } from './result-iterator.js';
export { Barrier } from './barrier.js';
export { Condition } from './condition.js';
export { Event } from './event.js';
export { JoinableQueue } from './joinable-queue.js';
export { Lock } from './lock.js';
export { Queue } from './queue.js';
export { RLock } from './rlock.js';
export { BoundedSemaphore, Semaphore } from './semaphore.js';
export { RawArray, SharedArray, SharedArray as Array } from './shared-array.js';
export { ShareableList, type ShareableItem } from './shareable-list.js';
export { SimpleQueue } from './simple-queue.js';
export { RawValue, Value, type Element, type LockOptions } from './value.js';
export { SharedMemory, type SharedMemoryOptions } from './shared-memory.js';
export type { StartMethod } from './start-method.js';
export { wait, type Waitable } from './wait.js';
export type { WaitOptions } from './internal/job/time-limit.js';
export type { TypeCode, TypeName } from './internal/type-codes.js';
export type { Task, TaskReference } from './task.js';
export type { TypedArray } from './internal/typed-array.js';
export { zip, type TypedZip, type Zip } from './zip.js';
