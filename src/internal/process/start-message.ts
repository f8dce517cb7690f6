// What a child is given besides its descriptor: one block with the function, its captured values and its arguments.
import type { MessagePort } from 'node:worker_threads';
import type { StartMethod } from '../../start-method.js';
import { ByteReader } from '../codec/byte-reader.js';
import { ByteWriter } from '../codec/byte-writer.js';
import { decode } from '../codec/decode.js';
import { encode, type EncodeContext } from '../codec/encode.js';
import type { Captured } from '../function/capture.js';
import { HEADER, type Arena } from '../memory/arena.js';
import type { ChildIdentity } from '../worker/identity.js';
import { takeBuffer } from '../worker/shared-buffers.js';

/** Settings that a child takes over from its parent. */
export interface Inherited {
  readonly identity: ChildIdentity;
  readonly authkey: Uint8Array;
  readonly startMethod: StartMethod;
}

/** As it is written. */
type WrittenInherited = Omit<Inherited, 'authkey'> & { readonly authkey: readonly number[] };

const withKey = (written: WrittenInherited): Inherited => ({ ...written, authkey: Uint8Array.from(written.authkey) });

export interface StartMessage {
  readonly inherited: Inherited;
  /** The definition of the function, for `loadDefinition`. */
  readonly body: unknown;
  readonly values: unknown;
  readonly args: readonly unknown[];
}

/**
 * Stores the message in a block of this participant. Throws what `encodeValues` throws, or DataCloneError, and nothing is
 * left behind. (Children read this file, too: they need not know how values are refused.)
 */
export function writeStartMessage(
  arena: Arena,
  inherited: Inherited,
  { definition, values }: Captured,
  args: readonly unknown[],
  encodeValues: typeof encode,
  sharedBuffers: EncodeContext['sharedBuffers'],
): number {
  const writer = new ByteWriter();
  const handles: number[] = [];
  // Numbers need nothing that a child has not loaded by then; binary data does.
  encode({ ...inherited, authkey: [...inherited.authkey] }, writer, { path: 'process' });
  encode(definition.body, writer, { path: 'target' });
  encodeValues(values, writer, { path: 'captured', handles, sharedBuffers });
  encode(args, writer, { path: 'args', handles, sharedBuffers });
  return arena.store(writer.bytes.subarray(0, writer.position), handles);
}

/** Takes the message from the child's inbox. Throws when the parent died first and it is gone with it. */
export function takeStartMessage(arena: Arena, inbox: number, port: MessagePort | undefined): StartMessage {
  const block = arena.native.take(inbox);
  const { u8, start } = arena.payload(block);
  const reader = new ByteReader(u8, start, start + arena.word(block, HEADER.LENGTH));
  const context = { sharedBuffers: { get: (number: number) => takeBuffer(port, number) } };
  const message: StartMessage = {
    // Written by `writeStartMessage` of this same version.
    inherited: withKey(decode(reader, {}) as WrittenInherited),
    body: decode(reader, {}),
    values: decode(reader, context),
    args: decode(reader, context) as unknown[],
  };
  arena.native.free(block);
  return message;
}
