import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { expect, it, onTestFinished } from "vitest"
import { compiled } from "../../support/compiled.ts"
import { Program } from "../../support/program.ts"
import { ROOT } from "../../support/structure.ts"

const README = readFileSync(join(ROOT, "patterns/README.md"), "utf8")

it("the example of patterns/README.md is a program that runs", async () => {
  const [, code] = /This is a whole program:\n\n```ts\n([\s\S]*?)```/.exec(README) ?? []
  const folder = mkdtempSync(join(ROOT, "test/unit/patterns/readme-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const script = join(folder, "bus.ts")
  writeFileSync(script, code as string)
  const program = new Program([compiled(pathToFileURL(script))])
  expect([await program.ended, program.output, program.errors]).toEqual([0, ["hello,neighbour"], ""])
})
