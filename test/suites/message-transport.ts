/**
 * What every transport must do that makes connections of its own, such as inproc. Runner-agnostic.
 *
 *     messageTransportSuite("mine", { describe, it }, () => ({ transport: mine(), address: "a", nobody: "b", malformed: [""] }))
 */
import assert from "node:assert/strict"
import { ZmqError } from "../../src/base/errors.ts"
import { connect, LISTENING_CHECKS } from "./listening.ts"
import { CLOSING_CHECKS } from "./message-closing.ts"
import {
  linkMessages,
  MESSAGE_KIND,
  type MessageEnd,
  messageHost,
  numbers,
  plain,
  randomMessages,
  text,
} from "./message-end.ts"
import { Random } from "./random.ts"
import type { TestRunner } from "./runner.ts"
import { Inbox, type MakeSetup, type TransportSetup, turn, withSetup } from "./transport-bench.ts"

type Check = (near: MessageEnd, far: MessageEnd) => Promise<void>

/**
 * Tests a transport whose connections carry whole messages, through the whole of its contract. Each test has a transport
 * of its own.
 *
 * @example
 * ```ts
 * import { describe, it } from "node:test"
 * messageTransportSuite("mine", { describe, it }, () => ({
 *   transport: mine(),
 *   address: "free",
 *   nobody: "nobody",
 *   malformed: [""],
 * }))
 * ```
 */
export function messageTransportSuite(name: string, { describe, it }: TestRunner, make: MakeSetup): void {
  describe(`message transport ${name}`, () => {
    for (const [title, check] of Object.entries(LISTENING_CHECKS)) {
      it(title, () => withSetup(make, setup => check(setup, MESSAGE_KIND)))
    }
    for (const [title, check] of Object.entries(SETUP_CHECKS)) {
      it(title, () => withSetup(make, check))
    }
    for (const [title, check] of Object.entries({ ...CONNECTION_CHECKS, ...CLOSING_CHECKS })) {
      it(title, () => withSetup(make, setup => linkMessages(setup, check)))
    }
  })
}

const SETUP_CHECKS: Readonly<Record<string, (setup: TransportSetup) => Promise<void>>> = {
  "tells each end who the other is": async setup => {
    const inbox = await new Inbox(messageHost(setup)).listen(setup.transport, setup.address)
    const [near, far] = await connect(setup, MESSAGE_KIND, inbox)
    assert.deepEqual(Buffer.from(near.peer.routingId), inbox.host.local.routingId)
    assert.match(Buffer.from(far.peer.routingId).toString(), /^host-/)
    assert.notDeepEqual(Buffer.from(far.peer.routingId), inbox.host.local.routingId)
    assert.deepEqual([near.peer.socketType, far.peer.socketType], ["PAIR", "PAIR"])
    await MESSAGE_KIND.close(near, far)
    await inbox.listener.close()
  },

  "fails the dial when the bound end can't take the peer, which then hasn't been handed over":
    async setup => {
      const host = messageHost(setup)
      host.refuses = new ZmqError("EISCONN", { reason: "a test" })
      const inbox = await new Inbox(host).listen(setup.transport, setup.address)
      const refused = { code: "EISCONN", reason: "a test" }
      await assert.rejects(setup.transport.dial(setup.address, messageHost(setup)), refused)
      assert.deepEqual(inbox.handed, [])
      await inbox.listener.close()
      if (setup.transport.patient !== true) return
      const early = setup.transport.dial(setup.address, messageHost(setup))
      const rejected = assert.rejects(early, refused)
      const later = await new Inbox(host).listen(setup.transport, setup.address)
      await rejected
      assert.deepEqual(later.handed, [])
      await later.listener.close()
    },

  "connects before the bind, when it is patient": async setup => {
    if (setup.transport.patient !== true) return
    const diallers = [1, 2, 3].map(() => setup.transport.dial(setup.address, messageHost(setup)))
    await turn()
    const inbox = await new Inbox(messageHost(setup)).listen(setup.transport, setup.address)
    for (const near of await Promise.all(diallers)) {
      const far = await inbox.next()
      await MESSAGE_KIND.exchange(near, far)
      await MESSAGE_KIND.close(near, far)
    }
    await inbox.listener.close()
  },
}

