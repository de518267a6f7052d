/** A small field that is kept for ever keeps neither its message nor what it was received with. */
import { execFileSync } from "node:child_process"
import { describe, expect, it } from "vitest"
import { compiled } from "../../support/compiled.ts"

const MIB = 2 ** 20

function growth(fields: "copies" | "views", size: "large" | "small"): { kept: number; grown: number } {
  const script = compiled(new URL("pinning.ts", import.meta.url))
  const args = ["--expose-gc", script, fields, size]
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" }))
}

describe.each(["large", "small"] as const)("1,000 fields of %s messages, kept for ever", size => {
  it("keep themselves alive, and little else", () => {
    const { kept, grown } = growth("copies", size)
    expect(kept).toBe(1000)
    // 16 bytes and a name each; the rest is the engine's own.
    expect(grown).toBeLessThan(4 * MIB)
  })

  it("as views, where that is asked for, keep all that was received with them", () => {
    expect(growth("views", size).grown).toBeGreaterThan(8 * MIB)
  })
})
