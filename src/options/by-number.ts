/**
 * Options by libzmq's numbers: get/set{Bool,Int32,Uint32,Int64,Uint64,String}Option. As zmq_setsockopt(3) does, they
 * pass bytes: which accessor suits an option is a question of its size alone.
 */
import { checkCount } from "../base/arguments.ts"
import { ZmqError } from "../base/errors.ts"
import { toOwnBytes } from "../base/parts.ts"
import type { OptionSpec } from "./kinds/spec.ts"

type ValueType = OptionSpec["type"]

/** One option of one socket or context, as it is seen by its number. */
export interface NumberedOption {
  readonly type: ValueType
  /** What the numbers 0, 1, … stand for, where it isn't themselves. */
  readonly values?: readonly unknown[] | undefined
  readonly get?: () => unknown
  readonly set?: (value: unknown) => void
}

/** Finds an option for reading or for writing. Throws ENOTSOCK for a closed socket. */
export type FindOption = (owner: object, number: number, access: "get" | "set") => NumberedOption | undefined

/** The accessors of every socket; those for 4 bytes are a context's too. */
export interface ContextAccessors {
  getBoolOption(option: number): boolean
  setBoolOption(option: number, value: boolean): void
  getInt32Option(option: number): number
  setInt32Option(option: number, value: number): void
}

export interface SocketAccessors extends ContextAccessors {
  getUint32Option(option: number): number
  setUint32Option(option: number, value: number): void
  getInt64Option(option: number): number
  setInt64Option(option: number, value: number): void
  getUint64Option(option: number): number
  setUint64Option(option: number, value: number): void
  getStringOption(option: number): string | null
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

/** The methods get…Option and set…Option for some of the types. `find` throws for a foreign `this`. */
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

/** The option's value, as the accessor tells it. */
function read({ type, values }: NumberedOption, value: unknown, wanted: ValueType): unknown {
  if (type === "bytes" || wanted === "bytes") {
    if (type !== wanted) throw new ZmqError("EINVAL")
    return value
  }
  const number = values === undefined ? Number(value) : values.indexOf(value)
  const result = fromBytes(toBytes(number, type), wanted)
  return wanted === "bool" ? result !== 0 : result
}

/** What the accessor was given, as the option takes it. */
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
