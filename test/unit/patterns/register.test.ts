import { describe, expect, it } from "vitest"
import { Register } from "../../../patterns/topics/register.ts"

describe("a register", () => {
  it("gives numbers from 1 on, and those of deleted values again", () => {
    const register = new Register<string>()
    const [a, b] = [register.add("a"), register.add("b")]
    expect([a, b, register.get(a), register.get(b)]).toEqual([1, 2, "a", "b"])
    register.delete(a)
    expect(register.add("c")).toBe(1)
    expect([register.get(1), register.get(2)]).toEqual(["c", "b"])
  })

  it("gives its memory back when most values are deleted, and never a number twice", () => {
    const register = new Register<number>()
    const numbers = Array.from({ length: 100_000 }, (_, n) => register.add(n))
    for (const number of numbers.slice(10)) register.delete(number)
    expect(register.length).toBeLessThan(1000)
    const again = new Set(Array.from({ length: 5000 }, (_, n) => register.add(-n)))
    expect(again.size).toBe(5000)
    for (let n = 0; n < 10; n++)
      expect([register.get(numbers[n]!), again.has(numbers[n]!)]).toEqual([n, false])
  })

  it("keeps its values though a high number is in use", () => {
    const register = new Register<number>()
    const numbers = Array.from({ length: 10_000 }, (_, n) => register.add(n))
    for (const number of numbers.slice(0, -1)) register.delete(number)
    expect(register.get(numbers.at(-1)!)).toBe(9999)
    const again = new Set(Array.from({ length: 20_000 }, (_, n) => register.add(n)))
    expect([again.size, again.has(numbers.at(-1)!)]).toEqual([20_000, false])
  })
})
