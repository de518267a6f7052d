import assert from "node:assert/strict"
import { describe, it } from "vitest"
import type { Message } from "../../../src/contracts/message.ts"
import { inproc } from "../../../transports/inproc.ts"
import { linkMessages, messageHost } from "../../suites/message-end.ts"
import { messageTransportSuite } from "../../suites/message-transport.ts"
import { Inbox, turn } from "../../suites/transport-bench.ts"

const setup = () => ({ transport: inproc(), address: "somewhere", nobody: "nowhere", malformed: [""] })

messageTransportSuite("inproc", { describe, it }, setup)

describe("inproc", () => {
  it("takes any name", async () => {
    const transport = inproc()
    for (const name of ["*", " ", "a://b", "ü", "x".repeat(300)]) {
      const inbox = await new Inbox(messageHost({})).listen(transport, name)
      assert.equal(inbox.listener.endpoint, `inproc://${name}`)
    }
  })

  it("keeps the names of two transports apart", async () => {
    const [one, other] = [inproc(), inproc()]
    await new Inbox(messageHost({})).listen(one, "name")
    await new Inbox(messageHost({})).listen(other, "name")
  })

  it("hands over the very array that was sent", () =>
    linkMessages(setup(), async (near, far) => {
      near.open()
      far.open()
      await turn()
      const sent: Message = [Buffer.from("x")]
      near.connection.send(sent)
      assert.equal(far.messages[0], sent)
    }))

  it("tells the far end of a failure, that it may not dial again at once", () =>
    linkMessages(setup(), async (near, far) => {
      near.open()
      far.open()
      near.connection.destroy(new Error("refused"))
      await Promise.all([near.closed, far.closed])
      assert.equal(near.reason?.message, "refused")
      assert.equal((far.reason as { code?: string } | undefined)?.code, "ECONNRESET")
    }))

  it("tells nothing", async () => {
    const inbox = await new Inbox(messageHost({})).listen(inproc(), "name")
    await inbox.listener.close()
    assert.deepEqual(inbox.host.events, [])
  })

  it("forgets a dial that was aborted while it waited", async () => {
    const transport = inproc()
    const [gone, stays] = [messageHost({}), messageHost({})]
    const aborted = transport.dial("name", gone)
    const waiting = transport.dial("name", stays)
    gone.abort.abort()
    await assert.rejects(aborted, { code: "ECONNABORTED" })
    const inbox = await new Inbox(messageHost({})).listen(transport, "name")
    await waiting
    assert.equal(inbox.handed.length, 1)
  })
})
