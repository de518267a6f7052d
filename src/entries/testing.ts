/** The conformance suites, for transports and patterns of your own: `zeromq-ts/testing`. */
export * from "../../test/suites/index.ts"
