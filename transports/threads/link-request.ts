import { types } from "node:util"
import type { MessagePort } from "node:worker_threads"
import { fromSystemError, type ZmqError } from "../../src/base/errors.ts"
import { LONGEST_ROUTING_ID } from "../../src/base/limits.ts"
import { asBuffer } from "../../src/base/runtime.ts"
import type { LocalPeer, RemotePeer } from "../../src/contracts/connection.ts"
import type { TransportHost } from "../../src/contracts/transport.ts"
import type { Bound, Waiting } from "../inproc/names.ts"
import { ask } from "./call.ts"
import { creditMemory, isCreditMemory } from "./credit.ts"
import { ThreadEnd } from "./link.ts"

/** Each end of a link sends the other this description of itself. */
interface Introduction {
  readonly peer: LocalPeer
  /** This many messages may be on their way to it; 0 means any number. */
  readonly window: number
}

function isIntroduction(value: unknown): value is Introduction {
  const { peer, window } = Object(value) as Partial<Introduction>
  const { socketType, routingId } = Object(peer) as Partial<LocalPeer>
  if (typeof socketType !== "string" || !types.isUint8Array(routingId)) return false
  return routingId.length <= LONGEST_ROUTING_ID && Number.isInteger(window) && window! >= 0
}

/** This answer refuses a link, with an error's code and reason. */
interface Refusal {
  readonly refused: string
  readonly reason: string | undefined
}

function isRefusal(value: unknown): value is Refusal {
  const { refused, reason } = Object(value) as Partial<Refusal>
  return typeof refused === "string" && (reason === undefined || typeof reason === "string")
}

/**
 * This question asks the thread that holds a name for a link. The answer is an introduction, a refusal, or null when
 * that thread doesn't hold the name.
 */
interface LinkRequest extends Introduction {
  readonly type: "link"
  readonly name: string
  /** This is the link's shared memory, see credit.ts. */
  readonly credit: SharedArrayBuffer
}

function isLinkRequest(value: unknown): value is LinkRequest {
  const { type, name, credit } = Object(value) as Partial<LinkRequest>
  return type === "link" && typeof name === "string" && isCreditMemory(credit) && isIntroduction(value)
}

/**
 * A link request ends in one of these ways. The connect() is settled when there is a link, and when the other socket
 * refuses it. Otherwise the thread doesn't hold the name, or it has ended.
 */
export type RequestEnd = "settled" | "not held" | "thread ended"

/**
 * Asks a thread for a link, for the connect() that waits.
 * @param over is called once with the end, unless the returned function cancels the request before
 */
export function requestLink(
  protocol: string,
  thread: number,
  name: string,
  { endpoint, host, resolve, reject }: Waiting,
  over: (end: RequestEnd) => void,
): () => void {
  const credit = creditMemory()
  const request: LinkRequest = { type: "link", name, credit, ...introductionOf(host) }
  return ask(protocol, thread, request, {
    answered(answer, port) {
      if (isIntroduction(answer)) {
        over("settled")
        const { peer, window } = answer
        resolve(new ThreadEnd({ port, credit, number: 0, endpoint, peer: owned(peer), window }))
        return
      }
      port.close()
      over(isRefusal(answer) ? "settled" : "not held")
      if (isRefusal(answer))
        reject(fromSystemError({ code: answer.refused, reason: answer.reason }, endpoint))
    },
    ended: () => over("thread ended"),
  })
}

/**
 * Answers the link request of another thread, and accepts the link when the name is bound here.
 * @param request may be anything, because any code in the process may ask
 * @param boundTo returns the bind() that holds a name
 */
export function answerLinkRequest(
  request: unknown,
  port: MessagePort,
  boundTo: (name: string) => Bound | undefined,
): void {
  if (!isLinkRequest(request)) {
    port.close()
    return
  }
  const there = boundTo(request.name)
  if (there === undefined) {
    port.postMessage(null)
    return
  }
  const { credit, window } = request
  const { endpoint, host, accept } = there
  const peer = owned(request.peer)
  const refusal = refusalOf(host, peer)
  port.postMessage(refusal ?? introductionOf(host))
  if (refusal === undefined) accept(new ThreadEnd({ port, credit, number: 1, endpoint, peer, window }))
}

function refusalOf(host: TransportHost, peer: RemotePeer): Refusal | undefined {
  try {
    host.welcome(peer)
    return undefined
  } catch (cause) {
    const { code, reason } = cause as ZmqError
    return { refused: code, reason }
  }
}

function introductionOf({ local, options }: TransportHost): Introduction {
  // The routing id is copied, because posting a view clones all of the memory that it views.
  const peer = { ...local, routingId: Uint8Array.from(local.routingId) }
  return { peer, window: options.receiveHighWaterMark }
}

function owned(peer: LocalPeer): RemotePeer {
  return { ...peer, routingId: asBuffer(peer.routingId) }
}
