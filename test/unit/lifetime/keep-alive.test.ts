import { expect, it, vi } from "vitest"
import type { Timer } from "../../../src/base/clock.ts"
import { hold, release } from "../../../src/lifetime/keep-alive.ts"

const started = vi.hoisted((): Timer[] => [])
vi.mock("../../../src/base/clock.ts", async original => {
  const clock = await original<typeof import("../../../src/base/clock.ts")>()
  const keepingTimer = () => {
    const timer = clock.keepingTimer()
    started.push(timer)
    return timer
  }
  return { ...clock, keepingTimer }
})

it("holds the process by one timer from the first hold() to the last release(), and again later", () => {
  const held = () => started[0]?.hasRef()
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
  expect(started.length).toBe(1)
})
