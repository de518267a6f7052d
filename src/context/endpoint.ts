import { ZmqError } from "../base/errors.ts"

/** An endpoint has two parts: in `tcp://127.0.0.1:5555` the scheme is `tcp` and the address `127.0.0.1:5555`. */
export interface Endpoint {
  readonly scheme: string
  readonly address: string
}

/** Splits `scheme://address` at the first `://`. Throws EINVAL when a part is missing (zmq_bind(3)). */
export function parseEndpoint(text: string): Endpoint {
  const at = text.indexOf("://")
  if (at < 1 || at + 3 === text.length) {
    throw new ZmqError("EINVAL", { address: text, reason: "an endpoint has the form scheme://address" })
  }
  return { scheme: text.slice(0, at), address: text.slice(at + 3) }
}
