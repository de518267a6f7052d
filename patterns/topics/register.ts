/** A register gives numbers to values, from 1 on. The number of a deleted value is used again. */
export class Register<V> {
  readonly #values: (V | undefined)[] = [undefined]
  readonly #free: number[] = []

  get(number: number): V {
    return this.#values[number]!
  }

  add(value: V): number {
    const number = this.#free.pop() ?? this.#values.length
    this.#values[number] = value
    return number
  }

  delete(number: number): void {
    this.#values[number] = undefined
    this.#free.push(number)
  }
}
