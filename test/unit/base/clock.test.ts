/** Time and turns come from clock.ts alone, which nobody can take away. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it, vi } from "vitest"
import * as clock from "../../../src/base/clock.ts"
import { ROOT, readImports } from "../../support/structure.ts"

const GLOBALS =
  /(?<![\w.#"'])(setTimeout|setInterval|setImmediate|clearTimeout|clearInterval|clearImmediate|queueMicrotask|performance|Date\.now|new Date\(\)|process\.nextTick|process\.hrtime)(?=\s*[.(,;)]|$)/

/** Lines of a source text that use a timer or a clock of the platform. */
function usesIn(text: string): string[] {
  return text.split("\n").filter(line => !/^\s*(\/\/|\/?\*)/.test(line) && GLOBALS.test(line))
}

describe("no file but clock.ts", () => {
  it("uses the platform's timers, queues or clocks", () => {
    const others = [...readImports().keys()].filter(file => file !== "src/base/clock.ts")
    const found = others.flatMap(file =>
      usesIn(readFileSync(join(ROOT, file), "utf8")).map(line => `${file}: ${line.trim()}`),
    )
    expect(found).toEqual([])
  })

  it("imports the modules that have them", () => {
    const modules = ["node:timers", "node:timers/promises", "node:perf_hooks", "node:process"]
    const importers = [...readImports()].filter(([, names]) => names.some(name => modules.includes(name)))
    expect(importers.map(([file]) => file)).toEqual(["src/base/clock.ts"])
  })

  it.each([
    "setTimeout(task, 1)",
    "  const timer = setInterval(task, 1)",
    "queueMicrotask(() => this.pump())",
    "list.forEach(clearTimeout)",
    "process.nextTick(task)",
    "const started = performance.now()",
    "return Date.now()",
    "return new Date()",
  ])("could use it unseen: %s", line => {
    expect(usesIn(line)).toEqual([line])
  })
})

describe("faked globals", () => {
  it("are not asked, for any kind of wait", async () => {
    vi.useFakeTimers({
      toFake: [
        "setTimeout",
        "setInterval",
        "setImmediate",
        "clearTimeout",
        "clearInterval",
        "clearImmediate",
        "queueMicrotask",
        "performance",
        "hrtime",
        "Date",
      ],
    })
    // vitest fakes this one in some of its pools only.
    const nextTick = vi.spyOn(process, "nextTick").mockImplementation(() => {})
    try {
      const before = [clock.now(), clock.nanoseconds()] as const
      await new Promise<void>(resolve => clock.nextTurn(resolve))
      await new Promise<void>(resolve => clock.afterMicrotasks(resolve))
      await new Promise<void>(resolve => clock.inMicrotask(resolve))
      await new Promise<void>(resolve => clock.unrefTimeout(resolve, 1))
      await new Promise<void>(resolve => {
        const timer = clock.unrefInterval(() => {
          clock.clearTimer(timer)
          resolve()
        }, 1)
      })
      expect(clock.now()).toBeGreaterThan(before[0])
      expect(clock.nanoseconds() > before[1]).toBe(true)
      expect(vi.getTimerCount()).toBe(0)
      expect(nextTick).not.toHaveBeenCalled()
    } finally {
      nextTick.mockRestore()
      vi.useRealTimers()
    }
  })
})

describe("a time that the platform's timers can't wait", () => {
  it.each([2 ** 31, 2 ** 40, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY])(
    "of %d ms is shortened, not taken for none",
    async milliseconds => {
      const warned = vi.spyOn(process, "emitWarning")
      const fired = vi.fn()
      const timers = [clock.unrefTimeout(fired, milliseconds), clock.unrefInterval(fired, milliseconds)]
      await new Promise<void>(resolve => clock.unrefTimeout(resolve, 5))
      await new Promise<void>(resolve => clock.nextTurn(resolve))
      for (const timer of timers) clock.clearTimer(timer)
      expect(fired).not.toHaveBeenCalled()
      expect(warned).not.toHaveBeenCalled()
      warned.mockRestore()
    },
  )
})

describe("inMicrotask", () => {
  it("keeps the order with other microtasks", async () => {
    const log: number[] = []
    clock.inMicrotask(() => log.push(1))
    queueMicrotask(() => log.push(2))
    clock.inMicrotask(() => log.push(3))
    await Promise.resolve()
    expect(log).toEqual([1, 2, 3])
  })

  it("makes of what the task throws an uncaught exception, not an unhandled rejection", async () => {
    const listeners = process.listeners("uncaughtException")
    process.removeAllListeners("uncaughtException")
    try {
      const thrown = new Promise(resolve =>
        process.once("uncaughtException", (error, origin) => resolve([error, origin])),
      )
      const error = new Error("thrown by a task")
      clock.inMicrotask(() => {
        throw error
      })
      expect(await thrown).toEqual([error, "uncaughtException"])
    } finally {
      for (const listener of listeners) process.on("uncaughtException", listener)
    }
  })
})
