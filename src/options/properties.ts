import type { SocketTypeName } from "../base/socket-types.ts"
import { optionApplies, optionNames, optionSpec, type SocketOptionName } from "./table.ts"

/** Has the options that the properties show. */
export interface OptionOwner {
  getOption(name: SocketOptionName): unknown
  setOption(name: SocketOptionName, value: unknown): void
}

/** Finds who has the options of a socket; throws for a foreign `this`. */
type OwnerOf = (socket: object) => OptionOwner

/** The properties for the options of a socket type, or of all. */
export function optionProperties(ownerOf: OwnerOf, type: SocketTypeName | "ALL"): PropertyDescriptorMap {
  const properties: PropertyDescriptorMap = {}
  for (const name of optionNames) if (optionApplies(name, type)) properties[name] = propertyOf(ownerOf, name)
  return properties
}

function propertyOf(ownerOf: OwnerOf, name: SocketOptionName): PropertyDescriptor {
  const { access } = optionSpec(name)
  return {
    ...(access === "write" ? {} : { get: getter(ownerOf, name) }),
    set: access === "read" ? () => refuseToSet(name) : setter(ownerOf, name),
    configurable: true,
  }
}

function getter(ownerOf: OwnerOf, name: SocketOptionName) {
  return function (this: object): unknown {
    return ownerOf(this).getOption(name)
  }
}

function setter(ownerOf: OwnerOf, name: SocketOptionName) {
  return function (this: object, value: unknown): void {
    ownerOf(this).setOption(name, value)
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
