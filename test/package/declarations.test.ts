/** The built declarations, as editors show them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import * as zmq from "zeromq-ts"
import { doors, type PublicName, publicNames } from "../support/declarations.ts"
import { completions, hover, TEN_OPTIONS } from "../support/editor.ts"
import { contextOptionDocs, socketOptionDocs } from "../support/option-docs.ts"

const undocumented = (names: readonly PublicName[]) =>
  names.filter(({ text }) => text === "").map(({ name }) => name)

describe("the public names", () => {
  const names = publicNames(doors())

  it("are all documented, with all their members", () => {
    expect(names.length).toBeGreaterThan(2000)
    expect(names.map(({ name }) => name)).toContain("index: Push.sendHighWaterMark")
    expect(undocumented(names)).toEqual([])
  })

  it("would be named here if they weren't", () => {
    const folder = mkdtempSync(join(tmpdir(), "declarations-"))
    try {
      const file = join(folder, "door.d.ts")
      writeFileSync(
        file,
        `/** A class. */
        export declare class Thing extends Base {
          bare: number
          /** A method. */
          call(options: { inner: string }): Promise<readonly Other[]>
          /** One. */
          many(a: string): void
          many(a: number): void
        }
        declare class Base { inherited: string }
        interface Other { left: [first: { deep: 1 }] }
        export declare const bare: { [K in "mapped"]: true }
        export {}
        `,
      )
      expect(undocumented(publicNames(new Map([["door", file]])))).toEqual([
        "door: Thing.bare",
        "door: Thing.call(options).inner",
        "door: Thing.call().left",
        "door: Thing.call().left.deep",
        "door: Thing.many (overload 2)",
        "door: Thing.inherited",
        "door: bare",
        "door: bare.mapped",
      ])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it("have examples where a program begins with them", () => {
    const values = Object.entries(zmq).filter(([, value]) => typeof value === "function")
    const withExample = names.filter(({ tags }) => tags.includes("example")).map(({ name }) => name)
    const without = values.map(([name]) => name).filter(name => !withExample.includes(`index: ${name}`))
    expect(without).toEqual([])
  })

  it("of the methods that most programs call have examples", () => {
    const methods = ["Push.send", "Push.trySend", "Push.bind", "Push.connect", "Push.drain", "Pull.receive"]
    for (const name of [...methods, "Pull.tryReceive", "Pull.messages", "Pull.batches", "Push.events"]) {
      expect(names.find(each => each.name === `index: ${name}`)?.tags, name).toContain("example")
    }
  })
})

describe("an editor", () => {
  it("shows an option's text, its default and libzmq's name for it wherever the option is named", () => {
    const names = [...TEN_OPTIONS.matchAll(/\|(\w+)/g)].map(([, name]) => name as string)
    for (const [index, text] of hover(TEN_OPTIONS).entries()) {
      const name = names[index] as string
      if (name === "context") continue
      const doc = name === "maxSockets" ? contextOptionDocs().get(name) : socketOptionDocs().get(name)
      const shown = text.replace(/\s+/g, " ")
      expect(shown).toContain(doc?.text)
      expect(shown).toContain(`@defaultValue ${doc?.defaultValue}`)
      expect(shown).toContain(`@see ${doc?.libzmq}`)
    }
  })

  it("offers no internals", () => {
    const program = (value: string) => `import { Context, Push } from "zeromq-ts"\n${value}.|`
    const socket = completions(program("new Push()"))
    expect(socket).toEqual(expect.arrayContaining(["send", "linger", "lastEndpoint", "getInt32Option"]))
    const context = completions(program("new Context()"))
    expect(context).toEqual(expect.arrayContaining(["maxSockets", "setBoolOption"]))
    for (const name of ["receive", "budget", "resolve", "enlist", "dismiss"]) {
      expect([...socket, ...context]).not.toContain(name)
    }
    for (const file of doors().values()) expect(readFileSync(file, "utf8")).not.toContain("@internal")
  })
})
