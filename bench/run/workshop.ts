/**
 * A folder that the peers run in as a user's program would: compiled, by plain Node, with both packages installed.
 * It is gone when the bench is.
 */
import { spawnSync } from "node:child_process"
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript"

const COMPILER_OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
}

/** The folder of the bench. */
const BENCH = new URL("../", import.meta.url)

export interface Workshop {
  readonly folder: string
  /** The script of the peers. */
  readonly script: string
  /** The program of the peers in C. */
  readonly libzmq: string
  /** Why there is no such program. */
  readonly withoutLibzmq: string | undefined
}

let opened: Workshop | undefined
let addresses = 0

export function workshop(): Workshop {
  opened ??= open()
  return opened
}

/** What to bind to: a port that is free, a path that is new. */
export function freshAddress(transport: "tcp" | "ipc"): string {
  if (transport === "tcp") return "tcp://127.0.0.1:*"
  return `ipc://${join(workshop().folder, String(++addresses))}`
}

function open(): Workshop {
  const folder = mkdtempSync(join(tmpdir(), "zeromq-ts-bench-"))
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
  for (const part of ["peers", "run"]) mkdirSync(join(folder, part))
  compile("run/statistics.ts", folder)
  const sources = readdirSync(new URL("peers/", BENCH)).filter(name => name.endsWith(".ts"))
  for (const name of sources) compile(`peers/${name}`, folder)
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n')
  mkdirSync(join(folder, "node_modules"))
  link(folder, "zeromq-ts", "../")
  link(folder, "zeromq", "../node_modules/zeromq/")
  const libzmq = join(folder, "libzmq")
  return { folder, script: join(folder, "peers", "main.js"), libzmq, withoutLibzmq: compileC(libzmq) }
}

function compile(name: string, folder: string): void {
  const source = readFileSync(new URL(name, BENCH), "utf8")
  const { outputText } = ts.transpileModule(source, { compilerOptions: COMPILER_OPTIONS })
  writeFileSync(join(folder, name.replace(/\.ts$/, ".js")), outputText)
}

/** The reason when it does not work. */
function compileC(output: string): string | undefined {
  const source = fileURLToPath(new URL("peers/libzmq.c", BENCH))
  const { error, status, stderr } = spawnSync("cc", ["-O2", "-o", output, source, "-lzmq"], {
    encoding: "utf8",
  })
  if (error !== undefined) return `there is no C compiler (${error.message})`
  if (status === 0) return undefined
  return `it does not compile; is libzmq's development package installed? (${stderr.split("\n")[0]})`
}

function link(folder: string, name: string, target: string): void {
  symlinkSync(fileURLToPath(new URL(target, BENCH)), join(folder, "node_modules", name), "junction")
}
