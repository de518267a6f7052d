import { ZmqError } from "../../src/base/errors.ts"

/** Makes the error with which a dial rejects when its endpoint is aborted. */
export function givenUp(endpoint: string): ZmqError {
  return new ZmqError("ECONNABORTED", { address: endpoint, reason: "the connect was given up" })
}

/** Returns a promise that settles like the given one, but rejects as soon as the signal is aborted. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal, endpoint: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(givenUp(endpoint))
    if (signal.aborted) abort()
    signal.addEventListener("abort", abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort))
  })
}
