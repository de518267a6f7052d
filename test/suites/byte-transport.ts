/**
 * What every byte transport must do. Runner-agnostic: hand in describe and it of your own.
 *
 *     byteTransportSuite("serial", { describe, it }, () => ({ transport: serial(), address: "a", nobody: "b", malformed: [""] }))
 */
import assert from "node:assert/strict"
import { BYTE_KIND, type ByteEnd, bytes, link, pour, settled, WholeInput } from "./byte-end.ts"
import { LISTENING_CHECKS } from "./listening.ts"
import { Random } from "./random.ts"
import type { TestRunner } from "./runner.ts"
import { type MakeSetup, turn, withSetup } from "./transport-bench.ts"

const MEBIBYTE = 2 ** 20

type Check = (near: ByteEnd, far: ByteEnd) => Promise<void>

/**
 * Tests a transport whose connections are streams of bytes, through the whole of its contract. Each test has a transport of
 * its own.
 *
 * @example
 * ```ts
 * import { describe, it } from "node:test"
 * byteTransportSuite("mine", { describe, it }, () => ({
 *   transport: mine(),
 *   address: "free",
 *   nobody: "nobody",
 *   malformed: [""],
 * }))
 * ```
 */
export function byteTransportSuite(name: string, { describe, it }: TestRunner, make: MakeSetup): void {
  describe(`byte transport ${name}`, () => {
    for (const [title, check] of Object.entries(LISTENING_CHECKS)) {
      it(title, () => withSetup(make, setup => check(setup, BYTE_KIND)))
    }
    for (const [title, check] of Object.entries(STREAM_CHECKS)) {
      it(title, () => withSetup(make, setup => link(setup, check)))
    }
  })
}

