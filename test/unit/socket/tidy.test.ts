import { expect, it, vi } from "vitest"
import type { Pattern } from "../../../src/contracts/pattern.ts"
import { turn, until } from "../../support/events.ts"
import { message } from "../../support/fake-connection.ts"
import { fakeSocket } from "../../support/fake-socket.ts"

vi.mock("../../../src/base/clock.ts", () => import("../../support/fake-clock.ts"))

/** A pattern with so many steps of work left over, each of which brings a message to be received. */
function untidy(pattern: Pattern, steps: number) {
  const done: number[] = []
  const inbox: number[] = []
  pattern.tidy = () => {
    if (done.length < steps) {
      done.push(done.length)
      inbox.push(done.length)
    }
    return done.length < steps
  }
  pattern.tryReceive = () => {
    const next = inbox.shift()
    return next === undefined ? undefined : message(String(next))
  }
  return done
}

it("does the work that a lost connection left step by step, a turn each, and serves those who wait", async () => {
  const { core, transport, pattern } = fakeSocket()
  const done = untidy(pattern, 4)
  core.endpoints.connect("fake://peer")
  const connection = await transport.lastDial.succeed()
  const received: string[] = []
  const receiving = (async () => {
    while (received.length < 4) received.push(String((await core.traffic.receive())[0]))
  })()
  connection.closed()
  expect(done.length).toBeLessThan(4)
  await receiving
  expect(received).toEqual(["1", "2", "3", "4"])
  core.close()
})

it("leaves it be once the socket is closed", async () => {
  const { core, transport, pattern } = fakeSocket()
  const done = untidy(pattern, 1000)
  core.endpoints.connect("fake://peer")
  const connection = await transport.lastDial.succeed()
  connection.closed()
  await until(() => done.length > 1)
  core.close()
  const count = done.length
  await turn()
  await turn()
  expect(done.length).toBe(count)
})
