/**
 * msgpackr knows a Map, a Date or bytes by their class, and takes those of another realm (a vm context, a browser window
 * in Node) for plain objects, of which nothing is left. This puts ones of our own realm in their place.
 */
import { addExtension, type Replacement } from "msgpackr/index-no-eval"
import {
  isAnyArrayBuffer,
  isDate,
  isMap,
  isNativeError,
  isRegExp,
  isSet,
  isSharedArrayBuffer,
  isUint8Array,
} from "../base/runtime.ts"

const Foreign = {
  [Symbol.hasInstance]: (value: unknown): boolean =>
    (!(value instanceof Object) && nativeOf(value) !== undefined) || isSharedArrayBuffer(value),
}

const REPLACEMENT: Replacement = { Class: Foreign, write: nativeOf }

let registered = false

/** Extensions are the same for all encoders and decoders. */
export function registerForeign(): void {
  if (registered) return
  registered = true
  addExtension(REPLACEMENT)
}

/** The same value of our own realm; undefined for one that is of no class with a form of its own. */
function nativeOf(value: unknown): object | undefined {
  if (isUint8Array(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  if (isAnyArrayBuffer(value)) return new Uint8Array(value).slice().buffer
  if (isMap(value)) return new Map(value)
  if (isSet(value)) return new Set(value)
  if (isDate(value)) return new Date(Number(value))
  if (isRegExp(value)) return new RegExp(value.source, value.flags)
  return isNativeError(value) ? errorOf(value) : undefined
}

function errorOf({ name, message, cause }: Error): Error {
  return Object.assign(new Error(message, { cause }), { name })
}
