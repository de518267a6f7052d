/**
 * There may be several copies of the library in one thread. One may consist of CommonJS files and another of ES modules, or
 * each of several bundles may have its own. Objects of one copy work with the other copies of the same version. Copies of different versions don't
 * accept each other's objects, because their internals differ.
 */
import { version } from "../../package.json"

/** Returns the symbol of this name, which is the same for all copies of this version. */
export function sharedSymbol(name: string): symbol {
  return Symbol.for(`zeromq-ts@${version}/${name}`)
}

/** Returns the value of this name. The first copy that asks makes it. */
export function sharedValue<T>(name: string, make: () => T): T {
  const key = sharedSymbol(name)
  const home = globalThis as { [key: symbol]: T }
  home[key] ??= make()
  return home[key]
}

/** Makes `instanceof` accept objects that another copy's class of this name has made. */
export function acceptCopies(Class: { readonly prototype: object }, name: string): void {
  Object.defineProperty(Class, Symbol.hasInstance, { value: instanceTest(Class, name) })
}

/**
 * Marks the objects of the class, and returns the function for `instanceof`. A class that has it in a static field does
 * not stay in bundles of programs that don't use it, because the call can be marked as pure.
 */
export function instanceTest(Class: { readonly prototype: object }, name: string) {
  const mark = sharedSymbol(name)
  Object.defineProperty(Class.prototype, mark, { value: true })
  return function (this: unknown, object: unknown): boolean {
    // Classes that extend this one inherit this method. For them the mark doesn't count.
    return isOrdinaryInstance.call(this, object) || (this === Class && isObject(object) && mark in object)
  }
}

const { [Symbol.hasInstance]: isOrdinaryInstance } = Function.prototype

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null
}
