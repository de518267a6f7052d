import { refuseToSet } from "../options/assign.ts"
import { type FindOption, type NumberedOption, optionAccessors } from "../options/by-number.ts"
import type { OptionSpec } from "../options/kinds/spec.ts"
import { CONTEXT_OPTIONS } from "../options/rows/context.ts"

type Table = typeof CONTEXT_OPTIONS

/** These options of a context can be assigned at any time. Sockets start with the values that hold when they are made. */
export type ContextSettings = {
  -readonly [K in keyof Table as Table[K]["access"] extends "read" ? never : K]: ReturnType<Table[K]["parse"]>
}

/** These options of a context can only be read. */
export type ReadOnlySettings = {
  readonly [K in keyof Table as Table[K]["access"] extends "read" ? K : never]: ReturnType<Table[K]["parse"]>
}

/** The values of the options are stored by name. */
export type StoredSettings = Record<string, unknown>

const ROWS = Object.entries(CONTEXT_OPTIONS) as [string, OptionSpec][]

export function defaultSettings(): StoredSettings {
  return Object.fromEntries(ROWS.map(([name, spec]) => [name, spec.default]))
}

type SettingsOf = (context: object) => StoredSettings

/** Makes the properties for the options of a context, and the methods that get and set options by number. */
export function contextProperties(settingsOf: SettingsOf): PropertyDescriptorMap {
  const find: FindOption = (context, number, access) => numbered(settingsOf(context), number, access)
  const properties = ROWS.map(([name, spec]) => [name, propertyOf(settingsOf, name, spec)])
  return { ...Object.fromEntries(properties), ...optionAccessors(find, ["Bool", "Int32"]) }
}

function propertyOf(settingsOf: SettingsOf, name: string, { access, parse }: OptionSpec): PropertyDescriptor {
  const get = function (this: object): unknown {
    return settingsOf(this)[name]
  }
  const set = function (this: object, value: unknown): void {
    settingsOf(this)[name] = parse(value)
  }
  return {
    ...(access === "write" ? {} : { get }),
    set: access === "read" ? () => refuseToSet(name, "Context") : set,
    configurable: true,
  }
}

/** Finds the option with this number. The same number may mean one option for reading and another one for writing. */
function numbered(
  settings: StoredSettings,
  number: number,
  access: "get" | "set",
): NumberedOption | undefined {
  const unfit = access === "get" ? "write" : "read"
  const [name, spec] = ROWS.find(([, { id, access }]) => id === number && access !== unfit) ?? []
  if (name === undefined || spec === undefined) return undefined
  return {
    type: spec.type,
    get: () => settings[name],
    set: (value: unknown) => {
      settings[name] = spec.parse(value)
    },
  }
}
