import { beforeEach, expect, it, vi } from "vitest"

let emitExit: () => void = () => {}
vi.mock("../../../src/base/runtime.ts", async original => ({
  ...(await original<object>()),
  onExit: (task: () => void) => {
    emitExit = task
  },
  sharedInProcess: (_: string, make: () => object) => make(),
}))

let exit: typeof import("../../../src/base/process-exit.ts")

beforeEach(async () => {
  vi.resetModules()
  exit = await import("../../../src/base/process-exit.ts")
})

const tick = () => new Promise<void>(resolve => process.nextTick(resolve))
const turn = () => new Promise<void>(resolve => setImmediate(resolve))

it("a turn ends when no microtask is left", async () => {
  const done: string[] = []
  exit.atEndOfTurn({ endOfTurn: () => done.push("task") })
  for (let i = 0; i < 10; i++) await Promise.resolve()
  expect(done).toEqual([])
  await tick()
  expect(done).toEqual(["task"])
})

it("what is put off while a turn ends is done at the next end, and an error stops nobody", async () => {
  const done: string[] = []
  const surfaced = new Promise(resolve => process.once("uncaughtException", resolve))
  const others = process.listeners("uncaughtException").slice(0, -1)
  for (const listener of others) process.off("uncaughtException", listener)
  exit.atEndOfTurn({
    endOfTurn() {
      throw new Error("on purpose")
    },
  })
  exit.atEndOfTurn({
    endOfTurn() {
      done.push("first")
      exit.atEndOfTurn({ endOfTurn: () => done.push("second") })
      expect(done).toEqual(["first"])
    },
  })
  expect(await surfaced).toMatchObject({ message: "on purpose" })
  for (const listener of others) process.on("uncaughtException", listener)
  await turn()
  expect(done).toEqual(["first", "second"])
})

it("the exit does what is put off, then what is due at the exit, and from then on all at once", () => {
  const done: string[] = []
  const task = { exit: () => done.push("exit") }
  exit.atExit(task)
  exit.atExit({ exit: () => done.push("exit too") })
  const never = { exit: () => done.push("taken back") }
  exit.atExit(never)
  exit.notAtExit(never)
  exit.atEndOfTurn({ endOfTurn: () => done.push("turn") })
  expect(exit.isExiting()).toBe(false)
  emitExit()
  expect(exit.isExiting()).toBe(true)
  expect(done).toEqual(["turn", "exit", "exit too"])
  exit.atEndOfTurn({ endOfTurn: () => done.push("at once") })
  exit.atExit({ exit: () => done.push("at once too") })
  expect(done.slice(3)).toEqual(["at once", "at once too"])
})

it("when somebody has only emitted the event, all goes on as before", async () => {
  const done: string[] = []
  emitExit()
  await turn()
  expect(exit.isExiting()).toBe(false)
  exit.atEndOfTurn({ endOfTurn: () => done.push("task") })
  expect(done).toEqual([])
  await tick()
  expect(done).toEqual(["task"])
})
