/**
 * All that the library takes from the runtime beyond the language, in one place: a browser entry would replace
 * this file and clock.ts, whose part of it is time. (Buffer and AbortController are globals and need no import.)
 */
import { Buffer, isUtf8 } from "node:buffer"
import { setMaxListeners } from "node:events"
import { Socket as NetSocket } from "node:net"
import { constants } from "node:os"

export { isIPv4, isIPv6 } from "node:net"
/** For values of a program: these hold whatever realm the value is from, unlike `instanceof`. */
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
/** For where speed counts: the global of the same name is a getter. */
export { Buffer, isUtf8 }

/** The platform's positive errno values by code, such as EAGAIN → 11. */
export const errnoByCode: Readonly<Record<string, number>> = constants.errno

/** A Buffer over the same memory. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

const { set } = Uint8Array.prototype

/** Copies bytes to a place in the target. Looking up a Buffer's own set() takes half as long again as 64 bytes do. */
export function copyInto(target: Uint8Array, bytes: Uint8Array, at = 0): void {
  set.call(target, bytes, at)
}

type BufferView = new (memory: ArrayBufferLike, start: number, length: number) => Buffer

/** What Buffers are instances of: takes what Buffer.from() takes for memory, and has done in half the time. */
const BufferView = (Buffer as unknown as { readonly [Symbol.species]: BufferView })[Symbol.species]

/** So many bytes of the memory as a Buffer. Buffer.subarray() is slower, since it has to ask for the memory. */
export function bufferOver(memory: ArrayBufferLike, start: number, length: number): Buffer {
  return new BufferView(memory, start, length)
}

/**
 * To be called when large memory has come from another thread. V8 looks whether the young generation holds so much that
 * a quick collection is due when memory is allocated, not when it is moved; else it comes to mark the whole heap, for
 * every few dozen mebibytes that come in.
 */
export function noteMovedMemory(): void {
  new ArrayBuffer(1)
}

/** Memory of its own, never from the shared pool, not cleared. Throws RangeError beyond the runtime's limit. */
export const allocate: (size: number) => Buffer = size => Buffer.allocUnsafeSlow(size)

/** Memory, not cleared; small amounts are cut from a pool of 8 KiB. */
export const allocatePooled: (size: number) => Buffer = size => Buffer.allocUnsafe(size)

/** An abort controller whose signal any number of tasks may listen to, without a warning of Node's. */
export function sharedAbort(): AbortController {
  const controller = new AbortController()
  try {
    setMaxListeners(0, controller.signal)
  } catch {
    // It is the signal of a browser window, which Node doesn't know; those never warn.
  }
  return controller
}

/** True when the runtime's sockets can be given a type of service: not in Node 20. */
export const canSetTypeOfService: boolean = "setTypeOfService" in NetSocket.prototype

export const processId: number = process.pid

/** Runs whenever nothing is left to keep the event loop going; may give it new work. */
export function onLoopEmpty(task: () => void): void {
  process.on("beforeExit", task)
}

/** Runs when the process, or this worker thread, exits. Nothing that it puts off happens any more. */
export function onExit(task: () => void): void {
  process.on("exit", task)
}

/**
 * What all copies of the library have in common, in this process or worker thread; made by the first one that asks.
 *
 * @param name changes with the meaning of what it names, because the copies may be of different versions
 */
export function sharedInProcess<T extends object>(name: string, make: () => T): T {
  const home = process as unknown as Record<symbol, T | undefined>
  const key = Symbol.for(name)
  home[key] ??= make()
  return home[key]
}

/** Straight to the standard error output. */
export function writeWarning(text: string): void {
  process.stderr.write(text)
}

/** As Node's own warnings: printed once the turn is over, can be listened to and switched off. */
export function emitWarning(warning: string | Error): void {
  process.emitWarning(warning)
}
