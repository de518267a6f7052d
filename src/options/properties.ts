import type { SocketTypeName } from "../base/socket-types.ts"
import type { SocketCore } from "../socket/socket-core.ts"
import { optionApplies, optionNames, optionSpec, type SocketOptionName } from "./table.ts"

type CoreOf = (socket: object) => SocketCore

/** The properties for the options of a socket type, or of all. `coreOf` throws for a foreign `this`. */
export function optionProperties(coreOf: CoreOf, type: SocketTypeName | "ALL"): PropertyDescriptorMap {
  const properties: PropertyDescriptorMap = {}
  for (const name of optionNames) if (optionApplies(name, type)) properties[name] = propertyOf(coreOf, name)
  return properties
}

function propertyOf(coreOf: CoreOf, name: SocketOptionName): PropertyDescriptor {
  const { access } = optionSpec(name)
  return {
    ...(access === "write" ? {} : { get: getter(coreOf, name) }),
    set: access === "read" ? () => refuseToSet(name) : setter(coreOf, name),
    configurable: true,
  }
}

function getter(coreOf: CoreOf, name: SocketOptionName) {
  return function (this: object): unknown {
    return coreOf(this).getOption(name)
  }
}

function setter(coreOf: CoreOf, name: SocketOptionName) {
  return function (this: object, value: unknown): void {
    coreOf(this).setOption(name, value)
  }
}

/** (The native package names its base class here, whatever the socket's type.) */
export function refuseToSet(name: string, className = "Socket"): never {
  throw new TypeError(`Cannot set property ${name} of #<${className}> which has only a getter`)
}

/** Sets what a constructor was given, as an assignment would, but only what there is to be set. */
export function assignOption(owner: object, name: string, value: unknown, className?: string): void {
  const property = findProperty(owner, name)
  if (property?.set !== undefined) Reflect.set(owner, name, value)
  else if (property?.get !== undefined) refuseToSet(name, className)
  else throw new TypeError(`Cannot add property ${name}, object is not extensible`)
}

function findProperty(object: object | null, name: string): PropertyDescriptor | undefined {
  if (object === null) return undefined
  return Object.getOwnPropertyDescriptor(object, name) ?? findProperty(Object.getPrototypeOf(object), name)
}
