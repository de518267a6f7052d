/**
 * Several copies of the library may be in one thread: the CommonJS files beside the ES modules, or one in each bundle.
 * What one of them has made works with the others of the same version. Other versions have other insides, and are
 * strangers to each other, as other libraries are.
 */
import { version } from "../../package.json"

/** The symbol of this name is the same for all copies. */
export function sharedSymbol(name: string): symbol {
  return Symbol.for(`zeromq-ts@${version}/${name}`)
}

/** Returns what the first copy has made under this name. */
export function sharedValue<T>(name: string, make: () => T): T {
  const key = sharedSymbol(name)
  const home = globalThis as { [key: symbol]: T }
  home[key] ??= make()
  return home[key]
}

/** Lets `instanceof` accept what the class of another copy has made. */
export function acceptCopies(Class: { readonly prototype: object }, name: string): void {
  const mark = sharedSymbol(name)
  Object.defineProperty(Class.prototype, mark, { value: true })
  Object.defineProperty(Class, Symbol.hasInstance, {
    value(this: unknown, object: unknown): boolean {
      // Classes that extend this one inherit the method, but not the mark's meaning.
      return isOrdinaryInstance.call(this, object) || (this === Class && isObject(object) && mark in object)
    },
  })
}

const { [Symbol.hasInstance]: isOrdinaryInstance } = Function.prototype

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null
}
