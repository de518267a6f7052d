import { describe, expect, it, vi } from "vitest"
import { Holds } from "../../../src/lifetime/holds.ts"
import { turn } from "../../support/events.ts"

const process = vi.hoisted(() => ({ holds: 0 }))
vi.mock("../../../src/lifetime/keep-alive.ts", () => ({
  hold: () => process.holds++,
  release: () => process.holds--,
}))

describe("the holds of a socket", () => {
  it("hold the process", () => {
    const holds = new Holds()
    holds.hold()
    holds.hold()
    expect(process.holds).toBe(2)
    holds.release()
    holds.release()
    expect(process.holds).toBe(0)
  })

  it("let a lost socket be given up in the next turn when there are none", async () => {
    const giveUp = vi.fn()
    new Holds().collected(giveUp)
    expect(giveUp).not.toHaveBeenCalled()
    await turn()
    expect(giveUp).toHaveBeenCalledOnce()
  })

  it("keep a lost socket until the last is released, and for an event reader who is back in time", async () => {
    const giveUp = vi.fn()
    const holds = new Holds()
    holds.hold()
    holds.collected(giveUp)
    await turn()
    holds.release()
    holds.hold()
    await turn()
    expect(giveUp).not.toHaveBeenCalled()
    holds.release()
    await turn()
    expect(giveUp).toHaveBeenCalledOnce()
  })

  it("give up nothing that the program still has", async () => {
    const holds = new Holds()
    holds.hold()
    holds.release()
    await turn()
    expect(process.holds).toBe(0)
  })
})
