/** The two functions of any test runner (vitest, node:test, mocha, jest, …) that the suites need. */
export interface TestRunner {
  describe(name: string, body: () => void): unknown
  it(name: string, body: () => void | Promise<void>): unknown
}
