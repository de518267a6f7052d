/** What the entries bring along: of each program only what it imports, no native addon, no code made at run time. */
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build, type Format } from "esbuild"
import { afterAll, describe, expect, it } from "vitest"

const root = fileURLToPath(new URL("../..", import.meta.url))
// Inside the project, so that packages are found.
const cache = join(root, "node_modules", ".cache")
mkdirSync(cache, { recursive: true })
const folder = mkdtempSync(join(cache, "bundles-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The entries as they are published. */
const published = join(root, "dist")

/** The text of a program with everything that it imports. */
async function bundle(code: string): Promise<string> {
  const program = join(folder, "program.mjs")
  writeFileSync(program, code.replaceAll("zeromq-ts/", `${published}/`))
  const { outputFiles } = await build({
    entryPoints: [program],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
  })
  return outputFiles.map(({ text }) => text).join("")
}

/** Strings that only they have. */
const CODECS = "The codec tells no topic"
const MSGPACK = "a record definition"
const MSGPACKR = "Unexpected end of MessagePack data"
const CORE = "Socket is blocked by a bind or unbind operation"

const found = (text: string) => ({
  core: text.includes(CORE),
  codecs: text.includes(CODECS),
  msgpack: text.includes(MSGPACK) || text.includes(MSGPACKR),
})

describe("a program that imports", () => {
  it("only the main entry has no codec in its bundle", async () => {
    const text = await bundle('import { Push } from "zeromq-ts/index.js"; new Push().close()')
    expect(found(text)).toEqual({ core: true, codecs: false, msgpack: false })
  })

  it("codecs, but not MessagePack, has none of that", async () => {
    const text = await bundle(
      'import { Push } from "zeromq-ts/index.js"; import { json, withCodec } from "zeromq-ts/codec.js"; withCodec(new Push(), json()).close()',
    )
    expect(found(text)).toEqual({ core: true, codecs: true, msgpack: false })
  })

  it("codecs alone has no core", async () => {
    const text = await bundle('import { json } from "zeromq-ts/codec.js"; json().encode(1)')
    expect(found(text)).toMatchObject({ core: false })
  })

  it("MessagePack has it, but not the core where it needs no socket", async () => {
    const text = await bundle('import { msgpack } from "zeromq-ts/msgpack.js"; msgpack().encode(1)')
    expect(found(text)).toEqual({ core: false, codecs: false, msgpack: true })
  })
})

/** Strings that only these patterns have. */
const PATTERNS = {
  REQ: "a reply has no delimiter",
  ROUTER: "another peer took over the routing id",
  PUB: "the peer has subscribed to too many topics",
}
const patternsIn = (text: string) =>
  Object.entries(PATTERNS).flatMap(([name, mark]) => (text.includes(mark) ? [name] : []))

describe("a program that imports the class of", () => {
  it.each([
    ["no pattern of these", "Push, tcp", []],
    ["one", "Request", ["REQ"]],
    ["two", "Request, Router", ["REQ", "ROUTER"]],
    ["another", "Publisher", ["PUB"]],
    ["all, by their numbers", "Socket", ["REQ", "ROUTER", "PUB"]],
  ])("%s has no other pattern in its bundle", async (_, names, patterns) => {
    const text = await bundle(`import { ${names} } from "zeromq-ts/index.js"; console.log(${names})`)
    expect(patternsIn(text)).toEqual(patterns)
  })

  it("no proxy has none in its bundle", async () => {
    const text = await bundle('import { Push } from "zeromq-ts/index.js"; new Push().close()')
    expect(text).not.toContain("Front-end must be a socket object")
    const all = await bundle('import { Proxy } from "zeromq-ts/index.js"; console.log(Proxy)')
    expect(all).toContain("Front-end must be a socket object")
  })

  it("all types makes each of them by its number, once it is bundled", async () => {
    const program = join(folder, "numbers.mjs")
    const code = `import { Socket } from "zeromq-ts/index.js"
      const types = Array.from({ length: 12 }, (_, number) => {
        const socket = new Socket(number)
        socket.close()
        return socket instanceof Socket
      })
      console.log(JSON.stringify(types))`
    writeFileSync(program, await bundle(code))
    const output = execFileSync(process.execPath, [program], { encoding: "utf8" })
    expect(JSON.parse(output)).toEqual(Array.from({ length: 12 }, () => true))
  })
})

describe("the main entry", () => {
  it("has classes that are called what they are exported as, though other files have classes too", async () => {
    const exported = (await import(join(published, "index.js"))) as Record<string, unknown>
    const classes = Object.entries(exported).filter(([name]) => /^[A-Z][A-Za-z]+$/.test(name))
    expect(classes.map(([name]) => name)).toContain("Dealer")
    for (const [name, value] of classes) expect((value as { name: string }).name).toBe(name)
  })
})

/** Prints what came back, and the native addons of the process. */
const PROGRAM = `
const options = { records: true, structuredClone: true }
const codec = msgpack(options)
const rows = Array.from({ length: 100 }, (_, id) => ({ id, tags: new Set([id]), numbers: new Float32Array([id]) }))
const addons = () => process.report.getReport().sharedObjects.filter(name => name.endsWith(".node"))
async function main() {
  const pull = withCodec(new Pull(), codec)
  const push = withCodec(new Push(), codec)
  await pull.bind("tcp://127.0.0.1:*")
  push.connect(pull.lastEndpoint)
  await push.send(rows)
  const back = await pull.receive()
  pull.close()
  push.close()
  let refused = false
  try {
    msgpack().encode(new Float64Array(1))
  } catch {
    refused = true
  }
  console.log(JSON.stringify({ same: isDeepStrictEqual(back, rows), refused, addons: addons() }))
}
main()
`

const NAMES: Record<string, string> = {
  "src/index.ts": "Pull, Push",
  "src/entries/codec.ts": "withCodec",
  "src/entries/msgpack.ts": "msgpack",
}

describe.each<Format>(["esm", "cjs"])("as %s", format => {
  it("MessagePack loads no native addon and makes no code", async () => {
    const source = join(folder, `${format}.ts`)
    const imports = Object.entries(NAMES).map(
      ([path, names]) => `import { ${names} } from "${join(root, path)}"`,
    )
    writeFileSync(source, ['import { isDeepStrictEqual } from "node:util"', ...imports, PROGRAM].join("\n"))
    const outfile = join(folder, format === "esm" ? "program-esm.mjs" : "program-cjs.cjs")
    await build({
      entryPoints: [source],
      outfile,
      bundle: true,
      format,
      platform: "node",
      packages: "external",
    })
    const output = execFileSync(process.execPath, ["--disallow-code-generation-from-strings", outfile], {
      encoding: "utf8",
    })
    expect(JSON.parse(output)).toEqual({ same: true, refused: true, addons: [] })
  })
})
