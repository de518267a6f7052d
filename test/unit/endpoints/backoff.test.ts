/** zmtp.md 6.4, as libzmq 4.3.5 does it. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Backoff } from "../../../src/endpoints/backoff.ts"

const take = (backoff: Backoff, count: number) => Array.from({ length: count }, () => backoff.next())

describe("Backoff", () => {
  it("without a maximum, waits at least one interval and less than two, each time anew", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (interval, random) => {
          const backoff = new Backoff({ reconnectInterval: interval, reconnectMaxInterval: 0 }, () => random)
          for (const wait of take(backoff, 3)) {
            expect(wait).toBeGreaterThanOrEqual(interval)
            expect(wait).toBeLessThan(2 * interval)
            expect(Number.isInteger(wait)).toBe(true)
          }
        },
      ),
    )
  })

  it("without a maximum, uses the whole range", () => {
    const options = { reconnectInterval: 100, reconnectMaxInterval: 0 }
    expect(new Backoff(options, () => 0).next()).toBe(100)
    expect(new Backoff(options, () => 0.999_999).next()).toBe(199)
  })

  it.each([2 ** 30 + 8, 2 ** 31 - 1])("never waits longer than a timer can (%d)", interval => {
    const options = { reconnectInterval: interval, reconnectMaxInterval: 0 }
    expect(take(new Backoff(options, () => 0.999_999_999), 2)).toEqual([2 ** 31 - 1, 2 ** 31 - 1])
    const growing = new Backoff({ reconnectInterval: interval, reconnectMaxInterval: 2 ** 31 - 1 })
    expect(Math.max(...take(growing, 4))).toBe(2 ** 31 - 1)
  })

  it("with a maximum, doubles up to it, without a random part", () => {
    const backoff = new Backoff({ reconnectInterval: 20, reconnectMaxInterval: 100 }, () => 0.9)
    expect(take(backoff, 6)).toEqual([20, 40, 80, 100, 100, 100])
  })

  it("starts again after reset()", () => {
    const backoff = new Backoff({ reconnectInterval: 20, reconnectMaxInterval: 100 })
    take(backoff, 4)
    backoff.reset()
    expect(take(backoff, 3)).toEqual([20, 40, 80])
  })

  it("never waits longer than a maximum below the interval", () => {
    expect(take(new Backoff({ reconnectInterval: 50, reconnectMaxInterval: 10 }), 2)).toEqual([10, 10])
  })

  it.each([
    [-1, false],
    [0, false],
    [1, true],
  ])("reconnectInterval %i: enabled is %s", (reconnectInterval, enabled) => {
    expect(new Backoff({ reconnectInterval, reconnectMaxInterval: 0 }).enabled).toBe(enabled)
  })
})
