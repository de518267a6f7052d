/** The two functions of any test runner (vitest, node:test, mocha, jest, …) that the suites need. */
export interface TestRunner {
  /** Makes a group of tests. */
  describe(name: string, body: () => void): unknown
  /** Makes a test. */
  it(name: string, body: () => void | Promise<void>): unknown
}
