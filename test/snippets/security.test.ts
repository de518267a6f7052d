/** The programs in docs/security.md do what they say, as they stand there. */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { buildSync } from "esbuild"
import { expect, it } from "vitest"
import { script } from "../support/compiled.ts"
import { Program } from "../support/program.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))
const document = readFileSync(`${root}docs/security.md`, "utf8")

function programUnder(heading: string): string {
  const after = document.slice(document.indexOf(`## ${heading}\n`))
  const [, code] = /^```ts\n([\s\S]*?)^```$/m.exec(after) ?? []
  const { outputFiles } = buildSync({
    stdin: { contents: code ?? "", loader: "ts", resolveDir: root },
    alias: { "zeromq-ts": `${root}src/entries/index.ts` },
    write: false,
    bundle: true,
    packages: "bundle",
    external: ["libsodium-sumo", "sodium-native", "@noble/ciphers"],
    platform: "node",
    format: "esm",
    target: "node20",
  })
  return script(outputFiles[0]!.text)
}

it.each([
  ["CURVE with known clients", ["asked: hello", "answered: welcome"]],
  ["Names and passwords", ["let in", "refused with status 400"]],
  ["An authenticator of your own", ["let in by address alone", "a job from local, plan free"]],
])("%s", async (heading, output) => {
  const program = new Program([programUnder(heading)])
  expect([await program.ended, program.errors, program.output]).toEqual([0, "", output])
})
