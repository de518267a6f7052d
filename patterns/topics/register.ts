/** A list of free numbers is looked through when it is so much longer than it could be. */
const SPARE = 64

/** A register gives numbers to values, from 1 on. The number of a deleted value is used again. */
export class Register<V> {
  /** The last one is in use, so that memory is given back. */
  readonly #values: (V | undefined)[] = [undefined]
  /** Some are beyond the values. They are left out when they come up, which is before the values grow again. */
  #free: number[] = []

  /** One more than the highest number in use; for tests. */
  get length(): number {
    return this.#values.length
  }

  get(number: number): V {
    return this.#values[number]!
  }

  add(value: V): number {
    const values = this.#values
    let number = this.#free.pop()
    while (number !== undefined && number >= values.length) number = this.#free.pop()
    number ??= values.length
    values[number] = value
    return number
  }

  delete(number: number): void {
    const values = this.#values
    values[number] = undefined
    this.#free.push(number)
    while (values.length > 1 && values[values.length - 1] === undefined) values.pop()
    if (this.#free.length > 2 * values.length + SPARE)
      this.#free = this.#free.filter(free => free < values.length)
  }
}
