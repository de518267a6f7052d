import { ZmqError } from "../base/errors.ts"

/** An endpoint, split: `tcp://127.0.0.1:5555` has the scheme `tcp` and the address `127.0.0.1:5555`. */
export interface Endpoint {
  readonly scheme: string
  readonly address: string
}

/** Splits `scheme://address` at the first `://`; both must be there (zmq_bind(3), EINVAL). */
export function parseEndpoint(text: string): Endpoint {
  const at = text.indexOf("://")
  if (at < 1 || at + 3 === text.length) {
    throw new ZmqError("EINVAL", { address: text, reason: "an endpoint has the form scheme://address" })
  }
  return { scheme: text.slice(0, at), address: text.slice(at + 3) }
}
