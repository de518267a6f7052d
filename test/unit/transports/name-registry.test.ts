import { describe, expect, it } from "vitest"
import { hashOf, NameRegistry, type TakeResult } from "../../../transports/threads/registry.ts"

const make = (birth = 1n) => NameRegistry.create(birth, 1)

function claimOf(taken: TakeResult) {
  if (taken.outcome === "full") throw new Error("full")
  return taken.claim
}

describe("the registry of names", () => {
  it("lets one thread hold a name, and tells the others which", () => {
    const registry = make()
    const name = hashOf("a")
    const held = claimOf(registry.take(name, 7))
    expect(registry.take(name, 8)).toEqual({ outcome: "rival", claim: held })
    expect(held.thread).toBe(7)
    expect(registry.holders(name)).toEqual([held])
    registry.release(held)
    expect(registry.holders(name)).toEqual([])
    expect(registry.take(name, 8).outcome).toBe("held")
  })

  it("is the same for all who have its memory", () => {
    const one = make()
    const other = new NameRegistry(one.memory)
    one.take(hashOf("a"), 1)
    expect(other.take(hashOf("a"), 2).outcome).toBe("rival")
  })

  it("takes a name beside one with the same hash that was passed", () => {
    const registry = make()
    const first = claimOf(registry.take(1, 7))
    const second = registry.take(1, 8, [first])
    expect(second.outcome).toBe("held")
    expect(registry.holders(1)).toHaveLength(2)
    expect(registry.take(1, 9, [first])).toEqual({ outcome: "rival", claim: claimOf(second) })
  })

  it("frees all names of a thread that has ended, and no others", () => {
    const registry = make()
    for (const name of [1, 2, 3]) registry.take(name, 7)
    registry.take(4, 8)
    registry.evict(7)
    for (const name of [1, 2, 3]) expect(registry.take(name, 9).outcome).toBe("held")
    expect(registry.take(4, 9).outcome).toBe("rival")
  })

  it("releases a claim only while it stands", () => {
    const registry = make()
    const old = claimOf(registry.take(1, 7))
    registry.release(old)
    const newer = claimOf(registry.take(1, 8))
    registry.release(old)
    expect(registry.has(newer)).toBe(true)
    expect(registry.has(old)).toBe(false)
  })

  it("says when it is full", () => {
    const registry = make()
    let name = 0
    while (registry.take(++name, 1).outcome === "held");
    expect(registry.take(name, 1).outcome).toBe("full")
    expect(name).toBeGreaterThan(4000)
    registry.evict(1)
    expect(registry.take(name, 1).outcome).toBe("held")
  })

  it("gives way to an older one, or by chance", () => {
    expect(make(1n).precedes(make(2n))).toBe(true)
    expect(make(2n).precedes(make(1n))).toBe(false)
    expect(NameRegistry.create(1n, 1).precedes(NameRegistry.create(1n, 2))).toBe(true)
    const registry = make()
    expect(registry.precedes(new NameRegistry(registry.memory))).toBe(false)
  })
})
