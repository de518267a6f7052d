import { emitWarning } from "../base/runtime.ts"
import type { SocketType } from "../base/socket-types.ts"
import { refuseToSet } from "./assign.ts"
import type { NumberedOption } from "./by-number.ts"
import { reaches } from "./kinds/spec.ts"
import {
  defaultOptions,
  type OptionValues,
  optionApplies,
  optionNames,
  optionSpec,
  type SocketOptionName,
} from "./table.ts"

/** This class holds the values of one socket's options, by name and by number. */
export class OptionSet {
  /** Patterns, pipes and endpoints read these values. */
  readonly values: OptionValues
  #snapshot: Readonly<OptionValues> | undefined
  /** This holds the options that the socket type knows by their number only; they have no effect. */
  readonly #unused: OptionValues
  readonly #type: SocketType
  readonly #inUse: () => boolean
  readonly #listeners: (() => void)[] = []

  /** @param inUse returns true when the socket is bound or connected, so that some changes come too late */
  constructor(type: SocketType, context: { blocky: boolean; ipv6: boolean }, inUse: () => boolean) {
    this.#type = type
    this.#inUse = inUse
    this.values = defaultOptions(type, context)
    this.#unused = { ...this.values }
  }

  /** Returns a copy of the current values. It is the same object until an option is set. */
  get snapshot(): Readonly<OptionValues> {
    this.#snapshot ??= { ...this.values }
    return this.#snapshot
  }

  /** True when the option is one of this socket's properties. */
  has(name: SocketOptionName): boolean {
    return optionApplies(name, "ALL") || optionApplies(name, this.#type)
  }

  get(name: SocketOptionName): unknown {
    const value = this.#valuesOf(name)[name]
    const { show } = optionSpec(name)
    return show === undefined ? value : show(value)
  }

  /** The listener is called after each change of a value. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  /** Checks and stores a value, and calls the listeners. Throws the errors that the option's row states. */
  set(name: SocketOptionName, value: unknown): void {
    const { parse, warns, implies } = optionSpec(name)
    const values = this.#valuesOf(name)
    const parsed = parse(value, values[name])
    Object.assign(values, { [name]: parsed }, implies?.(parsed, values))
    this.#snapshot = undefined
    for (const listener of this.#listeners) listener()
    if (warns && this.#inUse()) emitWarning("Socket option will not take effect until next connect/bind.")
  }

  /** Finds the option that this socket type knows by one of libzmq's numbers. */
  numbered(number: number): NumberedOption | undefined {
    const name = optionNames.find(name => optionSpec(name).id === number && number >= 0 && this.#knows(name))
    if (name === undefined) return undefined
    const { type, values, access } = optionSpec(name)
    const read = { type, values, get: () => this.get(name) }
    return access === "read" ? read : { ...read, set: value => this.set(name, value) }
  }

  #valuesOf(name: SocketOptionName): OptionValues {
    return this.has(name) ? this.values : this.#unused
  }

  #knows(name: SocketOptionName): boolean {
    const { byNumber } = optionSpec(name)
    return this.has(name) || byNumber.includes("ALL") || reaches(byNumber, this.#type)
  }
}

/** Finds the options of a socket. Throws for a foreign `this` and for a closed socket. */
type OptionsOf = (socket: object) => Pick<OptionSet, "get" | "set">

/** Makes the properties for the options of a socket type, or for those of all sockets. */
export function optionProperties(optionsOf: OptionsOf, type: SocketType | "ALL"): PropertyDescriptorMap {
  const names = optionNames.filter(name => optionApplies(name, type))
  return Object.fromEntries(names.map(name => [name, propertyOf(optionsOf, name)]))
}

function propertyOf(optionsOf: OptionsOf, name: SocketOptionName): PropertyDescriptor {
  const { access } = optionSpec(name)
  const get = function (this: object): unknown {
    return optionsOf(this).get(name)
  }
  const set = function (this: object, value: unknown): void {
    optionsOf(this).set(name, value)
  }
  return {
    ...(access === "write" ? {} : { get }),
    set: access === "read" ? () => refuseToSet(name) : set,
    configurable: true,
  }
}
