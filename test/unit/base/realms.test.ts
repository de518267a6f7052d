/** Values of other realms (vm contexts, browser windows in Node, notebooks) are what they are. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { runInNewContext } from "node:vm"
import { describe, expect, it } from "vitest"
import { toMessage, toOwnBytes } from "../../../src/base/parts.ts"
import { type MessageLike, Pair, transfer } from "../../../src/index.ts"
import { open } from "../../support/open.ts"
import { ROOT, readImports } from "../../support/structure.ts"

/** Values whose three bytes are 1, 2, 3, each with classes that aren't ours. */
const FOREIGN: Record<string, MessageLike> = runInNewContext(`
  const bytes = Uint8Array.of(1, 2, 3)
  const shared = new Uint8Array(new SharedArrayBuffer(3))
  shared.set(bytes)
  ;({
    "an ArrayBuffer": bytes.buffer,
    "a SharedArrayBuffer": shared.buffer,
    "a Uint8Array": bytes,
    "an Int8Array over a part of memory": new Int8Array(Uint8Array.of(0, 1, 2, 3, 0).buffer, 1, 3),
    "a DataView": new DataView(bytes.buffer),
    "a view of shared memory": shared,
  })
`) as Record<string, MessageLike>

const rows = Object.entries(FOREIGN)

describe("memory of another realm", () => {
  it("is none of ours", () => {
    for (const [, value] of rows) expect(value).not.toBeInstanceOf(Object)
  })

  it.each(rows)("%s is sent as its bytes", async (_, value) => {
    const [left, right] = [open(new Pair()), open(new Pair())]
    const endpoint = `inproc://realms-${Math.random()}`
    await left.bind(endpoint)
    right.connect(endpoint)
    await right.send([value, "text"])
    const [part] = await left.receive()
    expect(Buffer.isBuffer(part)).toBe(true)
    expect([...(part as Buffer)]).toEqual([1, 2, 3])
  })

  it("can be handed over with transfer()", () => {
    const { "an ArrayBuffer": memory } = FOREIGN
    const offered = transfer(memory as ArrayBuffer)
    expect(toMessage(offered)).toEqual([Buffer.of(1, 2, 3)])
    expect(offered.buffer).toBe(memory)
  })

  it("names a topic, or a routing id", () => {
    expect(toOwnBytes(FOREIGN["a Uint8Array"])).toEqual(Buffer.of(1, 2, 3))
  })
})

describe("no source file", () => {
  /** Classes of the library, which accept instances of its other copies. */
  const OWN = ["BaseContext", "BaseSocket", "SchemaError", "ZmqError"]
  /** This one asks whether a value is of our realm at all. */
  const ALLOWED = "src/codecs/msgpack-foreign.ts Object"

  const classesIn = (text: string): string[] =>
    [...text.replace(/`[^`]*`/g, "").matchAll(/\binstanceof\s+([\w.]+)/g)].map(match => match[1] as string)

  it("asks a value of the program's for its class", () => {
    const found = [...readImports().keys()].flatMap(file =>
      classesIn(readFileSync(join(ROOT, file), "utf8"))
        .filter(name => !OWN.includes(name))
        .map(name => `${file} ${name}`),
    )
    expect(found).toEqual([ALLOWED])
  })

  it("could do it unseen", () => {
    expect(classesIn("if (value instanceof ArrayBuffer || a instanceof globalThis.Error) return")).toEqual([
      "ArrayBuffer",
      "globalThis.Error",
    ])
  })
})
