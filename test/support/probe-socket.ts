/** Sockets with every option of their type, over a fake transport and with a pattern of ours. */
import { afterEach, beforeEach, onTestFinished, vi } from "vitest"
import type { ZmqError } from "../../src/base/errors.ts"
import { SOCKET_TYPES, type SocketTypeName } from "../../src/base/socket-types.ts"
import { BaseContext } from "../../src/context/context.ts"
import type { OptionProperties } from "../../src/options/table.ts"
import { BaseSocket, defineOptions } from "../../src/socket/socket.ts"
import type { Readable, Writable } from "../../src/socket/transfer.ts"
import { PipesPattern } from "./fake-pattern.ts"
import { FakeTransport } from "./fake-transport.ts"

export const WHERE = "fake://there"

/** A class of the library's kind, with every option of its type, and a pattern of ours. */
export function socketClass<T extends SocketTypeName>(type: T, name: string) {
  const transport = new FakeTransport()
  const context = new BaseContext([transport])
  // biome-ignore lint/suspicious/noUnsafeDeclarationMerging: as in src/sockets.ts
  class Probe extends BaseSocket {
    static readonly transport = transport
    static readonly context = context
    readonly pattern: PipesPattern
    constructor(options?: object, given: BaseContext = context) {
      const pattern = new PipesPattern()
      super({ type: SOCKET_TYPES[type], context: given, pattern: () => pattern }, options)
      this.pattern = pattern
    }
  }
  // biome-ignore lint/correctness/noUnusedVariables: it says what the class has
  interface Probe extends Writable, Readable, OptionProperties<T> {}
  defineOptions(Probe, SOCKET_TYPES[type])
  Object.defineProperty(Probe, "name", { value: name })
  return Probe
}

export let Dealer: ReturnType<typeof socketClass<"DEALER">>
beforeEach(() => {
  Dealer = socketClass("DEALER", "Dealer")
})

export const warnings = vi.spyOn(process, "emitWarning").mockImplementation(() => {})
afterEach(() => warnings.mockClear())

export function open(options?: object) {
  const socket = new Dealer(options)
  onTestFinished(() => socket.close())
  return socket
}

/** A socket whose bind() does not come to its end until the test says so. */
export function binding() {
  const socket = open()
  let settle = { succeed: () => {}, fail: (_: Error) => {} }
  Dealer.transport.listening = new Promise((succeed, fail) => {
    settle = { succeed, fail }
  })
  return { socket, bound: socket.bind(WHERE), ...settle }
}

/** The error of a call that must throw, rather than reject. */
export function thrown(call: () => unknown): ZmqError {
  try {
    void Promise.resolve(call()).catch(() => {})
  } catch (error) {
    return error as ZmqError
  }
  throw new Error("it didn't throw")
}

/** The error of a call that must reject, rather than throw. */
export function rejection(promise: Promise<unknown>): Promise<ZmqError> {
  return promise.then(
    () => {
      throw new Error("it didn't reject")
    },
    error => error,
  )
}

// biome-ignore lint/suspicious/noExplicitAny: what plain JavaScript may call
export const untyped = (value: unknown) => value as any
