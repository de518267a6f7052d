import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"
import SlowFirst from "./test/support/slow-first.ts"

const entries = new URL("./src/entries/", import.meta.url).pathname

const PATIENCE = 120_000

export default defineConfig({
  resolve: {
    alias: [
      { find: /^zeromq-ts\/(\w[\w-]*)$/, replacement: `${entries}$1.ts` },
      { find: /^zeromq-ts$/, replacement: `${entries}index.ts` },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    // A test that waits for an event that never comes fails here. None depends on speed: a busy machine has its time.
    testTimeout: PATIENCE,
    hookTimeout: PATIENCE,
    expect: { poll: { timeout: PATIENCE / 2 } },
    pool: "forks",
    // Half of the time the tests wait: for lingers, time limits, processes that start.
    maxWorkers: 2 * availableParallelism(),
    sequence: { sequencer: SlowFirst },
    globalSetup: "test/support/compiled.ts",
    reporters: ["default", "./test/support/closing-line.ts"],
  },
})
