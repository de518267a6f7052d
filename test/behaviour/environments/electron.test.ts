/**
 * The globals of a renderer of Electron, and of what is built on it: those of a browser window stand in the place of
 * Node's, while Node's modules are there.
 */
import { setMaxListeners } from "node:events"
import { Window } from "happy-dom"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { describeEverydayUse } from "../../support/everyday-use.ts"

/** A timer function that returns numbers, as a window's. */
function numbering<Arguments extends unknown[]>(start: (...args: Arguments) => object) {
  return (...args: Arguments): number => Number(start(...args))
}

describe("with a window's globals", () => {
  beforeEach(() => {
    const { AbortController, AbortSignal, Event, EventTarget } = new Window()
    const { setTimeout, setInterval } = globalThis
    vi.stubGlobal("setTimeout", numbering(setTimeout))
    vi.stubGlobal("setInterval", numbering(setInterval))
    // No window has them.
    vi.stubGlobal("setImmediate", undefined)
    vi.stubGlobal("clearImmediate", undefined)
    for (const [name, value] of Object.entries({ AbortController, AbortSignal, Event, EventTarget }))
      vi.stubGlobal(name, value)
    vi.resetModules()
  })
  afterEach(() => void vi.unstubAllGlobals())

  it("timers are numbers, and signals aren't Node's", () => {
    const timer: unknown = setTimeout(() => {}, 0)
    expect(timer).toBeTypeOf("number")
    clearTimeout(timer as number)
    expect(() => setMaxListeners(0, new AbortController().signal)).toThrow()
  })

  describeEverydayUse(() => import("../../../src/index.ts"))
})
