/** The one check that all state machines share. */
import { expect, it } from "vitest"
import { transitions } from "../../../src/base/transitions.ts"

type State = { readonly name: "off" } | { readonly name: "on"; readonly since: number }

const following = transitions<State["name"]>("a lamp", { off: ["on"], on: ["on"] })

it("hands on the next state with its data where the table has the change", () => {
  const on: State = { name: "on", since: 3 }
  expect(following({ name: "off" }, on)).toBe(on)
  expect(following(on, { name: "on", since: 4 }).since).toBe(4)
})

it("throws where it doesn't, and names the machine and both states", () => {
  expect(() => following({ name: "on" }, { name: "off" })).toThrow("a lamp cannot go from on to off")
})
