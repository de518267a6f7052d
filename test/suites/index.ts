/**
 * `zeromq-ts/testing`: the conformance suites, for transports and patterns of your own. They need no test runner but
 * one whose `describe` and `it` are handed in (vitest, node:test, jest), and assert with node:assert.
 */
export { byteTransportSuite } from "./byte-transport.ts"
export { messageTransportSuite } from "./message-transport.ts"
export { type PatternSetup, patternSuite } from "./pattern.ts"
export type { TestRunner } from "./runner.ts"
export type { MakeSetup, TransportSetup } from "./transport-bench.ts"
