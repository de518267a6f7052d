/** This file has the checks of arguments that all classes share. The texts of the errors are the native package's. */

/**
 * Throws when there are too many arguments. It is called after all other checks, as in the native package.
 *
 * @param count how many arguments there are
 * @param allowed how many there may be
 * @param expected the number that the error tells
 */
export function checkCount(count: number, allowed: number, expected: number = allowed): void {
  if (count <= allowed) return
  throw new TypeError(`Expected ${expected} argument${expected === 1 ? "" : "s"} but received ${count}`)
}

/** Throws unless there is one argument, and it is a string. */
export function checkAddress(address: unknown, count: number): void {
  if (typeof address !== "string") throw new TypeError("Address must be a string")
  checkCount(count, 1)
}

/** Throws unless the options are an object or are left out. */
export function checkOptions(options: unknown): asserts options is object | undefined {
  if (options !== undefined && (typeof options !== "object" || options === null)) {
    throw new TypeError("Options must be an object")
  }
}
