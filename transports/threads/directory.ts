/**
 * inproc names across threads. What all threads must agree on, who holds a name, stands in shared memory (see
 * name-registry.ts); everything else is asked of the thread that holds it. There is no owner: a thread that ends takes
 * nothing with it but its own names.
 *
 * - A thread inherits the registry from the one that started it. Those whose parent didn't have the library meet on a
 *   broadcast channel, where all agree on the oldest registry.
 * - Who binds says so on the channel; those who wait for the name look again.
 * - Who connects asks the holder's thread, with a message port that becomes the link.
 */
import {
  BroadcastChannel,
  getEnvironmentData,
  isMainThread,
  type MessagePort,
  setEnvironmentData,
  threadId,
} from "node:worker_threads"
import { ZmqError } from "../../src/base/errors.ts"
import { atExit } from "../../src/base/process-exit.ts"
import { nanoseconds, sharedInProcess } from "../../src/base/runtime.ts"
import { TimeLimit } from "../../src/base/time-limit.ts"
import type { Connection } from "../../src/contracts/connection.ts"
import type { Listener, TransportHost } from "../../src/contracts/transport.ts"
import { unlessAborted } from "../common/abort.ts"
import { type Bound, InprocNames } from "../inproc/names.ts"
import { onQuestion } from "./call.ts"
import { type Claim, hashOf, NameRegistry } from "./registry.ts"
import { acceptLink, isLinkRequest, ThreadSearch } from "./search.ts"
import { answerOf, anyOf } from "./survey.ts"

/** Changes whenever threads with different versions of the library would misunderstand each other. */
const PROTOCOL = "zeromq-ts.inproc/2"

/** Milliseconds that a thread without a registry of its parent's gives the others to show themselves. */
const GRACE = 50

/** Tells all threads which registry this one uses, or that a name with this hash was bound. */
type News = { readonly registry: SharedArrayBuffer } | { readonly bound: number }

/** Asks whether the thread holds the name. */
interface HoldsQuestion {
  readonly type: "holds"
  readonly name: string
}

function isHoldsQuestion(value: unknown): value is HoldsQuestion {
  const { type, name } = Object(value) as Partial<HoldsQuestion>
  return type === "holds" && typeof name === "string"
}

/** What one thread knows and says of names. */
class ThreadDirectory {
  readonly #names = new InprocNames()
  readonly #claims = new Map<string, Claim>()
  /** Names that are being claimed. */
  readonly #claiming = new Set<string>()
  readonly #searches = new Set<ThreadSearch>()
  #registry: NameRegistry
  #channel: BroadcastChannel | undefined
  /** Under way: who holds names is asked whether it lives. */
  #roomMaking: Promise<boolean> | undefined
  /** Until the others had time to show themselves; for a thread that might have any. */
  #alone: Promise<void> | undefined
  #meet: () => void = () => {}

