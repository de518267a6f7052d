import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"

const root = fileURLToPath(new URL("..", import.meta.url))

/** Who may import whom: the first row that matches a file holds. `self` is a folder's own files. */
const RULES: readonly { readonly place: RegExp; readonly may: readonly RegExp[] }[] = [
  { place: /^src\/contracts\.ts$/, may: [] },
  { place: /^src\/runtime\.ts$/, may: [/^node:/] },
  { place: /^src\/errors\.ts$/, may: [/^src\/runtime\.ts$/] },
  { place: /^src\/ownership\.ts$/, may: [] },
  { place: /^patterns\//, may: [/^patterns\//, /^src\/(contracts|errors|ownership)\.ts$/] },
  {
    place: /^transports\//,
    may: [/^transports\//, /^src\/(contracts|errors|endpoint|ownership|runtime)\.ts$/, /^node:/],
  },
  {
    place: /^src\/zmtp\/mechanisms\//,
    may: [/^src\/zmtp\//, /^src\/(contracts|errors|runtime)\.ts$/, /^node:crypto$/],
  },
  { place: /^src\/zmtp\//, may: [/^src\/zmtp\//, /^src\/(contracts|errors|runtime)\.ts$/] },
  { place: /^src\/entry\.ts$/, may: [/^src\/index\.ts$/] },
  { place: /^src\/index\.ts$/, may: [/^src\//, /^patterns\//, /^transports\//] },
  // Codecs are apart from the core: it never learns that they exist.
  { place: /^src\/codec\.ts$/, may: [/^src\/codecs\/(?!msgpack)/] },
  { place: /^src\/codecs\/msgpack/, may: [/^src\/codecs\//, /^msgpackr\/index-no-eval$/] },
  { place: /^src\/codecs\//, may: [/^src\/(?!index|default-context|zmtp)/] },
  // The library's own context needs its transports, and the typed faces need that context.
  { place: /^src\/default-context\.ts$/, may: [/^src\/(arguments|context)\.ts$/, /^transports\//] },
  { place: /^src\/sockets\.ts$/, may: [/^src\/(?!index|codec)/, /^patterns\//] },
  { place: /^src\/monitor\.ts$/, may: [/^src\/[^/]+\.ts$/, /^node:events$/] },
  { place: /^src\//, may: [/^src\/(?!index|sockets|default-context|codec|options\/texts)/] },
]

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter(name => name.endsWith(".ts"))
    .map(name => join(folder, name))
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8")
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(match => match[1] as string)
  return specifiers.map(name =>
    name.startsWith(".") ? relative(root, resolve(root, dirname(file), name)) : name,
  )
}

/** All that is imported by a file, and by what it imports. */
function reachableFrom(start: string): string[] {
  const reached = new Set([start])
  for (const file of reached) {
    if (file.endsWith(".ts")) for (const name of importsOf(file)) reached.add(name)
  }
  return [...reached]
}

const files = ["src", "patterns", "transports"].flatMap(sources)

describe("imports keep to the architecture", () => {
  it.each(files)("%s", file => {
    const rule = RULES.find(({ place }) => place.test(file))
    expect(rule, "no rule for this file").toBeDefined()
    for (const target of importsOf(file)) {
      const allowed = rule?.may.some(pattern => pattern.test(target))
      expect(allowed, `${file} imports ${target}`).toBe(true)
    }
  })

  it("sees imports at all", () => {
    expect(files.length).toBeGreaterThan(30)
    expect(importsOf("src/index.ts")).toContain("transports/tcp.ts")
  })

  it("the main entry needs no package, and no codec", () => {
    const reached = reachableFrom("src/index.ts")
    expect(reached).toContain("src/zmtp/link.ts")
    const packages = reached.filter(name => !name.endsWith(".ts") && !name.startsWith("node:"))
    expect(packages).toEqual([])
    expect(reached.filter(name => name.startsWith("src/codec"))).toEqual([])
  })

  it("msgpackr is imported by the codec of that name alone", () => {
    const importers = files.filter(file => importsOf(file).some(name => name.startsWith("msgpackr")))
    expect(importers.every(file => file.startsWith("src/codecs/msgpack"))).toBe(true)
    expect(reachableFrom("src/codec.ts").filter(name => name.startsWith("msgpackr"))).toEqual([])
    expect(reachableFrom("src/codecs/msgpack.ts")).toContain("msgpackr/index-no-eval")
  })
})
