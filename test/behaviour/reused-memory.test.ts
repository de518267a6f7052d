/** A caller may write to the memory of parts of up to 128 bytes again as soon as send() or trySend() has returned. */
import { expect, it, onTestFinished } from "vitest"
import { Publisher, Pull, Push, Reply, Request, type Socket, Subscriber } from "../../src/index.ts"
import { freeEndpoint, type Scheme } from "../support/endpoints.ts"

const SCHEMES: readonly Scheme[] = ["inproc", "ipc", "tcp"]
const SIZE = 128

function closedInTheEnd<S extends Socket>(socket: S): S {
  onTestFinished(() => socket.close())
  return socket
}

/** Parts full of a number, in memory that is spoilt by the next use. */
function reused() {
  const memory = [Buffer.alloc(SIZE), new Uint8Array(SIZE)]
  return (n: number) => memory.map(part => part.fill(n))
}

const contents = (parts: Buffer[]) => parts.map(part => [...new Set(part)])

it.each(SCHEMES)("%s: whether the messages flow, are queued, or wait in send()", async scheme => {
  const endpoint = await freeEndpoint(scheme)
  const push = closedInTheEnd(new Push({ sendHighWaterMark: 5 }))
  const filled = reused()
  const sent = [push.send(filled(100))]
  push.connect(endpoint)
  for (let n = 101; n < 110; n++) sent.push(push.send(filled(n)))
  filled(255)
  const pull = closedInTheEnd(new Pull())
  await pull.bind(endpoint)
  const receive = async () => contents(await pull.receive())
  for (let n = 100; n < 110; n++) expect(await receive()).toEqual([[n], [n]])
  await Promise.all(sent)

  // Now there is a connection, and room.
  for (let n = 0; n < 5; n++) {
    if (n % 2 === 0) void push.send(filled(n))
    else expect(push.trySend(filled(n))).toBe(true)
  }
  filled(255)
  for (let n = 0; n < 5; n++) expect(await receive()).toEqual([[n], [n]])
})

it.each(SCHEMES)("%s: of a request and its reply, and of what is published to several", async scheme => {
  const [endpoint, feed] = [await freeEndpoint(scheme), await freeEndpoint(scheme)]
  const [request, reply] = [closedInTheEnd(new Request()), closedInTheEnd(new Reply())]
  const filled = reused()
  await reply.bind(endpoint)
  request.connect(endpoint)
  void request.send(filled(1))
  filled(255)
  expect(contents(await reply.receive())).toEqual([[1], [1]])
  void reply.send(filled(2))
  filled(255)
  expect(contents(await request.receive())).toEqual([[2], [2]])

  const publisher = closedInTheEnd(new Publisher())
  await publisher.bind(feed)
  const subscribers = [1, 2].map(() => closedInTheEnd(new Subscriber()))
  for (const subscriber of subscribers) {
    subscriber.connect(feed)
    subscriber.subscribe()
  }
  // Until both have subscribed.
  const heard = subscribers.map(subscriber => subscriber.receive())
  const timer = setInterval(() => publisher.trySend("are you there"), 1)
  await Promise.all(heard)
  clearInterval(timer)
  expect(publisher.trySend(filled(3))).toBe(true)
  filled(255)
  for (const subscriber of subscribers) {
    let parts = await subscriber.receive()
    while (parts.length === 1) parts = await subscriber.receive()
    expect(contents(parts)).toEqual([[3], [3]])
  }
})
