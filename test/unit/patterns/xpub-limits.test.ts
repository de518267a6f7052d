import { beforeEach, describe, expect, it } from "vitest"
import { isProtocolError } from "../../../src/base/errors.ts"
import { LONGEST_TOPIC } from "../../../src/base/limits.ts"
import { connectedPipe } from "../../support/fake-pipe.ts"
import { bytes, makeXPub, newTurn, receiveAll, subscribe } from "../../support/xpub-set-up.ts"

beforeEach(newTurn)

describe("XPUB, limits", () => {
  it("closes a peer whose topic is longer than any may be, whichever way it is sent, and tells nobody", () => {
    // More bytes than a string has room for; untouched, they take no memory.
    for (const size of [LONGEST_TOPIC + 1, 2 ** 29]) {
      const part = Buffer.alloc(1 + size)
      for (const type of ["subscribe", "cancel"] as const) {
        for (const options of [{}, { verbosity: "allSubsUnsubs" }, { manual: true }] as const) {
          newTurn()
          const xpub = makeXPub(options)
          const [byCommand, byMessage] = [connectedPipe(xpub), connectedPipe(xpub)]
          part[0] = type === "subscribe" ? 1 : 0
          xpub.control(byCommand, { type, topic: part.subarray(1) })
          newTurn()
          byMessage.deliver([part])
          for (const { failures } of [byCommand, byMessage]) {
            expect(failures.map(isProtocolError)).toEqual([true])
            expect(failures[0]).toMatchObject({
              reason: `a topic of ${size} bytes, where 1048576 are allowed`,
            })
          }
          expect(receiveAll(xpub)).toEqual([])
        }
      }
    }
  })

  it("in manual mode refuses the program such a topic", () => {
    const xpub = makeXPub({ manual: true })
    subscribe(xpub, connectedPipe(xpub), "a")
    xpub.tryReceive()
    expect(() => xpub.subscribe(Buffer.alloc(LONGEST_TOPIC + 1))).toThrow(
      expect.objectContaining({ code: "EMSGSIZE" }),
    )
    expect(() => xpub.unsubscribe(Buffer.alloc(2 ** 29))).not.toThrow()
  })

  it.each([false, true])("closes a peer that wants more remembered than anybody may (manual: %s)", manual => {
    // Each topic costs its length and 128 bytes.
    const xpub = makeXPub({ manual }, 3 * 129)
    const [greedy, modest] = [connectedPipe(xpub), subscribe(xpub, connectedPipe(xpub), "m")]
    subscribe(xpub, greedy, "a", "b", "b")
    expect(greedy.failures).toEqual([])
    subscribe(xpub, greedy, "c", "d")
    expect(greedy.failures.map(isProtocolError)).toEqual([true])
    expect(modest.failures).toEqual([])
    expect(receiveAll(xpub).slice(-4)).toEqual(["+c", "-a", "-b", "-c"])
  })

  it("counts what the program doesn't receive, and forgets it with the peer", () => {
    const budget = 2 ** 20
    const xpub = makeXPub({}, budget)
    // The first 16 MiB of notices have a budget of their own.
    const early = connectedPipe(xpub)
    const long = "x".repeat(2 ** 20)
    for (let n = 0; n < 17; n++) {
      newTurn()
      xpub.control(early, { type: "cancel", topic: bytes(long) })
    }
    const peers = [connectedPipe(xpub), connectedPipe(xpub), connectedPipe(xpub)]
    let sent = 0
    for (; sent < 100_000 && peers.every(({ failures }) => failures.length === 0); sent++) {
      newTurn()
      subscribe(xpub, peers[sent % 3]!, `${sent}`)
    }
    // A topic costs 128 bytes, and 256 where nobody has received it; the text counts three times.
    expect(sent).toBeGreaterThan(budget / (128 + 256 + 3 * 4) - 10)
    expect(sent).toBeLessThan(budget / (128 + 256 + 3) + 10)
    expect(peers.filter(({ failures }) => failures.length > 0)).toHaveLength(1)
    // Of the one that was closed nothing is told that had not been told before.
    while (xpub.tidy()) newTurn()
    const told = receiveAll(xpub).slice(17)
    expect(told.length).toBeLessThan((sent * 2) / 3 + 2)
    expect(told.every(text => text.startsWith("+"))).toBe(true)
  })

  it.each([false, true])("whoever comes and goes unseen leaves nothing behind (manual: %s)", manual => {
    const xpub = makeXPub({ manual })
    const topics = Array.from({ length: 100_000 }, (_, n) => `${n}`)
    const visitor = connectedPipe(xpub)
    const knock = (prefix: string) => {
      subscribe(xpub, visitor, ...topics.map(topic => prefix + topic))
      visitor.lose()
      while (xpub.tidy());
      visitor.connect()
    }
    knock("first ")
    knock("second ")
    subscribe(xpub, visitor, "last")
    const received = receiveAll(xpub)
    // Exact as long as there is room, then nothing but what is still true; all that was told began and ended.
    expect(received.at(-1)).toBe("+last")
    const told = new Set<string>()
    for (const notice of received) {
      if (notice.startsWith("+")) told.add(notice.slice(1))
      else told.delete(notice.slice(1))
    }
    expect([...told]).toEqual(["last"])
    expect(received.length).toBeLessThan(270_000)
  })
})
