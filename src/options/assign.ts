/** Assignments to the properties that options are, as the engine would answer them, in the native package's words. */

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

/** Of what all objects have nothing is an option, but `__proto__` is there, and can be assigned. */
function findProperty(object: object | null, name: string): PropertyDescriptor | undefined {
  if (object === null || object === Object.prototype) return undefined
  return Object.getOwnPropertyDescriptor(object, name) ?? findProperty(Object.getPrototypeOf(object), name)
}
