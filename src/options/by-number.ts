/**
 * This module accesses options by libzmq's numbers: get/set{Bool,Int32,Uint32,Int64,Uint64,String}Option. They pass bytes,
 * as zmq_setsockopt(3) does, so only the size of an option decides which accessor suits it.
 */
import { checkCount } from "../base/arguments.ts"
import { ZmqError } from "../base/errors.ts"
import { toOwnBytes } from "../base/parts.ts"
import type { OptionSpec } from "./kinds/spec.ts"

type ValueType = OptionSpec["type"]

/** This is one option of one socket or context, accessed by its number. */
export interface NumberedOption {
  readonly type: ValueType
  /** The numbers 0, 1, … stand for these values. Without them numbers stand for themselves. */
  readonly values?: readonly unknown[] | undefined
  readonly get?: () => unknown
  readonly set?: (value: unknown) => void
}

/** Finds an option for reading or for writing. Throws ENOTSOCK for a closed socket. */
export type FindOption = (owner: object, number: number, access: "get" | "set") => NumberedOption | undefined

/** A socket has these accessors, and a context too. */
export interface ContextAccessors {
  /** Reads an option of 4 bytes as a boolean, by libzmq's number of the option. Throws EINVAL where there is no such option. */
  getBoolOption(option: number): boolean
  /** Sets an option of 4 bytes to 0 or 1; `option` is libzmq's number of it. Throws EINVAL for a value that it refuses. */
  setBoolOption(option: number, value: boolean): void
  /** Reads an option of 4 bytes as a signed number, by libzmq's number of the option. Throws EINVAL where there is no such option. */
  getInt32Option(option: number): number
  /** Sets an option of 4 bytes, by a signed number; `option` is libzmq's number of it. Throws EINVAL for a value that it refuses. */
  setInt32Option(option: number, value: number): void
}

/** A socket has these accessors. */
export interface SocketAccessors extends ContextAccessors {
  /** Reads an option of 4 bytes as a number without a sign, by libzmq's number of the option. Throws EINVAL where there is no such option. */
  getUint32Option(option: number): number
  /** Sets an option of 4 bytes, by a number without a sign; `option` is libzmq's number of it. Throws EINVAL for a value that it refuses. */
  setUint32Option(option: number, value: number): void
  /** Reads an option of 8 bytes as a signed number, by libzmq's number of the option. Throws EINVAL where there is no such option. */
  getInt64Option(option: number): number
  /** Sets an option of 8 bytes, by a signed number; `option` is libzmq's number of it. Throws EINVAL for a value that it refuses. */
  setInt64Option(option: number, value: number): void
  /** Reads an option of 8 bytes as a number without a sign, by libzmq's number of the option. Throws EINVAL where there is no such option. */
  getUint64Option(option: number): number
  /** Sets an option of 8 bytes, by a number without a sign; `option` is libzmq's number of it. Throws EINVAL for a value that it refuses. */
  setUint64Option(option: number, value: number): void
  /** Reads an option of bytes as text, by libzmq's number of the option. Without any it is null. Throws EINVAL where there is no such option. */
  getStringOption(option: number): string | null
  /** Sets an option of bytes, by text or by bytes; `option` is libzmq's number of it. Throws EINVAL for a value that it refuses. */
  setStringOption(option: number, value: string | ArrayBufferView | null): void
}

const ACCESSORS: Readonly<Record<string, ValueType>> = {
  Bool: "bool",
  Int32: "int32",
  Uint32: "uint32",
  Int64: "int64",
  Uint64: "uint64",
  String: "bytes",
}

/**
 * Makes the methods get…Option and set…Option for some of the types.
 * @param find throws for a foreign `this`
 */
export function optionAccessors(find: FindOption, names = Object.keys(ACCESSORS)): PropertyDescriptorMap {
  const methods = names.flatMap(name => {
    const type = ACCESSORS[name] as ValueType
    return [
      [`get${name}Option`, { value: reader(find, type), configurable: true }],
      [`set${name}Option`, { value: writer(find, type), configurable: true }],
    ]
  })
  return Object.fromEntries(methods)
}

function reader(find: FindOption, type: ValueType) {
  return function (this: object, number: unknown): unknown {
    checkNumber(number)
    checkCount(arguments.length, 1)
    const option = find(this, number | 0, "get")
    if (option?.get === undefined) throw new ZmqError("EINVAL")
    return read(option, option.get(), type)
  }
}

function writer(find: FindOption, type: ValueType) {
  return function (this: object, number: unknown, value: unknown): void {
    checkNumber(number)
    checkValue(value, type)
    checkCount(arguments.length, 2)
    const option = find(this, number | 0, "set")
    if (option?.set === undefined) throw new ZmqError("EINVAL")
    option.set(convert(option, value, type))
  }
}

/** Converts an option's value to the type of the accessor. */
function read({ type, values }: NumberedOption, value: unknown, wanted: ValueType): unknown {
  if (type === "bytes" || wanted === "bytes") {
    if (type !== wanted) throw new ZmqError("EINVAL")
    return value
  }
  const number = values === undefined ? Number(value) : values.indexOf(value)
  const result = fromBytes(toBytes(number, type), wanted)
  return wanted === "bool" ? result !== 0 : result
}

/** Converts what the accessor was given to what the option takes. */
function convert({ type, values }: NumberedOption, value: unknown, given: ValueType): unknown {
  if (type === "bytes" && given === "bytes") return value
  const bytes = given === "bytes" ? toOwnBytes(value) : toBytes(Number(value), given)
  if (type === "bytes") return bytes
  const number = fromBytes(bytes, type)
  if (values !== undefined) return values[number]
  return type === "bool" ? toBoolean(number) : number
}

function toBoolean(number: number): boolean {
  if (number !== 0 && number !== 1) throw new ZmqError("EINVAL")
  return number === 1
}

const MAX_UINT64 = 2n ** 64n - 1n
const MAX_INT64 = 2n ** 63n - 1n

function toBytes(value: number, type: ValueType): Buffer {
  const bytes = Buffer.alloc(type === "int64" || type === "uint64" ? 8 : 4)
  if (type === "uint64") bytes.writeBigUInt64LE(clamp(value, 0n, MAX_UINT64))
  else if (type === "int64") bytes.writeBigInt64LE(clamp(value, -MAX_INT64 - 1n, MAX_INT64))
  else bytes.writeInt32LE(value | 0)
  return bytes
}

function fromBytes(bytes: Buffer, type: ValueType): number {
  if (bytes.length !== (type === "int64" || type === "uint64" ? 8 : 4)) throw new ZmqError("EINVAL")
  if (type === "uint64") return Number(bytes.readBigUInt64LE())
  if (type === "int64") return Number(bytes.readBigInt64LE())
  return type === "uint32" ? bytes.readUInt32LE() : bytes.readInt32LE()
}

function clamp(value: number, min: bigint, max: bigint): bigint {
  if (!Number.isFinite(value)) return value > 0 ? max : value < 0 ? min : 0n
  const whole = BigInt(Math.trunc(value))
  return whole < min ? min : whole > max ? max : whole
}

function checkNumber(number: unknown): asserts number is number {
  if (typeof number !== "number") throw new TypeError("Identifier must be a number")
}

function checkValue(value: unknown, type: ValueType): void {
  if (type === "bool") {
    if (typeof value !== "boolean") throw new TypeError("Option value must be a boolean")
  } else if (type === "bytes") toOwnBytes(value)
  else if (typeof value !== "number") throw new TypeError("Option value must be a number")
}
