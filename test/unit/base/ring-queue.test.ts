import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { RingQueue } from "../../../src/base/ring-queue.ts"

type Step = { do: "push"; count: number } | { do: "shift"; count: number } | { do: "clear" }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("push" as const), count: fc.integer({ min: 1, max: 3000 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("shift" as const), count: fc.integer({ min: 1, max: 3000 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "clear" as const }) },
)

describe("RingQueue", () => {
  it("behaves as an array that is pushed to and shifted from", () => {
    // A failure prints the seed and the shrunk steps.
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), steps => {
        const queue = new RingQueue<number>()
        const model: number[] = []
        let next = 0
        for (const step of steps) {
          if (step.do === "push") {
            for (let n = 0; n < step.count; n++) {
              queue.push(next)
              model.push(next++)
            }
          } else if (step.do === "shift") {
            const got = Array.from({ length: step.count }, () => queue.shift())
            const wanted: (number | undefined)[] = model.splice(0, step.count)
            while (wanted.length < step.count) wanted.push(undefined)
            expect(got).toEqual(wanted)
          } else {
            queue.clear()
            model.length = 0
          }
          expect(queue.length).toBe(model.length)
        }
      }),
    )
  })

  it("can be used on after it was cleared", () => {
    const queue = new RingQueue<string>()
    for (let n = 0; n < 100; n++) queue.push("old")
    queue.clear()
    queue.push("new")
    expect([queue.length, queue.shift(), queue.shift(), queue.length]).toEqual([1, "new", undefined, 0])
  })
})
