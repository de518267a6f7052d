/**
 * Each row of zeromqjs.md 2.1 to 2.9 that a program can see: the same lines run on the native package and on this
 * library, each in its own process, and what comes of them is compared.
 */
import { fork } from "node:child_process"
import { once } from "node:events"
import { readdirSync } from "node:fs"
import { beforeAll, describe, expect, it } from "vitest"
import { compiled } from "../support/compiled.ts"
import type { Rows } from "./row.ts"

type Results = Readonly<Record<string, { result: unknown } | { failed: unknown }>>

const here = (name: string): URL => new URL(name, import.meta.url)

async function run(library: "native" | "ours", section: string): Promise<Results> {
  const child = fork(compiled(here("run.ts")), [library, section])
  const ended = once(child, "exit").then(([code, signal]) => {
    throw new Error(`${library} ended: ${code ?? signal}`)
  })
  const [results] = await Promise.race([once(child, "message"), ended])
  ended.catch(() => {})
  return results as Results
}

const sections = readdirSync(here("rows")).map(file => file.replace(/\.ts$/, ""))

for (const section of sections) {
  const { rows } = (await import(`./rows/${section}.ts`)) as { rows: Rows }
  describe(section, () => {
    let native: Results = {}
    let ours: Results = {}
    beforeAll(async () => {
      ;[native, ours] = await Promise.all([run("native", section), run("ours", section)])
    })

    it.each(Object.entries(rows))("%s", (name, row) => {
      expect(native[name], "what the native package does").toHaveProperty("result")
      if (typeof row === "function") {
        expect(ours[name]).toEqual(native[name])
      } else {
        expect(ours[name]).toEqual({ result: row.ours })
        expect(native[name], "the difference is gone").not.toEqual(ours[name])
      }
    })
  })
}
