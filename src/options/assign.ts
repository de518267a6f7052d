/** This module assigns option properties, and throws the native package's errors. */

/**
 * Throws the error for a property that can only be read.
 * @param className "Socket" for every type of socket, because the native package names its base class
 */
export function refuseToSet(name: string, className = "Socket"): never {
  throw new TypeError(`Cannot set property ${name} of #<${className}> which has only a getter`)
}

/** Sets a property that a constructor was given, as an assignment does. Throws for an unknown or read-only property. */
export function assignOption(owner: object, name: string, value: unknown, className?: string): void {
  const property = findProperty(owner, name)
  if (property?.set !== undefined) Reflect.set(owner, name, value)
  else if (property?.get !== undefined) refuseToSet(name, className)
  else throw new TypeError(`Cannot add property ${name}, object is not extensible`)
}

/** Finds a property. Those of Object.prototype are left out, because none is an option, but `__proto__` has a setter. */
function findProperty(object: object | null, name: string): PropertyDescriptor | undefined {
  if (object === null || object === Object.prototype) return undefined
  return Object.getOwnPropertyDescriptor(object, name) ?? findProperty(Object.getPrototypeOf(object), name)
}
