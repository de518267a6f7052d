import { expect, it, vi } from "vitest"

it("holds the process by one timer from the first hold() to the last release(), and again later", async () => {
  vi.resetModules()
  const timers = vi.spyOn(globalThis, "setInterval")
  const { hold, release } = await import("../../../src/lifetime/keep-alive.ts")
  const before = timers.mock.results.length
  const held = () => (timers.mock.results.at(-1)?.value as NodeJS.Timeout | undefined)?.hasRef()
  hold()
  hold()
  expect(held()).toBe(true)
  release()
  expect(held()).toBe(true)
  release()
  expect(held()).toBe(false)
  hold()
  expect(held()).toBe(true)
  release()
  expect(held()).toBe(false)
  expect(timers.mock.results.length - before).toBe(1)
  timers.mockRestore()
})
