/** The tables of helpers in patterns/README.md and transports/README.md say what files there are, and who needs them. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { ROOT, readImports, sorted } from "../support/structure.ts"

const imports = readImports()

/** The helpers of a folder, with the names of its own files that import them, directly or not. */
function usersOf(folder: string, nameOf: (file: string) => string): Map<string, string[]> {
  const users = new Map<string, string[]>()
  for (const name of readdirSync(join(ROOT, folder)).filter(file => file.endsWith(".ts"))) {
    const reached = new Set([`${folder}/${name}`])
    for (const file of reached) for (const target of imports.get(file) ?? []) reached.add(target)
    for (const file of reached) {
      const [top, ...helper] = file.split("/")
      if (top !== folder || helper.length < 2) continue
      const user = nameOf(name.replace(/\.ts$/, ""))
      users.set(helper.join("/"), [...(users.get(helper.join("/")) ?? []), user])
    }
  }
  return users
}

it.each([
  { folder: "patterns", nameOf: (file: string) => file.toUpperCase() },
  { folder: "transports", nameOf: (file: string) => file },
])("the table of $folder/README.md lists each helper once, with all that need it", ({ folder, nameOf }) => {
  const readme = readFileSync(join(ROOT, folder, "README.md"), "utf8")
  const rows = [...readme.matchAll(/^\| `(.+?\.ts)` \| .* \| (.*) \|$/gm)]
  const listed = rows.map(([, file, names]) => `${file}: ${sorted(names?.split(" ") ?? []).join(" ")}`)
  const found = [...usersOf(folder, nameOf)].map(([file, names]) => `${file}: ${sorted(names).join(" ")}`)
  expect(sorted(listed)).toEqual(sorted(found))
  const files = [...imports.keys()].filter(file => new RegExp(`^${folder}/.*/`).test(file))
  expect(found.length, "a helper that nobody needs").toBe(files.length)
})
