/** The checks of arguments that all classes share, with the native package's words. */

/** To be asked last, as natively: what an argument is comes before how many there are. */
export function checkCount(count: number, allowed: number, expected: number = allowed): void {
  if (count <= allowed) return
  throw new TypeError(`Expected ${expected} argument${expected === 1 ? "" : "s"} but received ${count}`)
}

export function checkAddress(address: unknown, count: number): void {
  if (typeof address !== "string") throw new TypeError("Address must be a string")
  checkCount(count, 1)
}

/** No options at all are fine. */
export function checkOptions(options: unknown): asserts options is object | undefined {
  if (options !== undefined && (typeof options !== "object" || options === null)) {
    throw new TypeError("Options must be an object")
  }
}
