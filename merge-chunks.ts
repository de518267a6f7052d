/**
 * The second step of the build, after tsup: one file has all that the main entry shares with other doors and with the
 * parts that it loads later. esbuild makes a file of each set of modules that the same parts share. A program would load
 * a dozen of them, which takes a tenth longer.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { build } from "esbuild"
import ts from "typescript"

const DIST = "dist"
const SHARED = "shared.js"

const files = readdirSync(DIST).filter(name => name.endsWith(".js"))
const chunks = chunksOf("index.js")
const others = files.filter(name => !chunks.includes(name))

await build({
  stdin: { contents: chunks.map(reexport).join("\n"), resolveDir: DIST },
  outfile: `${DIST}/${SHARED}`,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  // The parts that are loaded later.
  external: others.map(name => `./${name}`),
  sourcemap: true,
  logLevel: "error",
})
for (const name of others) writeFileSync(`${DIST}/${name}`, importShared(name))
for (const name of chunks) for (const ending of ["", ".map"]) rmSync(`${DIST}/${name}${ending}`)

function parse(name: string): ts.SourceFile {
  return ts.createSourceFile(name, readFileSync(`${DIST}/${name}`, "utf8"), ts.ScriptTarget.Latest, true)
}

/** Returns the chunks that the file imports, and those that they import, in the order in which they run. */
function chunksOf(name: string, found: readonly string[] = []): readonly string[] {
  return importsOf(name).reduce((all, chunk) => {
    return all.includes(chunk) ? all : [...chunksOf(chunk, all), chunk]
  }, found)
}

function importsOf(name: string): readonly string[] {
  return parse(name).statements.flatMap(statement => {
    const chunk = ts.isImportDeclaration(statement) && fileOf(statement)
    return chunk ? [chunk] : []
  })
}

/** Returns the file of ours that is imported; undefined for a module of another package. */
function fileOf({ moduleSpecifier }: ts.ImportDeclaration): string | undefined {
  return /^\.\/(.*)/.exec((moduleSpecifier as ts.StringLiteral).text)?.[1]
}

/** Two chunks may export the same name. */
function nameInShared(chunk: string, name: string): string {
  return `${name}_${chunks.indexOf(chunk)}`
}

function reexport(chunk: string): string {
  const names = parse(chunk)
    .statements.filter(ts.isExportDeclaration)
    .flatMap(({ exportClause }) => (exportClause as ts.NamedExports).elements.map(({ name }) => name.text))
  return `export { ${names.map(name => `${name} as ${nameInShared(chunk, name)}`).join(", ")} } from "./${chunk}"`
}

/** The same lines, so that the source map holds. */
function importShared(name: string): string {
  const file = parse(name)
  let result = ""
  let at = 0
  for (const statement of file.statements.filter(ts.isImportDeclaration)) {
    const chunk = fileOf(statement)
    if (chunk === undefined || !chunks.includes(chunk)) continue
    const start = statement.getStart()
    const lines = file.text.slice(start, statement.end).split("\n").length - 1
    result += file.text.slice(at, start) + importFor(chunk, statement) + "\n".repeat(lines)
    at = statement.end
  }
  return result + file.text.slice(at)
}

function importFor(chunk: string, { importClause }: ts.ImportDeclaration): string {
  // Nothing happens when a chunk is loaded, and bundlers warn of an import without names.
  if (importClause === undefined) return ""
  const names = (importClause.namedBindings as ts.NamedImports).elements.map(
    ({ name, propertyName = name }) => `${nameInShared(chunk, propertyName.text)} as ${name.text}`,
  )
  return `import { ${names.join(", ")} } from "./${SHARED}";`
}
