/**
 * msgpackr recognizes a Map, a Date or bytes by their class. It takes those of another realm (a vm context, a browser
 * window in Node) for plain objects, and loses their contents. This file replaces them by objects of our own realm.
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

/** Registers the replacements, once, because all encoders and decoders share msgpackr's extensions. */
export function registerForeign(): void {
  if (registered) return
  registered = true
  addExtension(REPLACEMENT)
}

/** Returns the same value in our own realm, or undefined when the value is of no class that needs it. */
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
