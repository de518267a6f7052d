import { ZmqError } from "../../src/base/errors.ts"

/** What a dial rejects with when its endpoint was given up. */
export function givenUp(endpoint: string): ZmqError {
  return new ZmqError("ECONNABORTED", { address: endpoint, reason: "the connect was given up" })
}

/** The promise, or a rejection as soon as the signal is aborted. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal, endpoint: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(givenUp(endpoint))
    if (signal.aborted) abort()
    signal.addEventListener("abort", abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort))
  })
}
