/** The declarations are read by each version of TypeScript that README names, all of them checked (no skipLibCheck). */
import { execFile } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { describe, expect, it } from "vitest"

const root = fileURLToPath(new URL("../..", import.meta.url))
const consumer = join(root, "test/package/consumer")

/** Where each compiler is. Those in the folders are workspaces, so that none of them takes the name `tsc` in the root. */
const COMPILERS: Readonly<Record<string, string>> = {
  "5.0": "test/package/compilers/5.0/node_modules/typescript",
  "5.4": "test/package/compilers/5.4/node_modules/typescript",
  "5.7": "test/package/compilers/5.7/node_modules/typescript",
  "5.9": "node_modules/typescript",
  "7.0": "test/package/compilers/7.0/node_modules/typescript",
}

/** Compiles a project. Returns all that the compiler says of it. */
async function compile(version: string, project: string): Promise<string> {
  const tsc = join(root, COMPILERS[version] ?? "", "bin/tsc")
  const run = promisify(execFile)(process.execPath, [tsc, "--pretty", "false", "-p", project])
  const { stdout } = await run.catch((error: { stdout: string }) => error)
  return stdout
}

/** A project as older ones are, without package.json's `exports`, so that the types of the doors are in `typesVersions`. */
function olderProject(): string {
  const cache = join(root, "node_modules/.cache")
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, "consumer-"))
  cpSync(consumer, folder, { recursive: true })
  mkdirSync(join(folder, "node_modules"))
  symlinkSync(root, join(folder, "node_modules/zeromq-ts"))
  const { compilerOptions } = JSON.parse(readFileSync(join(consumer, "tsconfig.json"), "utf8")) as {
    compilerOptions: object
  }
  const options = { ...compilerOptions, module: "CommonJS", moduleResolution: "Node" }
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions: { ...options, esModuleInterop: true }, include: ["*.ts"] }),
  )
  return folder
}

describe.each(Object.entries(COMPILERS))("TypeScript %s", (version, folder) => {
  it("is what is installed as such", () => {
    const text = readFileSync(join(root, folder, "package.json"), "utf8")
    const { version: installed } = JSON.parse(text) as { version: string }
    expect(installed.startsWith(`${version}.`)).toBe(true)
  })

  it("reads the declarations in ES modules and in CommonJS", async () => {
    expect(await compile(version, consumer)).toBe("")
  })
})

it("a project without `exports` finds the types of all doors, and what is wrong there is noticed", async () => {
  const folder = olderProject()
  try {
    writeFileSync(
      join(folder, "wrong.ts"),
      'import { Push } from "zeromq-ts"\nnew Push({ linger: "long" })\n',
    )
    const [complaint, ...others] = (await compile("5.4", folder)).trim().split("\n")
    expect(complaint).toContain("wrong.ts(2,12): error TS2322")
    expect(others).toEqual([])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
