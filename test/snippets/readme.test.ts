import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { README, withTables } from "../support/readme.ts"

describe("the README", () => {
  const text = readFileSync(README, "utf8")

  it("shows exactly the tables of the code (`npm run docs` writes them)", () => {
    expect(text).toBe(withTables(text))
  })

  it("names the two commands on its first page", () => {
    const firstPage = text.split("\n").slice(0, 40).join("\n")
    expect(firstPage).toContain("npm ci && npm run word-count")
    expect(firstPage).toContain("npm ci && npm test")
  })
})
