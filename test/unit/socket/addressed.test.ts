/** Messages that are for one certain peer (ROUTER, REP) must not reach another: zmtp.md 5.7, libzmq#1575. */
import { describe, expect, it, vi } from "vitest"
import { code, fakeSocket, pass } from "../../support/fake-socket.ts"

vi.mock("../../../src/base/clock.ts", () => import("../../support/fake-clock.ts"))

const WHERE = "fake://there"
const calling = (name: string) => ({ routingId: Buffer.from(name) })

/** A socket whose peer was there, has left something unread, and was sent to after it was gone. */
async function afterALoss(type: "ROUTER" | "REP" | "DEALER", name: string, connectRoutingId?: Uint8Array) {
  const socket = fakeSocket(type)
  socket.core.endpoints.connect(WHERE, connectRoutingId)
  const first = await socket.transport.lastDial.succeed(calling(name))
  first.deliver("unread")
  first.closed()
  socket.write("for the first")
  await pass(10)
  return socket
}

describe.each(["ROUTER", "REP"] as const)(
  "a %s that dials, and finds another peer after a reconnect",
  type => {
    it("gives up what is queued for the former, and keeps apart what came from it", async () => {
      const { transport, pattern, write, read } = await afterALoss(type, "a")
      const [former] = pattern.pipes
      const connection = await transport.lastDial.succeed(calling("b"))
      expect(pattern.pipes).not.toContain(former)
      expect(pattern.pipes.length).toBe(1)
      write("for the second")
      expect(connection.texts).toEqual(["for the second"])
      connection.deliver("of the second")
      expect(read()).toEqual(["unread", "of the second"])
    })

    it.each(["a", ""])("goes on when it is the same (%j)", async name => {
      const { transport, pattern } = await afterALoss(type, name)
      const [pipe] = pattern.pipes
      const connection = await transport.lastDial.succeed(calling(name))
      expect(pattern.pipes).toEqual([pipe])
      expect(connection.texts).toEqual(["for the first"])
    })

    it("is done when it was closed and lingers for the former only", async () => {
      const { core, transport } = await afterALoss(type, "a")
      void core.endpoints.close(WHERE)
      const connection = await transport.lastDial.succeed(calling("b"))
      expect([connection.texts, connection.isLeaving]).toEqual([[], true])
      connection.closeIfAsked()
      await pass(1e6)
      expect(transport.dials.length).toBe(2)
      expect(code(() => core.endpoints.close(WHERE))).toBe("ENOENT")
    })
  },
)

it("a peer that connect() named is whoever is there", async () => {
  const { transport } = await afterALoss("ROUTER", "a", Buffer.from("named"))
  const connection = await transport.lastDial.succeed(calling("b"))
  expect(connection.texts).toEqual(["for the first"])
})

it("a DEALER's messages are for anybody", async () => {
  const { transport } = await afterALoss("DEALER", "a")
  const connection = await transport.lastDial.succeed(calling("b"))
  expect(connection.texts).toEqual(["for the first"])
})

it("a connection that the pattern refuses gets nothing of what is queued; the next one does", async () => {
  const { core, transport, pattern, write } = fakeSocket("DEALER")
  Object.assign(pattern, { connected: () => pattern.pipes[0]?.fail(new Error("refused")) })
  core.endpoints.connect(WHERE)
  write("1")
  const refused = await transport.lastDial.succeed()
  write("2")
  expect([refused.texts, refused.isLeaving]).toEqual([[], true])
  Object.assign(pattern, { connected: () => {} })
  refused.closeIfAsked()
  await pass(10)
  const connection = await transport.lastDial.succeed()
  expect(connection.texts).toEqual(["1", "2"])
})
