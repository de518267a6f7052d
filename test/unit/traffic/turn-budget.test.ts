/** zeromqjs.md 2.3, the starvation guard. */
import { describe, expect, it } from "vitest"
import { TurnBudget } from "../../../src/traffic/turn-budget.ts"

describe("TurnBudget", () => {
  it("lets immediates run while a tight loop awaits operations that complete at once", async () => {
    const budget = new TurnBudget(512)
    let turns = 0
    let running = true
    const count = () => {
      turns++
      if (running) setImmediate(count)
    }
    setImmediate(count)
    for (let n = 0; n < 2500; n++) expect(await budget.settle(n)).toBe(n)
    running = false
    expect(turns).toBeGreaterThanOrEqual(4)
  })

  it("lets timers run likewise", async () => {
    const budget = new TurnBudget(16)
    let fired = false
    setTimeout(() => {
      fired = true
    }, 1)
    while (!fired) await budget.settle(undefined)
  })

  it("settles in a microtask while there is budget left, and in a later turn when it is spent", async () => {
    const budget = new TurnBudget(3)
    const order: string[] = []
    setImmediate(() => order.push("immediate"))
    const all = [1, 2, 3, 4].map(n => budget.settle(n).then(value => order.push(String(value))))
    await Promise.all(all)
    expect(order).toEqual(["1", "2", "immediate", "3", "4"])
  })

  it("has one promise for all that only wait for the turn, and the next turn another one", async () => {
    const budget = new TurnBudget(3)
    const [first, second, turn, ...more] = Array.from({ length: 5 }, () => budget.spend())
    expect([first === second, turn === first, more.every(one => one === turn)]).toEqual([true, false, true])
    await turn
    expect([budget.spend(), budget.spend()]).toEqual([first, first])
    expect(budget.spend()).not.toBe(turn)
  })

  it("has its whole budget again after the turn", async () => {
    const budget = new TurnBudget(3)
    const order: string[] = []
    const spend = () => void budget.spend().then(() => order.push("spent"))
    for (let n = 0; n < 3; n++) spend()
    await new Promise(resolve => setImmediate(resolve))
    order.length = 0
    setImmediate(() => order.push("immediate"))
    for (let n = 0; n < 3; n++) spend()
    await new Promise(resolve => setImmediate(resolve))
    expect(order.slice(0, 3)).toEqual(["spent", "spent", "immediate"])
  })
})
