/** Validation by Standard Schema: zod, valibot and arktype, with one codec after the other. */
import { type } from "arktype"
import * as v from "valibot"
import { describe, expect, it } from "vitest"
import { checked, InvalidMessageError, json, raw, type StandardSchema, withCodec } from "zeromq-ts/codec"
import { msgpack } from "zeromq-ts/msgpack"
import { z } from "zod"
import { Pull, Push } from "../../../src/index.ts"
import { linked } from "./support.ts"

const SCHEMAS: Record<string, StandardSchema<{ id: number; tags: string[] }>> = {
  zod: z.object({ id: z.number(), tags: z.array(z.string()) }),
  valibot: v.object({ id: v.number(), tags: v.array(v.string()) }),
  arktype: type({ id: "number", tags: "string[]" }),
}

describe.each(Object.entries(SCHEMAS))("%s", (_, schema) => {
  it.each([
    ["json()", () => json({ schema })],
    ["msgpack()", () => msgpack({ schema })],
    ["checked()", () => checked(json(), schema)],
  ])("with %s lets through what it accepts, and refuses the rest with its issues", async (_, codec) => {
    const [pull, push] = await linked("inproc", new Pull(), new Push())
    const out = withCodec(push, codec())
    const into = withCodec(pull, codec())
    await out.send({ id: 1, tags: ["a"] })
    await out.send({ id: 2, tags: ["a", 5 as never] })
    await out.send({ id: 3, tags: [] })
    expect(await into.receive()).toEqual({ id: 1, tags: ["a"] })
    const error = await into.receive().then(
      () => expect.unreachable(),
      reason => reason as InvalidMessageError,
    )
    expect(error).toBeInstanceOf(InvalidMessageError)
    expect(error.issues.length).toBe(1)
    expect(error.issues[0]?.path?.length).toBe(2)
    expect(error.reason).toContain(error.issues[0]?.message)
    expect(error.reason).toMatch(/^tags\.1: /)
    expect(error.parts.length).toBe(1)
    expect(await into.receive()).toEqual({ id: 3, tags: [] })
  })
})

it("receives what the schema makes of the value, and sends what it takes", async () => {
  const schema = z.object({ at: z.string().transform(text => new Date(text)), n: z.number().default(7) })
  const [pull, push] = await linked("inproc", new Pull(), new Push())
  await withCodec(push, json({ schema })).send({ at: "2000-01-01T00:00:00Z" })
  const { at, n } = await withCodec(pull, json({ schema })).receive()
  expect([at.getUTCFullYear(), n]).toEqual([2000, 7])
})

it("lets nothing through by a schema that answers later", async () => {
  const schema = z.number().refine(async () => true)
  const [pull, push] = await linked("inproc", new Pull(), new Push())
  await push.send("1")
  await expect(withCodec(pull, json({ schema })).receive()).rejects.toMatchObject({
    code: "EBADMSG",
    reason: expect.stringMatching(/async/i),
  })
})

it("may check a codec of any kind", () => {
  const codec = checked(raw(), v.array(v.instance(Buffer)))
  expect(codec.decode([Buffer.from("x")])).toEqual([Buffer.from("x")])
})
