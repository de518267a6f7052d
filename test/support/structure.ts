/**
 * The structure of a source tree, by its imports: `npm run structure [folder]` counts rooms, arrows and circles.
 * A room is a direct child of src/, a file or a folder.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"

export const ROOT: string = fileURLToPath(new URL("../..", import.meta.url))

/** The folders that stand on the library, which knows nothing of them. */
export const WINGS: readonly string[] = ["src/codecs", "src/service", "src/v5", "src/telemetry", "src/cli"]

/** The files of src/ by floors, from the ground up: nothing imports from a floor above its own. */
export const FLOORS: readonly (readonly string[])[] = [
  ["src/contracts"],
  ["src/base"],
  ["src/options", "src/zmtp", "src/security", "src/lifetime"],
  ["src/connections", "src/pipes", "src/traffic", "src/events"],
  ["src/context"],
  ["src/endpoints"],
  ["src/socket"],
  ["src"],
  WINGS,
  ["src/entries"],
]

/** What each source file imports: paths from the root, or names of packages. */
export type Imports = ReadonlyMap<string, readonly string[]>

export function readImports(root: string = ROOT): Imports {
  const files = ["src", "patterns", "transports"].flatMap(folder => sources(root, folder))
  return new Map(files.map(file => [file, importsOf(root, file)]))
}

function sources(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter(name => name.endsWith(".ts"))
    .map(name => join(folder, name))
    .sort()
}

function importsOf(root: string, file: string): string[] {
  // The examples in doc comments import what the file itself doesn't.
  const text = readFileSync(join(root, file), "utf8").replace(/^ *\*.*$/gm, "")
  const names = [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(match => match[1] as string)
  return names.map(name => (name.startsWith(".") ? relative(root, resolve(root, dirname(file), name)) : name))
}

/** The folder of a file; for a package, its name; one name for all that Node brings. */
export function folderOf(target: string): string {
  if (target.startsWith("node:")) return "node:"
  return target.endsWith(".ts") ? dirname(target) : target
}

/** A graph with one node for each name that `nameOf` gives to a file; without arrows from a node to itself. */
export function graphOf(
  imports: Imports,
  nameOf: (file: string) => string | undefined,
): Map<string, Set<string>> {
  const graph = new Map<string, Set<string>>()
  for (const [file, targets] of imports) {
    const from = nameOf(file)
    if (from === undefined) continue
    const arrows = graph.get(from) ?? new Set()
    graph.set(from, arrows)
    for (const target of targets) {
      const to = nameOf(target)
      if (to !== undefined && to !== from) arrows.add(to)
    }
  }
  return graph
}

/** The groups of nodes that reach each other: Tarjan's strongly connected components, of two nodes and more. */
export function circlesIn(graph: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const circles: string[][] = []
  const visit = (node: string): number => {
    index.set(node, index.size)
    low.set(node, index.get(node)!)
    stack.push(node)
    for (const next of graph.get(node) ?? []) {
      if (!index.has(next)) low.set(node, Math.min(low.get(node)!, visit(next)))
      else if (stack.includes(next)) low.set(node, Math.min(low.get(node)!, index.get(next)!))
    }
    if (low.get(node) === index.get(node)) {
      const circle = stack.splice(stack.indexOf(node))
      if (circle.length > 1) circles.push(sorted(circle))
    }
    return low.get(node)!
  }
  for (const node of graph.keys()) if (!index.has(node)) visit(node)
  return circles
}

/** The names in the order of their characters. */
export function sorted(names: Iterable<string>): string[] {
  return [...names].sort((a, b) => (a < b ? -1 : 1))
}

/** The floor of a source file of src/, by its first folder; -1 where it has none. */
export function floorOf(file: string): number {
  const [top, second] = file.split("/")
  const folder = file.split("/").length > 2 ? `${top}/${second}` : "src"
  return FLOORS.findIndex(floor => floor.includes(folder))
}

/** The imports that lead from a lower floor to a higher one. */
export function upwardImports(imports: Imports): string[] {
  const inSource = (name: string) => name.startsWith("src/") && name.endsWith(".ts")
  return [...imports].flatMap(([file, targets]) =>
    targets
      .filter(target => inSource(file) && inSource(target) && floorOf(target) > floorOf(file))
      .map(target => `${file} → ${target}`),
  )
}

function roomOf(file: string): string | undefined {
  const [top, room] = file.split("/")
  return top === "src" && file.endsWith(".ts") ? room : undefined
}

function main(folder: string): void {
  const imports = readImports(resolve(folder))
  const rooms = graphOf(imports, roomOf)
  const files = graphOf(imports, file => (file.endsWith(".ts") ? file : undefined))
  const arrows = [...rooms.values()].reduce((sum, { size }) => sum + size, 0)
  const lines = [
    `rooms in src/: ${rooms.size}`,
    `arrows between them: ${arrows}`,
    // Only a tree with the folders of today has floors.
    ...(rooms.has("contracts") ? [`upward imports: ${upwardImports(imports).length}`] : []),
    `circles of rooms: ${
      circlesIn(rooms)
        .map(({ length }) => `one of ${length}`)
        .join(", ") || "none"
    }`,
    `circles of files: ${
      circlesIn(files)
        .map(({ length }) => `one of ${length}`)
        .join(", ") || "none"
    }`,
  ]
  process.stdout.write(`${lines.join("\n")}\n`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv[2] ?? ROOT)
