/**
 * This file has an extension for typed arrays other than Uint8Array. Without it, and without its own one, msgpackr would
 * fill only the first bytes of such an array's data, and send other memory of the process as the rest. Our extension
 * throws instead.
 */
import { addExtension, type Extension } from "msgpackr/index-no-eval"
import { isUint8Array } from "../base/runtime.ts"

const TYPED_ARRAY = 0x74
const EXT_32 = 0xc9
const HEADER = 7
const DATA_VIEW = 17

/** The index of a class is the number that stands for it on the wire. */
const CLASSES = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
]

const OtherViews = {
  [Symbol.hasInstance]: (value: unknown): boolean => ArrayBuffer.isView(value) && !isUint8Array(value),
}

/** Returns the name of a typed array's class, or undefined for a DataView. */
const nameOf = Reflect.getOwnPropertyDescriptor(
  Reflect.getPrototypeOf(Uint8Array.prototype) as object,
  Symbol.toStringTag,
)?.get as (this: ArrayBufferView) => string | undefined

let registered = false

/** Registers the extension, once, because all encoders and decoders share msgpackr's extensions. */
export function registerViews(): void {
  if (registered) return
  registered = true
  addExtension(EXTENSION)
}

const EXTENSION: Extension = {
  Class: OtherViews,
  type: TYPED_ARRAY,

  pack(view, allocate) {
    if (!this.moreTypes)
      throw new TypeError(`${nameOf.call(view) ?? "DataView"} needs the option structuredClone`)
    const size = view.byteLength
    const { target, position } = allocate(HEADER + size)
    target[position] = EXT_32
    target.writeUInt32BE(size + 1, position + 1)
    target[position + 5] = TYPED_ARRAY
    target[position + 6] = codeOf(view)
    target.set(new Uint8Array(view.buffer, view.byteOffset, size), position + HEADER)
  },

  unpack(data) {
    const [code = 0] = data
    // The bytes are copied, because only the beginning of a buffer is aligned for every kind of number.
    const { buffer } = Uint8Array.prototype.slice.call(data, 1)
    const View = CLASSES[code]
    if (View !== undefined) return new View(buffer as ArrayBuffer)
    if (code === DATA_VIEW) return new DataView(buffer)
    if (code === DATA_VIEW - 1) return buffer
    throw new Error(`a typed array of kind ${code}`)
  },
}

/** Finds the number by the name of the class, because the class itself may be that of another realm. */
function codeOf(view: ArrayBufferView): number {
  const name = nameOf.call(view)
  return name === undefined ? DATA_VIEW : CLASSES.findIndex(Class => Class.name === name)
}
