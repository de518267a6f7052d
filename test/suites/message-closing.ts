import assert from "node:assert/strict"
import {
  leaveAtOnce,
  leaveUnconfirmed,
  type MessageEnd,
  numbers,
  plain,
  settled,
  text,
} from "./message-end.ts"
import { turn } from "./transport-bench.ts"

/** How connections end: part of the message transport suite. */
export const CLOSING_CHECKS: Readonly<Record<string, (near: MessageEnd, far: MessageEnd) => Promise<void>>> =
  {
    "end: delivers what was sent, then closes both, once": async (near, far) => {
      for (let i = 0; i < 50; i++) near.connection.send(text(`${i}`))
      near.connection.end()
      near.connection.end()
      near.connection.send(text("dropped"))
      near.open()
      far.open()
      assert.equal(near.closes, 0)
      await Promise.all([near.closed, far.closed])
      assert.deepEqual(plain(far.messages), numbers(50))
      await settled(near, far)
      assert.deepEqual([near.reason, far.reason], [undefined, undefined])
    },

    "end: is told to a peer that is paused, with what that has not taken": async (near, far) => {
      near.open()
      far.open()
      await turn()
      far.connection.pause()
      for (let i = 0; i < 50; i++) near.connection.send(text(`${i}`))
      near.connection.end()
      await Promise.all([near.closed, far.closed])
      far.connection.resume()
      assert.deepEqual(plain(far.messages), numbers(50))
      await settled(near, far)
    },

    "end: drops what the peer still sends": async (near, far) => {
      near.open()
      far.open()
      await turn()
      near.connection.end()
      far.connection.send(text("too late"))
      await Promise.all([near.closed, far.closed])
      assert.deepEqual(near.messages, [])
      await settled(near, far)
    },

    "end from both sides at once": async (near, far) => {
      near.open()
      far.open()
      near.connection.end()
      far.connection.end()
      await Promise.all([near.closed, far.closed])
      await settled(near, far)
    },

    "end: leaves nothing unconfirmed that a paused peer is handed": async (near, far) => {
      near.open()
      far.open()
      await turn()
      far.connection.pause()
      for (let i = 0; i < 50; i++) near.connection.send(text(`${i}`))
      near.connection.end()
      await Promise.all([near.closed, far.closed])
      assert.equal(near.connection.unconfirmed ?? 0, 0)
      await settled(near, far)
    },

    "end by the peer: leaves unconfirmed what that has never had": (near, far) =>
      leaveUnconfirmed(near, far, "end"),

    "destroy by the peer: leaves unconfirmed what that has never had": (near, far) =>
      leaveUnconfirmed(near, far, "destroy"),

    "destroy: closes both, and passes the error to its own end": async (near, far) => {
      near.open()
      far.open()
      near.connection.destroy(new Error("on purpose"))
      near.connection.destroy(new Error("again"))
      near.connection.end()
      assert.equal(near.closes + far.closes, 0)
      await Promise.all([near.closed, far.closed])
      await settled(near, far)
      assert.equal(near.reason?.message, "on purpose")
    },

    "destroy: gives up what a stalled peer doesn't take": async (near, far) => {
      near.open()
      far.open()
      far.connection.pause()
      for (let i = 0; i < 50; i++) near.connection.send(text(`${i}`))
      near.connection.end()
      near.connection.destroy()
      await near.closed
      far.connection.resume()
      await far.closed
      await settled(near, far)
    },

    "destroy from inside message: nothing but closed follows": (near, far) =>
      leaveAtOnce(near, far, "destroy"),

    "end from inside message: nothing but closed follows": (near, far) => leaveAtOnce(near, far, "end"),

    "all calls from inside closed and later do nothing": async (near, far) => {
      for (const end of [near, far]) {
        end.onClosed = () => {
          end.connection.send(text("late"))
          end.connection.control({ type: "cancel", topic: Buffer.alloc(0) })
          end.connection.end()
          end.connection.destroy(new Error("late"))
          end.connection.pause()
          end.connection.resume()
        }
      }
      near.open()
      far.open()
      near.connection.end()
      await Promise.all([near.closed, far.closed])
      near.connection.send(text("later"))
      await settled(near, far)
      assert.equal(near.got.length + far.got.length, 0)
    },
  }
