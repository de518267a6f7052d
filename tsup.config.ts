import { defineConfig } from "tsup"

export default defineConfig({
  entry: {
    index: "src/entry.ts",
    codec: "src/codec.ts",
    msgpack: "src/codecs/msgpack.ts",
    testing: "test/suites/index.ts",
  },
  format: ["esm", "cjs"],
  target: "node20",
  dts: true,
  clean: true,
  // Both formats are split, or two entries would each hold a copy of the module state.
  splitting: true,
  sourcemap: true,
})
