import type { SocketTypeName } from "../base/socket-types.ts"
import type { NumberedOption } from "./by-number.ts"
import {
  defaultOptions,
  type OptionValues,
  optionApplies,
  optionNames,
  optionSpec,
  type SocketOptionName,
} from "./table.ts"

/** The values of one socket's options, by name and by number. */
export class OptionSet {
  /** What patterns, pipes and endpoints go by. */
  readonly values: OptionValues
  #snapshot: Readonly<OptionValues> | undefined
  /** Of options that this socket type knows by their number alone: kept, without effect. */
  readonly #unused: OptionValues
  readonly #type: SocketTypeName

  constructor(type: SocketTypeName, context: { blocky: boolean; ipv6: boolean }) {
    this.#type = type
    this.values = defaultOptions(type, context)
    this.#unused = { ...this.values }
  }

  /** A copy of the values as they are now; the same one until an option is set. */
  get snapshot(): Readonly<OptionValues> {
    this.#snapshot ??= { ...this.values }
    return this.#snapshot
  }

  get(name: SocketOptionName): unknown {
    const value = this.#valuesOf(name)[name]
    const { show } = optionSpec(name)
    return show === undefined ? value : show(value)
  }

  /** Throws what the option's row says. */
  set(name: SocketOptionName, value: unknown): void {
    const values = this.#valuesOf(name)
    this.#snapshot = undefined
    Object.assign(values, { [name]: optionSpec(name).parse(value, values[name]) })
  }

  /** `set` is what assigns by name. */
  numbered(
    number: number,
    set: (name: SocketOptionName, value: unknown) => void,
  ): NumberedOption | undefined {
    const name = optionNames.find(name => optionSpec(name).id === number && this.#knows(name))
    if (name === undefined) return undefined
    const { type, values, access } = optionSpec(name)
    const read = { type, values, get: () => this.get(name) }
    return access === "read" ? read : { ...read, set: value => set(name, value) }
  }

  #valuesOf(name: SocketOptionName): OptionValues {
    return this.#has(name) ? this.values : this.#unused
  }

  #has(name: SocketOptionName): boolean {
    return optionApplies(name, "ALL") || optionApplies(name, this.#type)
  }

  #knows(name: SocketOptionName): boolean {
    const { byNumber } = optionSpec(name)
    return this.#has(name) || byNumber.includes("ALL") || byNumber.includes(this.#type)
  }
}
