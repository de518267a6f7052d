import type { Reporter, TestModule } from "vitest/node"

/** Ends a run with one plain line: `N passed, N failed`. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 }
    for (const module of modules) {
      if (module.errors().length > 0) count.failed++
      for (const test of module.children.allTests()) count[test.result().state]++
    }
    const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : ""
    // After the other reporters' summaries.
    process.on("exit", () => console.log(`${count.passed} passed, ${count.failed} failed${skipped}`))
  }
}
