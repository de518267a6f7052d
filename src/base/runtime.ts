/**
 * This file and clock.ts have all that the library takes from the runtime. An entry for browsers would replace both.
 * Buffer and AbortController are globals, and need no import.
 */
import { Buffer, isUtf8 } from "node:buffer"
import { setMaxListeners } from "node:events"
import { Socket as NetSocket } from "node:net"
import { constants } from "node:os"
import * as workerThreads from "node:worker_threads"

export { isIPv4, isIPv6 } from "node:net"
/** These checks work for values of all realms, unlike `instanceof`. They are for values that a program gives. */
export {
  isAnyArrayBuffer,
  isDate,
  isMap,
  isNativeError,
  isRegExp,
  isSet,
  isSharedArrayBuffer,
  isUint8Array,
} from "node:util/types"
export * from "./clock.ts"
/** Fast code imports these, because the global `Buffer` is a getter. */
export { Buffer, isUtf8 }

/** The table gives the platform's positive errno value of each code, such as 11 for EAGAIN. */
export const errnoByCode: Readonly<Record<string, number>> = constants.errno

/** Returns a Buffer over the same memory. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

const { set } = Uint8Array.prototype

/**
 * Copies the bytes into the target, from index `at` on. It calls one set() that was looked up before, because the look-up
 * of a Buffer's own set() would take half as long as copying 64 bytes.
 */
export function copyInto(target: Uint8Array, bytes: Uint8Array, at = 0): void {
  set.call(target, bytes, at)
}

type BufferView = new (memory: ArrayBufferLike, start: number, length: number) => Buffer

/** The class of Buffers takes the arguments of Buffer.from() for memory, and needs half the time. */
const BufferView = (Buffer as unknown as { readonly [Symbol.species]: BufferView })[Symbol.species]

/** Returns a Buffer over a part of the memory. Buffer.subarray() is slower, because it must look up the memory. */
export function bufferOver(memory: ArrayBufferLike, start: number, length: number): Buffer {
  return new BufferView(memory, start, length)
}

/**
 * Lets V8 consider a quick garbage collection after large memory has come from another thread. V8 considers a collection
 * of the young generation only when memory is allocated, not when it is moved. Without this call it would mark the whole
 * heap for every few dozen mebibytes that come in.
 */
export function noteMovedMemory(): void {
  // Rollup leaves out an ArrayBuffer that nobody is given.
  Buffer.from(new ArrayBuffer(1))
}

/** Allocates memory that is not cleared, and never from the shared pool. Throws RangeError above the runtime's limit. */
export const allocate: (size: number) => Buffer = size => Buffer.allocUnsafeSlow(size)

/** Allocates memory that is not cleared. Small amounts are taken from a pool of 8 KiB. */
export const allocatePooled: (size: number) => Buffer = size => Buffer.allocUnsafe(size)

const canMarkMemory = canMark()

/** Some runtimes lack the function, and others have one that throws. */
function canMark(): boolean {
  try {
    workerThreads.markAsUntransferable(new ArrayBuffer(1))
    return true
  } catch {
    return false
  }
}

/**
 * Forbids to transfer this memory to another thread, because that would empty all the parts in it. It does nothing where
 * the runtime has no such mark.
 */
export function forbidTransfer(memory: ArrayBufferLike): void {
  if (canMarkMemory) workerThreads.markAsUntransferable(memory)
}

/**
 * Allocates memory that several parts may share, and that therefore can't be transferred. It is not cleared. Small amounts
 * come from the pool, which Node has marked itself.
 */
export function allocateShared(size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size)
  if (bytes.buffer.byteLength === size) forbidTransfer(bytes.buffer)
  return bytes
}

/** Makes an abort controller whose signal may have any number of listeners, without a warning from Node. */
export function sharedAbort(): AbortController {
  const controller = new AbortController()
  try {
    setMaxListeners(0, controller.signal)
  } catch {
    // Node refuses the signal of a browser window. Such signals never warn.
  }
  return controller
}

/** True when the runtime's sockets can be given a type of service. Those of Node 20 can't. */
export const canSetTypeOfService: boolean = "setTypeOfService" in NetSocket.prototype

export const processId: number = process.pid

/** Runs the task whenever the event loop has nothing left to do. The task may give it new work. */
export function onLoopEmpty(task: () => void): void {
  process.on("beforeExit", task)
}

/** Runs the task when the process, or this worker thread, exits. The task can't put off anything for later. */
export function onExit(task: () => void): void {
  process.on("exit", task)
}

/**
 * Returns an object that all copies of the library share in this process or worker thread. The first copy that asks
 * makes it.
 *
 * @param name changes with the meaning of what it names, because the copies may be of different versions
 */
export function sharedInProcess<T extends object>(name: string, make: () => T): T {
  const home = process as unknown as Record<symbol, T | undefined>
  const key = Symbol.for(name)
  home[key] ??= make()
  return home[key]
}

/** Writes the text to the standard error output. */
export function writeWarning(text: string): void {
  process.stderr.write(text)
}

/** Emits a warning like Node's own ones. It is printed after the turn, and can be listened to or switched off. */
export function emitWarning(warning: string | Error): void {
  process.emitWarning(warning)
}
