import { beforeEach, describe, expect, it } from "vitest"
import { turnWork, WORK_PER_TURN } from "../../../src/base/turn-work.ts"
import { turn } from "../../support/events.ts"

const LEAST = 16

beforeEach(async () => {
  turnWork.spend(WORK_PER_TURN)
  await turn()
  await turn()
})

/** Works until it has to stop, or has done so much; returns how much it did. */
function work(units = Number.POSITIVE_INFINITY): number {
  const end = turnWork.begin()
  let done = 0
  for (; turnWork.left > end && done < units; done++) turnWork.left--
  turnWork.end()
  return done
}

describe("the work of a turn", () => {
  it("is all there for the first who works, and a little for each of the others", async () => {
    expect(work()).toBe(WORK_PER_TURN)
    expect([work(), work()]).toEqual([LEAST, LEAST])
    await turn()
    expect(work()).toBe(WORK_PER_TURN)
  })

  it("lets a large piece take more than is left, and nobody much after that", () => {
    turnWork.begin()
    turnWork.spend(10 * WORK_PER_TURN)
    turnWork.end()
    expect(turnWork.left).toBe(-9 * WORK_PER_TURN)
    expect(work()).toBe(LEAST)
  })

  it("is limited only while a piece of work runs", () => {
    expect(turnWork.limited).toBe(false)
    turnWork.begin()
    expect(turnWork.limited).toBe(true)
    turnWork.end()
    expect(turnWork.limited).toBe(false)
  })

  it("doesn't ask for the end of a turn in which little is done", async () => {
    expect(work(100)).toBe(100)
    await turn()
    expect(turnWork.left).toBe(WORK_PER_TURN - 100)
    work(200)
    await turn()
    expect(turnWork.left).toBe(WORK_PER_TURN)
  })

  it("is shared equally by those who go on in a later turn, in the order in which they asked", async () => {
    const log: [name: string, done: number][] = []
    for (const name of ["a", "b", "c", "d"]) turnWork.later(() => log.push([name, work()]))
    work()
    expect(log).toEqual([])
    await turn()
    expect(log).toEqual(["a", "b", "c", "d"].map(name => [name, WORK_PER_TURN / 4]))
  })

  it("leaves what some don't need to the others", async () => {
    const done: number[] = []
    turnWork.later(() => done.push(work(10)))
    turnWork.later(() => done.push(work()))
    await turn()
    expect(done).toEqual([10, WORK_PER_TURN - 10])
  })

  it("ends before all have had theirs, if they are very many, and begins with the others in the next turn", async () => {
    const count = (2 * WORK_PER_TURN) / LEAST
    const perTurn: number[][] = []
    let current: number[] = []
    for (let n = 0; n < count; n++)
      turnWork.later(() => {
        work()
        current.push(n)
      })
    while (perTurn.flat().length < count) {
      await turn()
      if (current.length > 0) perTurn.push(current)
      current = []
    }
    expect(perTurn.flat()).toEqual(Array.from({ length: count }, (_, n) => n))
    for (const tasks of perTurn) expect(tasks.length).toBeLessThanOrEqual(WORK_PER_TURN / LEAST)
  })

  it("goes on though a task throws, which everybody can see", async () => {
    const seen: unknown[] = []
    const listeners = process.listeners("uncaughtException")
    process.removeAllListeners("uncaughtException")
    process.on("uncaughtException", error => seen.push(error))
    try {
      const bug = new Error("a bug")
      let done = 0
      turnWork.later(() => {
        throw bug
      })
      turnWork.later(() => {
        done = work()
      })
      await turn()
      await turn()
      expect([seen, done]).toEqual([[bug], WORK_PER_TURN])
    } finally {
      process.removeAllListeners("uncaughtException")
      for (const listener of listeners) process.on("uncaughtException", listener)
    }
  })
})
