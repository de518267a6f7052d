/** patterns/README.md says the truth of the folder, and its example runs. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it, onTestFinished } from "vitest"
import { Program } from "../../support/program.ts"
import { ROOT, readImports, sorted } from "../../support/structure.ts"

const README = readFileSync(join(ROOT, "patterns/README.md"), "utf8")

/** The types by the names of their files: patterns/pub.ts is PUB. */
const typeOf = (file: string) => file.replace(/^patterns\/(.*)\.ts$/, "$1").toUpperCase()

it("the table of helpers lists the files there are, with the types that import them, directly or not", () => {
  const imports = readImports()
  const types = readdirSync(join(ROOT, "patterns"))
    .filter(name => name.endsWith(".ts"))
    .map(name => `patterns/${name}`)
  const users = new Map<string, string[]>()
  for (const type of types) {
    const reached = new Set([type])
    for (const file of reached) for (const target of imports.get(file) ?? []) reached.add(target)
    for (const file of reached) {
      const [, helper] = /^patterns\/(.*\/.*)$/.exec(file) ?? []
      if (helper !== undefined) users.set(helper, [...(users.get(helper) ?? []), typeOf(type)])
    }
  }
  const rows = [...README.matchAll(/^\| `(.+?)` \| .* \| (.*) \|$/gm)]
  const listed = rows.map(([, file, names]) => [file, sorted(names?.split(" ") ?? [])])
  expect(sorted(listed.map(String))).toEqual(
    sorted([...users].map(([file, names]) => String([file, sorted(names)]))),
  )
})

it("the example is a program that runs", async () => {
  const [, code] = /This is a whole program:\n\n```ts\n([\s\S]*?)```/.exec(README) ?? []
  const folder = mkdtempSync(join(ROOT, "test/unit/patterns/readme-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const script = join(folder, "bus.ts")
  writeFileSync(script, code as string)
  const program = new Program([script])
  expect([await program.ended, program.output, program.errors]).toEqual([0, ["hello,neighbour"], ""])
})
