/** Every example in the documents and in the doc comments compiles, as it stands there. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript"
import { expect, it } from "vitest"

const root = fileURLToPath(new URL("../..", import.meta.url))
const names = join(root, "test/snippets/names.ts")
const documents = [
  "CONTRIBUTING.md",
  "README.md",
  "patterns/README.md",
  "transports/README.md",
  ...readdirSync(join(root, "docs")).map(name => join("docs", name)),
]
const sources = ["src", "transports", "test/suites"].flatMap(folder =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter(name => name.endsWith(".ts"))
    .map(name => join(folder, name)),
)

interface Snippet {
  /** Such as README.md:12. */
  readonly where: string
  readonly file: string
  readonly code: string
}

function snippetsOf(document: string): Snippet[] {
  return snippetsIn(document, readFileSync(join(root, document), "utf8"))
}

/** (Without the stars of its lines a comment is a document.) */
function examplesOf(source: string): Snippet[] {
  const text = readFileSync(join(root, source), "utf8")
  return snippetsIn(source, text.replace(/^ *\* ?/gm, ""))
}

function snippetsIn(document: string, text: string): Snippet[] {
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(({ index, 1: code }) => {
    const line = text.slice(0, index).split("\n").length + 1
    return {
      where: `${document}:${line}`,
      file: join(root, `${document}.${line}.ts`),
      code: `${code}export {}\n`,
    }
  })
}

/** What the compiler says of each, by the rules that programs have which are strict, and no more. */
function complaints(snippets: readonly Snippet[]): string[] {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, root)
  const host = ts.createCompilerHost(options)
  const { readFile, fileExists } = host
  const codeOf = (file: string) => snippets.find(snippet => snippet.file === file)?.code
  host.readFile = file => codeOf(file) ?? readFile(file)
  host.fileExists = file => codeOf(file) !== undefined || fileExists(file)
  host.getSourceFile = (file, target) => {
    const text = host.readFile(file)
    return text === undefined ? undefined : ts.createSourceFile(file, text, target)
  }
  const program = ts.createProgram({
    rootNames: [names, ...snippets.map(({ file }) => file)],
    options: { ...options, noUnusedLocals: false, noUncheckedIndexedAccess: false },
    host,
  })
  return snippets.flatMap(({ where, file }) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(file))
      .map(({ messageText }) => `${where}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`),
  )
}

it("the examples compile", () => {
  const wrong = { where: "nowhere", file: join(root, "wrong.ts"), code: "push.send(new Date())\nexport {}\n" }
  const snippets = [...documents.flatMap(snippetsOf), ...sources.flatMap(examplesOf)]
  expect(snippets.length).toBeGreaterThan(60)
  const [complaint, ...others] = complaints([wrong, ...snippets])
  expect(complaint, "about what is wrong").toContain("nowhere: Argument of type 'Date'")
  expect(others).toEqual([])
})
