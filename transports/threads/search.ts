import { types } from "node:util"
import { type MessagePort, threadId } from "node:worker_threads"
import { fromSystemError, type ZmqError } from "../../src/base/errors.ts"
import { LONGEST_ROUTING_ID } from "../../src/base/limits.ts"
import { asBuffer } from "../../src/base/runtime.ts"
import type { LocalPeer, RemotePeer } from "../../src/contracts/connection.ts"
import type { TransportHost } from "../../src/contracts/transport.ts"
import type { Bound, Waiting } from "../inproc/names.ts"
import { ask } from "./call.ts"
import { creditMemory, isCreditMemory } from "./credit.ts"
import { ThreadEnd } from "./link.ts"
import { type Claim, hashOf, type NameRegistry } from "./registry.ts"

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
export interface LinkRequest extends Introduction {
  readonly type: "link"
  readonly name: string
  /** This is the link's shared memory, see credit.ts. */
  readonly credit: SharedArrayBuffer
}

export function isLinkRequest(value: unknown): value is LinkRequest {
  const { type, name, credit } = Object(value) as Partial<LinkRequest>
  return type === "link" && typeof name === "string" && isCreditMemory(credit) && isIntroduction(value)
}

/** A search is one connect() that looks for its name in other threads. */
export class ThreadSearch {
  readonly hash: number
  readonly #protocol: string
  readonly #name: string
  readonly #waiting: Waiting
  readonly #registry: () => NameRegistry
  /** Holds the claims that were found to be of another name with the same hash. */
  #passed: Claim[] = []
  /** Cancels the question that is under way, if there is one. */
  #cancel: (() => void) | undefined

  constructor(protocol: string, name: string, waiting: Waiting, registry: () => NameRegistry) {
    this.hash = hashOf(name)
    this.#protocol = protocol
    this.#name = name
    this.#waiting = waiting
    this.#registry = registry
  }

  /** Asks the thread that may hold the name now, if there is one. */
  look(): void {
    if (this.#cancel !== undefined) return
    const registry = this.#registry()
    const holder = registry.holders(this.hash).find(claim => this.#mayHold(claim))
    if (holder === undefined) return
    const { host } = this.#waiting
    const credit = creditMemory()
    const request: LinkRequest = { type: "link", name: this.#name, credit, ...introductionOf(host) }
    this.#cancel = ask(this.#protocol, holder.thread, request, {
      answered: (answer, port) => {
        this.#cancel = undefined
        if (isIntroduction(answer)) this.#introduced(answer, port, credit)
        else if (isRefusal(answer)) this.#refused(answer, port)
        else {
          port.close()
          this.#passed.push(holder)
          this.look()
        }
      },
      ended: () => {
        this.#cancel = undefined
        registry.evict(holder.thread)
        this.look()
      },
    })
  }

  /** Starts from the beginning, because the registry has changed. */
  lookAgain(): void {
    this.#passed = []
    this.look()
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #introduced({ peer, window }: Introduction, port: MessagePort, credit: SharedArrayBuffer): void {
    const { endpoint } = this.#waiting
    this.#waiting.resolve(new ThreadEnd({ port, credit, number: 0, endpoint, peer: owned(peer), window }))
  }

  #refused({ refused: code, reason }: Refusal, port: MessagePort): void {
    port.close()
    this.#waiting.reject(fromSystemError({ code, reason }, this.#waiting.endpoint))
  }

  /** This thread itself is left out, because a name that it holds is found before any search. */
  #mayHold({ slot, word, thread }: Claim): boolean {
    return thread !== threadId && !this.#passed.some(passed => passed.slot === slot && passed.word === word)
  }
}

/** Answers the link request of another thread, and accepts the link when the name is bound here. */
export function acceptLink(request: LinkRequest, port: MessagePort, there: Bound | undefined): void {
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
