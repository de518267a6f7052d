/** The comments can be understood at first reading: the rule for prose in CONTRIBUTING.md. */
import { expect, it } from "vitest"
import { unreadableComments } from "../support/prose.ts"
import { readImports } from "../support/structure.ts"

it("no comment opens without a subject, and no first sentence of a doc comment is long", () => {
  expect([...readImports().keys()].flatMap(unreadableComments)).toEqual([])
})

it("finds comments that do", () => {
  expect(unreadableComments("test/support/unreadable.ts")).toEqual([
    "test/support/unreadable.ts:1 What a reader has to read twice.",
    "test/support/unreadable.ts:2 This first sentence goes on and on, with one clause after the other, until its reader has long forgotten how it began.",
  ])
})
