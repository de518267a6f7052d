/** The examples on threads, run as a user does. */
import { afterEach, expect, test } from "vitest"
import { endAll, Run } from "./run.ts"

afterEach(endAll)

test("prime-search counts as the tables say", async () => {
  const run = Run.asUser("prime-search", "200000", "3")
  expect(await run.ended).toEqual({ code: 0, signal: null })
  expect([run.out, run.err]).toEqual(["17984 primes below 200000\n", ""])
})

test("shared-ledger loses no payment and no money", async () => {
  const run = Run.asUser("shared-ledger", "5", "200")
  expect(await run.ended).toEqual({ code: 0, signal: null })
  expect([run.out, run.err]).toEqual([
    expect.stringMatching(/^1000 payments, \d+ refused; 1000 in all accounts\n$/),
    "",
  ])
})

test.each(["prime-search", "shared-ledger"])("%s tells how it is used", async example => {
  const run = Run.asUser(example, "-1")
  expect(await run.ended).toEqual({ code: 2, signal: null })
  expect(run.err).toMatch(new RegExp(`^usage: ${example} `))
})
