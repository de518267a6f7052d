import { describe, expect, it } from "vitest"
import { PairPattern } from "../../../patterns/pair.ts"
import { connectedPipe, message, text } from "../../support/fake-pipe.ts"

describe("PAIR", () => {
  it("receives what earlier peers left behind, oldest first", () => {
    const pair = new PairPattern()
    for (const name of ["first", "second", "third"]) {
      const pipe = connectedPipe(pair).deliver(message(name, "1")).deliver(message(name, "2"))
      if (name !== "third") pipe.detach()
    }
    const received = Array.from({ length: 7 }, () => text(pair.tryReceive())?.join(" "))
    expect(received).toEqual(["first 1", "first 2", "second 1", "second 2", "third 1", "third 2", undefined])
  })

  it("sends to the newest peer while an older one is still read", () => {
    const pair = new PairPattern()
    connectedPipe(pair).deliver(message("left behind")).detach()
    expect(pair.canSend()).toBe(false)
    const next = connectedPipe(pair)
    expect(pair.trySend(message("hello"))).toBe(true)
    expect(next.written.map(text)).toEqual([["hello"]])
  })

  it("ignores a second peer that nobody should have admitted", () => {
    const pair = new PairPattern()
    const first = connectedPipe(pair)
    const second = connectedPipe(pair).deliver(message("psst"))
    expect(pair.canReceive()).toBe(false)
    pair.trySend(message("hello"))
    expect([first.written.length, second.written.length]).toEqual([1, 0])
    second.detach()
    expect(pair.canSend()).toBe(true)
  })
})