const CONNECTION_CHECKS: Readonly<Record<string, Check>> = {
  "carries messages whole and in order, both ways": async (near, far) => {
    const random = new Random()
    const [there, back] = [randomMessages(random), randomMessages(random)]
    near.open()
    far.open()
    for (const message of there) near.connection.send(message)
    for (const message of back) far.connection.send(message)
    await Promise.all([far.reaches(there.length), near.reaches(back.length)])
    assert.deepEqual(plain(far.messages), plain(there), `seed ${random.seed}`)
    assert.deepEqual(plain(near.messages), plain(back), `seed ${random.seed}`)
  },

  "carries empty parts, many parts, and a mebibyte": async (near, far) => {
    const sent = [text(""), text("", "", ""), Array.from({ length: 500 }, (_, i) => Buffer.from(`${i}`))]
    sent.push([Buffer.alloc(2 ** 20, "x")])
    far.open()
    for (const message of sent) near.connection.send(message)
    await far.reaches(sent.length)
    assert.deepEqual(plain(far.messages), plain(sent))
  },

  "carries control in order with messages": async (near, far) => {
    const topic = Buffer.from("topic")
    near.connection.control({ type: "subscribe", topic })
    near.connection.send(text("before open"))
    far.open()
    await far.reaches(2)
    near.connection.send(text("1"))
    near.connection.control({ type: "cancel", topic })
    near.connection.send(text("2"))
    await far.reaches(5)
    const kinds = far.got.map(item => ("type" in item ? item.type : plain([item])[0]![0]))
    assert.deepEqual(kinds, ["subscribe", "before open", "1", "cancel", "2"])
  },

  "names both ends": async ({ connection }, far) => {
    for (const name of [connection.local, connection.remote, far.connection.local, far.connection.remote]) {
      assert.match(name, /^[a-z0-9+.-]+:\/\/./)
    }
  },

  "holds what is sent before the peer opens": async (near, far) => {
    near.open()
    for (let i = 0; i < 100; i++) near.connection.send(text(`${i}`))
    await turn()
    far.open()
    await far.reaches(100)
    assert.deepEqual(plain(far.messages), numbers(100))
  },

  "holds a peer back while it is paused, delivers and drains when it resumes": async (near, far) => {
    near.open()
    far.open()
    await turn()
    const seen = far.got.length
    far.connection.pause()
    let sent = 0
    while (near.connection.send(text(`${sent++}`)));
    for (let i = 0; i < 1000; i++) near.connection.send(text(`${sent++}`))
    await turn()
    assert.equal(far.got.length, seen)
    const drained = near.drained()
    const drains = near.drains
    far.connection.resume()
    await Promise.all([drained, far.reaches(sent)])
    await turn()
    assert.equal(near.drains, drains + 1)
    assert.deepEqual(plain(far.messages), numbers(sent))
  },

  "may be paused at each message, as at a high-water mark": async (near, far) => {
    far.onMessage = () => {
      far.connection.pause()
      setImmediate(() => far.connection.resume())
    }
    near.open()
    far.open()
    for (let i = 0; i < 200; i++) {
      const drained = near.drained()
      if (!near.connection.send(text(`${i}`))) await drained
    }
    await far.reaches(200)
    assert.deepEqual(plain(far.messages), numbers(200))
  },

  "delivers nothing from within resume": async (near, far) => {
    near.open()
    far.open()
    await turn()
    far.connection.pause()
    for (let i = 0; i < 10; i++) near.connection.send(text(`${i}`))
    const seen = far.got.length
    far.connection.resume()
    assert.equal(far.got.length, seen)
    await far.reaches(10)
  },
}
