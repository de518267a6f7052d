/** The names that the documents' examples don't declare themselves. */
import type { Worker as WorkerThread } from "node:worker_threads"
import type * as zmq from "zeromq-ts"
import type * as codecs from "zeromq-ts/codec"
import type * as msgpacks from "zeromq-ts/msgpack"
import type * as suites from "zeromq-ts/testing"
import type { z as zod } from "zod"

declare global {
  const { Context, defineSocket, Dealer, Pair, Publisher, Pull, Push, Reply, Request, Router }: typeof zmq
  const { Stream, Subscriber, XPublisher, XSubscriber, inproc, ipc, tcp, transfer }: typeof zmq
  const { peerOf, allowKeys, allowUsers, hashPassword }: typeof zmq
  const { curveKeyPair, curvePublicKey, decodeZ85, encodeZ85 }: typeof zmq
  const { byTopic, json, withCodec }: typeof codecs
  const { msgpack }: typeof msgpacks
  const { byteTransportSuite, messageTransportSuite, patternSuite }: typeof suites
  const z: typeof zod
  const Worker: typeof WorkerThread
  type Codec<Out, In = Out> = codecs.Codec<Out, In>

  const BusPattern: new () => zmq.Pattern
  const push: zmq.Push
  const socket: zmq.Push
  const pull: zmq.Pull
  const signal: AbortSignal
  const tasks: readonly string[]
  const file: Blob
  function work(task: Buffer): void
  function mine(): zmq.Transport
  function minePattern(): ReturnType<suites.PatternSetup["create"]>

  interface Order {
    id: number
    lines: string[]
  }
  const Order: codecs.StandardSchema<Order>
  interface Picture {
    name: string
    pixels: Buffer
  }
  interface Quote {
    symbol: string
  }
}
