/**
 * The last step of the build, after tsup: the default export, and a CommonJS file beside each ES module.
 *
 * The CommonJS files are the ES modules in another form, because tsup's own way there (by Rollup and Sucrase) rewrites
 * `?.`, `??` and the fields of classes, which halves the speed of small messages.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { build, type Plugin } from "esbuild"

const DIST = "dist"

/** The endings of our own files change; what a file imports stays outside of it. */
const besideEachOther: Plugin = {
  name: "beside-each-other",
  setup({ onResolve }) {
    onResolve({ filter: /.*/ }, ({ path, kind }) => {
      if (kind === "entry-point") return undefined
      return { path: path.replace(/^(\.\/.*)\.js$/, "$1.cjs"), external: true }
    })
  },
}

const files = readdirSync(DIST)

addDefaultExport()
writeDeclarations(files.filter(name => name.endsWith(".d.ts")))
await writeScripts(files.filter(name => name.endsWith(".js")))

/**
 * Adds the default export of src/entries/index.ts to what was made of src/index.ts: the module itself. If it were bundled
 * it would be an object with all names in it, so that a program's bundler could drop none of them; and in the declarations
 * it would name types as if they were values, which fails in programs without skipLibCheck.
 */
function addDefaultExport(): void {
  for (const name of ["index.d.ts", "index.js"]) {
    const text = readFileSync(`${DIST}/${name}`, "utf8")
    // The line that names the source map is the last one.
    const [, code, end = ""] = /^(.*?)\n?(\/\/# sourceMappingURL=.*)?\s*$/s.exec(text) ?? []
    writeFileSync(`${DIST}/${name}`, `${code}\nexport * as default from "./index.js"\n${end}\n`)
  }
}

function writeDeclarations(names: readonly string[]): void {
  for (const name of names) {
    const text = readFileSync(`${DIST}/${name}`, "utf8")
    const twin = text.replace(/(["'])(\.\/[^"']*)\.js\1/g, "$1$2.cjs$1")
    writeFileSync(`${DIST}/${name.replace(/\.ts$/, ".cts")}`, twin)
  }
}

async function writeScripts(names: readonly string[]): Promise<void> {
  await build({
    entryPoints: names.map(name => `${DIST}/${name}`),
    outdir: DIST,
    outExtension: { ".js": ".cjs" },
    // Plugins are for bundles only.
    bundle: true,
    plugins: [besideEachOther],
    format: "cjs",
    platform: "node",
    target: "node20",
    sourcemap: true,
  })
}