const STREAM_CHECKS: Readonly<Record<string, Check>> = {
  "carries bytes whole and in order, both ways at once": async (near, far) => {
    const random = new Random()
    near.open()
    far.open()
    await Promise.all([pour(random, near, far), pour(random, far, near)])
  },

  "carries one byte, none, and a mebibyte": async (near, far) => {
    const all = [bytes(1, 1), bytes(0, 2), bytes(MEBIBYTE, 3)]
    for (const chunk of all) near.stream.write([chunk])
    near.stream.write([])
    near.stream.write(all)
    far.open()
    await far.input.reaches(2 * (1 + MEBIBYTE))
    assert.deepEqual(far.input.whole(), Buffer.concat([...all, ...all]))
  },

  "names both ends": async (near, far) => {
    for (const end of [near, far]) {
      assert.match(end.stream.local, /^[a-z0-9+.-]+:\/\/./)
      assert.match(end.stream.remote, /^[a-z0-9+.-]+:\/\/./)
    }
  },

  "delivers nothing before open": async (near, far) => {
    far.open()
    near.open()
    far.stream.write([bytes(10, 1)])
    await near.input.reaches(10)
    assert.equal(near.early, 0)
  },

  "holds a peer back while it is paused, and drains when it resumes": async (near, far) => {
    near.open()
    far.open()
    far.stream.pause()
    const sent = new WholeInput()
    // As much as the medium swallows, and then 20 MB more.
    while (near.stream.write([sent.add(bytes(MEBIBYTE, sent.length))]));
    for (let i = 0; i < 20; i++) near.stream.write([sent.add(bytes(MEBIBYTE, i))])
    await turn()
    await turn()
    const seen = far.input.length
    await turn()
    assert.equal(far.input.length, seen, "no data while paused")
    assert.equal(near.drains, 0)
    const drained = near.drained()
    far.stream.resume()
    await drained
    await far.input.reaches(sent.length)
    assert.ok(far.input.whole().equals(sent.whole()))
    assert.equal(near.drains, 1)
  },

  "may be paused and resumed from inside data": async (near, far) => {
    near.open()
    far.open()
    far.onData = () => {
      far.stream.pause()
      setImmediate(() => far.stream.resume())
    }
    const sent = bytes(MEBIBYTE, 7)
    near.stream.write([sent])
    await far.input.reaches(sent.length)
    assert.ok(far.input.whole().equals(sent))
  },

  "end: sends what was written, then closes both, once": async (near, far) => {
    near.open()
    far.open()
    const sent = bytes(5 * MEBIBYTE, 4)
    near.stream.write([sent])
    near.stream.end()
    near.stream.end()
    assert.equal(near.closes, 0, "never from within end()")
    await Promise.all([near.closed, far.closed])
    assert.ok(far.input.whole().equals(sent))
    await settled(near, far)
    assert.deepEqual([near.reason, far.reason], [undefined, undefined])
  },

  "end before open: sends, and tells it once open": async (near, far) => {
    near.stream.write([bytes(100, 1)])
    near.stream.end()
    far.open()
    await far.closed
    assert.equal(far.input.length, 100)
    near.open()
    await near.closed
    await settled(near, far)
  },

  "end: what crosses it on the way does no harm": async (near, far) => {
    near.open()
    far.open()
    far.stream.pause()
    const sent = bytes(100_000, 5)
    near.stream.write([sent])
    far.stream.write([bytes(100_000, 6)])
    near.stream.end()
    await turn()
    far.stream.resume()
    await Promise.all([near.closed, far.closed])
    assert.ok(far.input.whole().equals(sent))
  },

  "end: reaches a peer that goes on talking": async (near, far) => {
    near.open()
    far.open()
    far.stream.pause()
    const sent = bytes(5 * MEBIBYTE, 8)
    near.stream.write([sent])
    near.stream.end()
    for (let i = 0; i < 20; i++) {
      far.stream.write([bytes(1000, i)])
      await turn()
    }
    far.onData = () => void far.stream.write([bytes(1000, 1)])
    far.stream.resume()
    await Promise.all([near.closed, far.closed])
    assert.ok(far.input.whole().equals(sent))
    assert.deepEqual([near.input.length, near.reason], [0, undefined])
  },

  "end from both sides at once": async (near, far) => {
    near.open()
    far.open()
    near.stream.end()
    far.stream.end()
    await Promise.all([near.closed, far.closed])
    await settled(near, far)
  },

  "destroy: closes both, and passes the error to its own end": async (near, far) => {
    near.open()
    far.open()
    near.stream.destroy(new Error("on purpose"))
    near.stream.destroy(new Error("again"))
    near.stream.end()
    assert.equal(near.closes, 0, "never from within destroy()")
    await Promise.all([near.closed, far.closed])
    await settled(near, far)
    assert.ok(near.reason instanceof Error)
  },

  "destroy: gives up what a stalled peer doesn't take": async (near, far) => {
    near.open()
    far.open()
    far.stream.pause()
    while (near.stream.write([bytes(MEBIBYTE, 0)]));
    near.stream.end()
    await turn()
    near.stream.destroy()
    await near.closed
    far.stream.resume()
    await far.closed
    await settled(near, far)
  },

  "destroy from inside data: nothing but closed follows": async (near, far) => {
    near.open()
    far.open()
    far.onData = () => {
      far.stream.destroy()
      far.onData = () => assert.fail("data after destroy")
    }
    near.stream.write([bytes(MEBIBYTE, 0)])
    await Promise.all([near.closed, far.closed])
    await settled(near, far)
  },

  "end from inside data: nothing but closed follows": async (near, far) => {
    near.open()
    far.open()
    far.onData = () => {
      far.stream.write([bytes(10, 1)])
      far.stream.end()
      far.onData = () => assert.fail("data after end")
    }
    near.stream.write([bytes(MEBIBYTE, 0)])
    await Promise.all([near.closed, far.closed])
    await settled(near, far)
    assert.ok(near.input.whole().equals(bytes(10, 1)))
  },

  "end and destroy from inside closed do nothing": async (near, far) => {
    near.open()
    far.open()
    for (const end of [near, far]) {
      end.onClosed = () => {
        end.stream.end()
        end.stream.destroy(new Error("too late"))
        end.stream.pause()
        end.stream.resume()
      }
    }
    near.stream.end()
    await Promise.all([near.closed, far.closed])
    await settled(near, far)
  },

  "drops what is written after end, destroy and closed": async (near, far) => {
    near.open()
    far.open()
    near.stream.end()
    near.stream.write([bytes(10, 1)])
    await Promise.all([near.closed, far.closed])
    near.stream.write([bytes(10, 1), bytes(10, 2)])
    far.stream.write([bytes(10, 3)])
    await settled(near, far)
    assert.deepEqual([near.input.length, far.input.length], [0, 0])
  },

  "delivers all that a peer sent before it left, to one that is paused and writes": async (near, far) => {
    near.open()
    far.open()
    far.stream.pause()
    const sent = bytes(30_000, 9)
    near.stream.write([sent])
    near.stream.end()
    for (let i = 0; i < 5; i++) {
      far.stream.write([bytes(1000, i)])
      await turn()
    }
    far.stream.resume()
    await Promise.all([near.closed, far.closed])
    assert.ok(far.input.whole().equals(sent))
  },
}