  constructor() {
    const inherited: unknown = getEnvironmentData(PROTOCOL)
    const hasInherited = NameRegistry.isMemory(inherited)
    if (!hasInherited) {
      const nonce = Math.floor(Math.random() * 2 ** 32)
      this.#registry = NameRegistry.create(nanoseconds(), nonce)
      setEnvironmentData(PROTOCOL, this.#registry.memory)
    } else {
      this.#registry = new NameRegistry(inherited)
    }
    if (hasInherited || isMainThread) return
    this.#alone = new Promise(resolve => {
      this.#meet = resolve
    })
  }

  async dial(name: string, endpoint: string, host: TransportHost): Promise<Connection> {
    const here = this.#names.connect(name, host)
    if (here !== undefined) return here
    this.#enter()
    return this.#names.wait(name, endpoint, host, waiting => {
      const search = new ThreadSearch(PROTOCOL, name, waiting, () => this.#registry)
      this.#searches.add(search)
      search.look()
      return () => {
        this.#searches.delete(search)
        search.stop()
      }
    })
  }

  async listen(name: string, here: Bound): Promise<Listener> {
    this.#enter()
    this.#mustBeFree(name, here)
    this.#claiming.add(name)
    try {
      const claim = this.#takeAtOnce(name) ?? (await this.#contend(name, here))
      return this.#bind(name, here, claim)
    } finally {
      this.#claiming.delete(name)
    }
  }

  /** As listen(), but can't ask: names whose holders were terminated are free from the next attempt on. */
  listenSync(name: string, here: Bound): Listener {
    this.#enter()
    this.#mustBeFree(name, here)
    const taken = this.#registry.take(hashOf(name), threadId)
    if (taken.outcome === "held") return this.#bind(name, here, taken.claim)
    if (taken.outcome === "full") {
      void this.#makeRoom()
      throw tooMany(here)
    }
    void this.#isHeldBy(taken.claim, name)
    throw new ZmqError("EADDRINUSE", { address: here.endpoint })
  }

  /** From the first use on: hears the others, and is heard. */
  #enter(): void {
    if (this.#channel !== undefined) return
    this.#channel = new BroadcastChannel(PROTOCOL)
    this.#channel.onmessage = event => this.#hear((event as { data: unknown }).data)
    this.#channel.unref()
    onQuestion(PROTOCOL, (question, port) => this.#answer(question, port))
    atExit({ exit: () => this.#registry.evict(threadId) })
    this.#tell({ registry: this.#registry.memory })
    if (this.#alone !== undefined) new TimeLimit(GRACE, this.#meet)
  }

  #tell(news: News): void {
    this.#channel?.postMessage(news)
  }

  /** Anybody in the process can speak on the channel, and anything else than news is ignored. */
  #hear(news: unknown): void {
    const { bound, registry } = Object(news) as { bound?: unknown; registry?: unknown }
    if (typeof bound === "number") this.#lookAgain(bound)
    else if (NameRegistry.isMemory(registry)) this.#compare(new NameRegistry(registry))
  }

  #lookAgain(bound: number): void {
    for (const search of this.#searches) if (search.hash === bound) search.lookAgain()
  }

  /** All threads agree on the older one. */
  #compare(theirs: NameRegistry): void {
    if (theirs.precedes(this.#registry)) this.#adopt(theirs)
    else if (this.#registry.precedes(theirs)) this.#tell({ registry: this.#registry.memory })
    this.#meet()
  }

  #answer(question: unknown, port: MessagePort): void {
    if (isLinkRequest(question)) acceptLink(question, port, this.#names.bound(question.name))
    else if (isHoldsQuestion(question)) port.postMessage(this.#holds(question.name))
    else port.close()
  }

  // --- Claims

  #holds(name: string): boolean {
    return this.#names.bound(name) !== undefined || this.#claiming.has(name)
  }

  #takeAtOnce(name: string): Claim | undefined {
    if (this.#alone !== undefined) return undefined
    const taken = this.#registry.take(hashOf(name), threadId)
    return taken.outcome === "held" ? taken.claim : undefined
  }

  #mustBeFree(name: string, { endpoint }: Bound): void {
    if (this.#holds(name)) throw new ZmqError("EADDRINUSE", { address: endpoint })
  }

  /** Finds out whether those who stand in the way hold the very name, and are alive. */
  async #contend(name: string, here: Bound): Promise<Claim> {
    await this.#alone
    this.#alone = undefined
    const passed: Claim[] = []
    for (;;) {
      const registry = this.#registry
      const taken = registry.take(hashOf(name), threadId, passed)
      if (taken.outcome === "held") return taken.claim
      if (taken.outcome === "full") {
        if (!(await unlessAborted(this.#makeRoom(), here.host.signal, here.endpoint))) throw tooMany(here)
        continue
      }
      const { claim: rival } = taken
      const held = await unlessAborted(this.#isHeldBy(rival, name), here.host.signal, here.endpoint)
      if (held) throw new ZmqError("EADDRINUSE", { address: here.endpoint })
      if (registry.has(rival)) passed.push(rival)
    }
  }

  /** Whether the claim is one of this very name; if its thread has ended, all that it held is free. */
  async #isHeldBy({ thread }: Claim, name: string): Promise<boolean> {
    // It would be known here.
    return thread !== threadId && (await this.#askHolder(thread, name)) === true
  }

  async #askHolder(thread: number, name: string): Promise<unknown> {
    const registry = this.#registry
    const question: HoldsQuestion = { type: "holds", name }
    const answer = await answerOf(PROTOCOL, thread, question)
    if (answer === undefined) registry.evict(thread)
    return answer
  }

  /**
   * Frees the names of threads that were terminated, and so couldn't do it themselves. True when there is room; false
   * when all who hold names live.
   */
  #makeRoom(): Promise<boolean> {
    this.#roomMaking ??= this.#anyEnded().finally(() => {
      this.#roomMaking = undefined
    })
    return this.#roomMaking
  }

  #anyEnded(): Promise<boolean> {
    const others = [...this.#registry.threads()].filter(thread => thread !== threadId)
    return anyOf(others.map(async thread => (await this.#askHolder(thread, "")) === undefined))
  }

  #bind(name: string, here: Bound, claim: Claim): Listener {
    this.#names.bind(name, here)
    this.#claimed(name, claim)
    return { endpoint: here.endpoint, close: async () => this.#unbind(name, here) }
  }

  #claimed(name: string, claim: Claim): void {
    this.#claims.set(name, claim)
    this.#tell({ bound: hashOf(name) })
  }

  #unbind(name: string, here: Bound): void {
    if (this.#names.bound(name) !== here) return
    this.#names.unbind(name)
    const claim = this.#claims.get(name)
    this.#claims.delete(name)
    if (claim !== undefined) this.#registry.release(claim)
  }

  // --- Threads that grew up apart

  #adopt(registry: NameRegistry): void {
    const names = [...this.#claims.keys()]
    this.#claims.clear()
    this.#registry = registry
    setEnvironmentData(PROTOCOL, registry.memory)
    for (const name of names) void this.#claimAgain(name, this.#names.bound(name)!)
    for (const search of this.#searches) search.lookAgain()
  }

  /** Who was first among those who bound the same name before they could know of each other keeps it. */
  async #claimAgain(name: string, here: Bound): Promise<void> {
    const stillBound = () => this.#names.bound(name) === here
    try {
      const claim = await this.#contend(name, here)
      if (stillBound()) this.#claimed(name, claim)
      else this.#registry.release(claim)
    } catch (error) {
      if (!stillBound()) return
      this.#names.unbind(name)
      here.host.report({ type: "bind:error", address: here.endpoint, error: error as Error })
    }
  }
}

function tooMany({ endpoint }: Bound): ZmqError {
  return new ZmqError("EMFILE", { address: endpoint, reason: "too many inproc names" })
}

/** This thread's directory, the same for all copies of the library in it. */
export function threadDirectory(): Pick<ThreadDirectory, "dial" | "listen" | "listenSync"> {
  return sharedInProcess(PROTOCOL, () => new ThreadDirectory())
}
