import { json, withCodec } from "zeromq-ts/codec"
import { Pull, Push, type Socket } from "../../../src/index.ts"
import { freeEndpoint, type Scheme } from "../../support/endpoints.ts"
import { open } from "../../support/open.ts"

export { open }

/** Closed at the end of the test. */
/** The first bound, the others connected to it. */
export async function linked<First extends Socket, Others extends Socket[]>(
  scheme: Scheme,
  first: First,
  ...others: Others
): Promise<[First, ...Others]> {
  const endpoint = await freeEndpoint(scheme)
  await open(first).bind(endpoint)
  for (const socket of others) open(socket).connect(endpoint)
  return [first, ...others]
}

/** A PUSH without a codec, and a PULL for its messages. */
export async function receiver(options?: Parameters<typeof withCodec>[2]) {
  const [pull, push] = await linked("inproc", new Pull(), new Push())
  return { push, pull: withCodec(pull, json<number>(), options) }
}

/** Sends again and again until it was heard: a subscription takes its time to get to the publisher. */
export async function untilHeard<T>(heard: Promise<T>, send: () => Promise<void>): Promise<T> {
  let waiting = true
  const stop = () => {
    waiting = false
  }
  void heard.then(stop, stop)
  while (waiting) {
    await send()
    await new Promise(resolve => setImmediate(resolve))
  }
  return heard
}
