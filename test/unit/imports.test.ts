/** The imports keep to the architecture: see src/README.md. */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { IMPORT_RULES, rulesTable } from "../support/import-rules.ts"
import {
  circlesIn,
  floorOf,
  folderOf,
  graphOf,
  type Imports,
  ROOT,
  readImports,
  sorted,
  upwardImports,
  WINGS,
} from "../support/structure.ts"

const imports = readImports()
const files = [...imports.keys()]

/** All that is imported by a file, and by what it imports. */
function reachableFrom(start: string, all: Imports = imports): string[] {
  const reached = new Set([start])
  for (const file of reached) for (const name of all.get(file) ?? []) reached.add(name)
  return [...reached]
}

describe("imports keep to the architecture", () => {
  it("sees imports at all", () => {
    expect(files.length).toBeGreaterThan(100)
    expect(imports.get("src/index.ts")).toContain("transports/tcp.ts")
  })

  it("each folder imports what its rule says, no more and no less", () => {
    const found = new Map<string, Set<string>>()
    for (const [file, targets] of imports) {
      const folders = found.get(folderOf(file)) ?? new Set()
      found.set(folderOf(file), folders)
      for (const target of targets) if (folderOf(target) !== folderOf(file)) folders.add(folderOf(target))
    }
    const actual = Object.fromEntries([...found].map(([folder, targets]) => [folder, sorted(targets)]))
    expect(actual).toEqual(IMPORT_RULES)
  })

  it("none leads upwards", () => {
    const homeless = files.filter(file => file.startsWith("src/") && floorOf(file) < 0)
    expect(homeless, "files of src/ without a floor").toEqual([])
    expect(upwardImports(imports)).toEqual([])
  })

  it("a wing stands on the public surface and base alone", () => {
    const isOpen = (target: string, wing: string) =>
      target === "src/index.ts" || target.startsWith(`${wing}/`) || folderOf(target) === "src/base"
    const reachedInto = WINGS.flatMap(wing =>
      files
        .filter(file => file.startsWith(`${wing}/`))
        .flatMap(file => (imports.get(file) ?? []).map(target => ({ file, target })))
        .filter(({ target }) => target.endsWith(".ts") && !isOpen(target, wing)),
    )
    expect(reachedInto).toEqual([])
  })

  it("there is no circle of files or of folders, types included", () => {
    const isSource = (name: string) => (name.endsWith(".ts") ? name : undefined)
    expect(circlesIn(graphOf(imports, isSource))).toEqual([])
    expect(circlesIn(graphOf(imports, name => isSource(name) && folderOf(name)))).toEqual([])
  })

  it("would see a circle, and an import that leads upwards", () => {
    const bad: Imports = new Map([
      ["src/base/a.ts", ["src/zmtp/b.ts"]],
      ["src/zmtp/b.ts", ["src/base/a.ts"]],
    ])
    expect(circlesIn(graphOf(bad, name => name))).toEqual([["src/base/a.ts", "src/zmtp/b.ts"]])
    expect(upwardImports(bad)).toEqual(["src/base/a.ts → src/zmtp/b.ts"])
  })

  it("src/README.md shows the rules", () => {
    expect(readFileSync(join(ROOT, "src/README.md"), "utf8")).toContain(rulesTable())
  })
})

describe("the entries", () => {
  it("are the doors of package.json, one file each", () => {
    const { exports } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
      exports: Record<string, unknown>
    }
    const doors = Object.keys(exports)
      .filter(name => name !== "./package.json")
      .map(name => (name === "." ? "index.ts" : `${name.slice(2)}.ts`))
    expect(sorted(readdirSync(join(ROOT, "src/entries")))).toEqual(sorted(doors))
  })

  it("the main one needs no package before CURVE is used, and no codec", () => {
    const reached = reachableFrom("src/index.ts")
    const boxes = ["libsodium-sumo", "@noble/ciphers/salsa.js", "sodium-native"]
    expect(reached).toContain("src/connections/zmtp-connection.ts")
    const packages = reached.filter(name => !name.endsWith(".ts") && !name.startsWith("node:"))
    // Our own is for the version.
    expect(packages).toEqual(["package.json", ...boxes])
    for (const [file, targets] of imports) {
      if (!targets.some(name => boxes.includes(name))) continue
      const text = readFileSync(join(ROOT, file), "utf8")
      const atOnce = [...text.matchAll(/^import (?!type ).* from "(.*)"/gm)].map(([, name]) => name as string)
      expect(atOnce.filter(name => boxes.includes(name))).toEqual([])
    }
    expect(reached.filter(name => name.startsWith("src/codecs"))).toEqual([])
  })

  it("msgpackr is imported by the codec of that name alone", () => {
    const importers = files.filter(file => imports.get(file)?.some(name => name.startsWith("msgpackr")))
    expect(importers.every(file => file.startsWith("src/codecs/msgpack"))).toBe(true)
    expect(reachableFrom("src/entries/codec.ts").filter(name => name.startsWith("msgpackr"))).toEqual([])
    expect(reachableFrom("src/entries/msgpack.ts")).toContain("msgpackr/index-no-eval")
  })

  it("every file that the rules name is there", () => {
    expect(Object.keys(IMPORT_RULES).filter(folder => !existsSync(join(ROOT, folder)))).toEqual([])
  })
})

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
