import { defineConfig } from "tsup"

const subpaths = {
  codec: "src/codec.ts",
  msgpack: "src/codecs/msgpack.ts",
  testing: "test/suites/index.ts",
}

export default defineConfig({
  entry: { index: "src/entry.ts", ...subpaths },
  format: ["esm", "cjs"],
  target: "node20",
  // The main entry's default comes after: see entry-types.ts.
  dts: { entry: { index: "src/index.ts", ...subpaths } },
  clean: true,
  // Both formats are split, or two entries would each hold a copy of the module state.
  splitting: true,
  sourcemap: true,
})
