/**
 * A folder that the peers run in as a user's program would: compiled, by plain Node, with both packages installed.
 * It is gone when the bench is.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript"
import { PACKAGES } from "./rows.ts"

/** What the peers consist of at run time; the first is the one to start. */
const SOURCES = ["peers", "statistics"] as const

const COMPILER_OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
}

export interface Workshop {
  readonly folder: string
  /** The script of a peer. */
  readonly script: string
}

export function openWorkshop(): Workshop {
  const folder = mkdtempSync(join(tmpdir(), "zeromq-ts-bench-"))
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
  for (const name of SOURCES) compile(name, folder)
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n')
  mkdirSync(join(folder, "node_modules"))
  link(folder, PACKAGES.ours, "../")
  link(folder, PACKAGES.native, `../node_modules/${PACKAGES.native}/`)
  return { folder, script: join(folder, `${SOURCES[0]}.js`) }
}

function compile(name: string, folder: string): void {
  const source = readFileSync(new URL(`${name}.ts`, import.meta.url), "utf8")
  const { outputText } = ts.transpileModule(source, { compilerOptions: COMPILER_OPTIONS })
  writeFileSync(join(folder, `${name}.js`), outputText)
}

function link(folder: string, name: string, target: string): void {
  symlinkSync(fileURLToPath(new URL(target, import.meta.url)), join(folder, "node_modules", name), "junction")
}
