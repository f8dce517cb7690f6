// Reads what V8 knows about a function: its scopes with live values, its place, what it is bound to. The only user of the inspector.
import { CaptureError } from '../../errors.js';
import { principalGlobal } from './realm.js';
import type { Session } from 'node:inspector';

export interface LiveScope {
  /** 'Local', 'Closure (name)', 'Block', 'Module', 'Script', 'Global', ... */
  readonly kind: string;
  readonly variables: Record<string, unknown>;
}

export interface Inspection {
  readonly scriptId: string | undefined;
  /** Zero-based. */
  readonly line: number;
  readonly column: number;
  readonly scopes: readonly LiveScope[];
  readonly bound: { readonly target: Function; readonly self: unknown; readonly args: readonly unknown[] } | undefined;
}

/** Where values are handed between this file and the inspector, which deals in remote handles only. */
const slot: { value: unknown } = { value: undefined };
const GROUP = 'manyhands';

let session: Session | undefined;
let slotId = '';
let unavailable: CaptureError | undefined;
let problem = '';

interface RemoteObject {
  objectId?: string;
  value?: unknown;
}

interface InternalProperty {
  name: string;
  value?: RemoteObject;
}

function open(): Session {
  if (session !== undefined) return session;
  if (unavailable !== undefined) throw unavailable;
  try {
    // Loading the inspector takes 2 to 4 ms, so it waits for the first closure.
    const inspector = require('node:inspector') as typeof import('node:inspector');
    const opened = new inspector.Session();
    opened.connect();
    session = opened;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    const why =
      code === 'ERR_ACCESS_DENIED'
        ? "Node's permission model forbids the inspector (ERR_ACCESS_DENIED; newer versions allow it with --allow-inspector)"
        : `this Node has no inspector (${code})`;
    problem = why;
    unavailable = new CaptureError(
      `Cannot capture the variables of a function: ${why}. Give them by hand: pool.apply(fn, args, { with: { name: value } }), or export the function from a module and send { module, name }.`,
      { cause: error },
    );
    throw unavailable;
  }
  // The handle of the slot is kept for good; the global property is there for one moment only.
  const global = principalGlobal();
  const key = `manyhands.inspected.${process.pid}`;
  Object.defineProperty(global, Symbol.for(key), { value: slot, configurable: true });
  const { result } = post('Runtime.evaluate', { expression: `globalThis[Symbol.for(${JSON.stringify(key)})]` });
  Reflect.deleteProperty(global, Symbol.for(key));
  slotId = (result as RemoteObject).objectId ?? '';
  return session;
}

export function inspectorAvailable(): boolean {
  try {
    open();
    return true;
  } catch (error) {
    if (error === unavailable) return false;
    throw error;
  }
}

/** Why variables cannot be read here. */
export const inspectorProblem = (): string => problem;

/** In-process commands are answered before `post` returns. */
function post(method: string, parameters: object = {}): Record<string, unknown> {
  let answer: Record<string, unknown> | undefined;
  let failure: Error | null = null;
  // The typings list every method apart; the protocol itself has this one shape.
  const send = session as unknown as {
    post(method: string, parameters: object, done: (error: Error | null, result?: object) => void): void;
  };
  send.post(method, parameters, (error, result) => {
    failure = error;
    answer = result as Record<string, unknown>;
  });
  if (failure !== null)
    throw new CaptureError(
      `The inspector refused ${method}: ${(failure as { message?: string }).message ?? String(failure)}`,
      { cause: failure },
    );
  if (answer === undefined)
    throw new CaptureError(`The inspector did not answer ${method} at once; is the program paused in a debugger?`);
  return answer;
}

/** The live value behind a handle. */
function live(objectId: string): unknown {
  post('Runtime.callFunctionOn', {
    objectId,
    functionDeclaration: 'function(slot){slot.value=this}',
    arguments: [{ objectId: slotId }],
  });
  return slot.value;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Throws CaptureError where there is no inspector. */
export function inspect(fn: Function): Inspection {
  open();
  slot.value = fn;
  let touched = false;
  try {
    const { result } = post('Runtime.callFunctionOn', {
      objectId: slotId,
      functionDeclaration: 'function(){return this.value}',
      objectGroup: GROUP,
    });
    touched = true;
    const handle = result as RemoteObject;
    const { internalProperties } = post('Runtime.getProperties', { objectId: handle.objectId, ownProperties: true });
    let place: { scriptId?: string; lineNumber?: number; columnNumber?: number } = {};
    const scopes: LiveScope[] = [];
    let target: unknown;
    let self: unknown;
    let args: unknown[] = [];
    for (const { name, value } of (internalProperties ?? []) as InternalProperty[]) {
      if (value === undefined) continue;
      const { objectId } = value;
      if (name === '[[FunctionLocation]]') place = isRecord(value.value) ? value.value : {};
      else if (name === '[[Scopes]]' && objectId !== undefined) {
        const list = live(objectId) as ArrayLike<{ description: string; object: Record<string, unknown> }>;
        for (let i = 0; i < list.length; i++) {
          const entry = list[i];
          if (entry !== undefined) scopes.push({ kind: entry.description, variables: entry.object });
        }
      } else if (name === '[[TargetFunction]]' && objectId !== undefined) target = live(objectId);
      else if (name === '[[BoundThis]]') self = objectId === undefined ? value.value : live(objectId);
      else if (name === '[[BoundArgs]]' && objectId !== undefined) args = [...(live(objectId) as unknown[])];
    }
    return {
      scriptId: place.scriptId,
      line: place.lineNumber ?? 0,
      column: place.columnNumber ?? 0,
      scopes,
      bound: typeof target === 'function' ? { target, self, args } : undefined,
    };
  } finally {
    slot.value = undefined;
    if (touched) post('Runtime.releaseObjectGroup', { objectGroup: GROUP });
  }
}

const urls = new Map<string, string>();

/** URL or path of a script; '' when it has none. */
export function scriptUrl(scriptId: string): string {
  const known = urls.get(scriptId);
  if (known !== undefined) return known;
  open();
  readCallers();
  if (!urls.has(scriptId)) readAllScripts();
  const url = urls.get(scriptId) ?? '';
  urls.set(scriptId, url);
  return url;
}

/** The scripts of the calling functions, which nearly always include the one asked for: 0.1 to 0.8 ms. */
function readCallers(): void {
  post('Runtime.enable');
  try {
    const { exceptionDetails } = post('Runtime.evaluate', {
      expression: 'throw new Error("manyhands: reads its callers")',
      objectGroup: GROUP,
    });
    const details = exceptionDetails as
      | { stackTrace?: { callFrames: { scriptId: string; url: string }[] } }
      | undefined;
    for (const frame of details?.stackTrace?.callFrames ?? [])
      if (frame.url !== '') urls.set(frame.scriptId, frame.url);
  } finally {
    post('Runtime.disable');
    post('Runtime.releaseObjectGroup', { objectGroup: GROUP });
  }
}

/** Every script. The Debugger domain slows async code down while it is on, so it is on for one command, 4 to 40 ms. */
function readAllScripts(): void {
  const opened = open();
  const parsed = ({ params }: { params: { scriptId: string; url: string } }): void => {
    urls.set(params.scriptId, params.url);
  };
  opened.on('Debugger.scriptParsed', parsed);
  try {
    post('Debugger.enable', { maxScriptsCacheSize: 0 });
  } finally {
    post('Debugger.disable');
    opened.off('Debugger.scriptParsed', parsed);
  }
}
