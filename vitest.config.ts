import { defineConfig } from "vitest/config"

export default defineConfig({
  resolve: {
    alias: {
      "zeromq-ts/codec": new URL("./src/codec.ts", import.meta.url).pathname,
      "zeromq-ts/msgpack": new URL("./src/codecs/msgpack.ts", import.meta.url).pathname,
      "zeromq-ts/testing": new URL("./test/suites/index.ts", import.meta.url).pathname,
      "zeromq-ts": new URL("./src/entry.ts", import.meta.url).pathname,
    },
  },
  test: {
    include: ["test/**/*.test.ts"],
    // A test that waits for an event that never comes fails here; none depends on speed.
    testTimeout: 20_000,
    hookTimeout: 20_000,
    pool: "forks",
    reporters: ["default", "./test/support/closing-line.ts"],
  },
})
