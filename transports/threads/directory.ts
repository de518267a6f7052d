/**
 * This module shares inproc names between threads. Shared memory says which thread holds which name (see registry.ts),
 * because all threads must agree on that. Everything else is asked of the thread that holds the name. No thread owns the
 * registry: one that ends loses its own names only.
 *
 * - A thread inherits the registry from the one that started it. Those whose parent didn't have the library meet on a
 *   broadcast channel, where all agree on the oldest registry.
 * - A thread that binds a name announces it on the channel; those that wait for the name look again.
 * - A thread that connects asks the holder's thread, with a message port that becomes the link.
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
import { nanoseconds, sharedInProcess, surface } from "../../src/base/runtime.ts"
import { TimeLimit } from "../../src/base/time-limit.ts"
import type { Connection } from "../../src/contracts/connection.ts"
import type { Listener, TransportHost } from "../../src/contracts/transport.ts"
import { unlessAborted } from "../common/abort.ts"
import { type Bound, InprocNames } from "../inproc/names.ts"
import { isHoldsQuestion, onQuestion } from "./hear.ts"
import { type Claim, hashOf, NameRegistry } from "./registry.ts"
import { ThreadSearch } from "./search.ts"

/** This name changes whenever threads with different versions of the library would misunderstand each other. */
const PROTOCOL = "zeromq-ts.inproc/2"

/** A thread that inherited no registry waits this many milliseconds for the others to announce theirs. */
const GRACE = 50

/** This message tells all threads which registry this one uses, or that a name with this hash was bound. */
type News = { readonly registry: SharedArrayBuffer } | { readonly bound: number }

/** The directory binds and finds names for one thread. */
class ThreadDirectory {
  readonly #names = new InprocNames()
  readonly #claims = new Map<string, Claim>()
  /** Holds the names that are being claimed. */
  readonly #claiming = new Set<string>()
  readonly #searches = new Set<ThreadSearch>()
  #registry: NameRegistry
  #channel: BroadcastChannel | undefined
  /** This is the search for ended threads that is under way, if there is one. */
  #roomMaking: Promise<boolean> | undefined
  /** Settles when the other threads have had time to announce their registry. Undefined when that is not needed. */
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

  /**
   * Does the same as listen() before it returns. It can't wait for answers of other threads, so names whose holders were
   * terminated are free only from the next attempt on.
   */
  listenSync(name: string, here: Bound): Listener {
    this.#enter()
    this.#mustBeFree(name, here)
    const taken = this.#registry.take(hashOf(name), threadId)
    if (taken.outcome === "held") return this.#bind(name, here, taken.claim)
    if (taken.outcome === "full") {
      this.#makeRoom().catch(() => {})
      throw tooMany(here)
    }
    this.#isHeldBy(taken.claim, name).catch(() => {})
    throw new ZmqError("EADDRINUSE", { address: here.endpoint })
  }

  /** Returns true when this thread has bound the name, or another one that shares the registry most likely has. */
  isBound(name: string): boolean {
    if (this.#names.bound(name) !== undefined) return true
    return this.#registry.holders(hashOf(name)).some(({ thread }) => thread !== threadId)
  }

  /** Starts to listen to the other threads and to speak to them, at the first use. */
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

  /**
   * Handles a message of the channel.
   * @param news may be anything, because any code in the process can post there; what is no news is ignored
   */
  #hear(news: unknown): void {
    const { bound, registry } = Object(news) as { bound?: unknown; registry?: unknown }
    if (typeof bound === "number") this.#lookAgain(bound)
    else if (NameRegistry.isMemory(registry)) this.#compare(new NameRegistry(registry))
  }

  #lookAgain(bound: number): void {
    for (const search of this.#searches) if (search.hash === bound) search.lookAgain()
  }

  /** Compares the registries of two threads. All threads adopt the older one. */
  #compare(theirs: NameRegistry): void {
    if (theirs.precedes(this.#registry)) this.#adopt(theirs)
    else if (this.#registry.precedes(theirs)) this.#tell({ registry: this.#registry.memory })
    this.#meet()
  }

  #answer(question: unknown, port: MessagePort): void {
    if (isHoldsQuestion(question)) {
      port.postMessage(this.#holds(question.name))
      return
    }
    const boundTo = (name: string) => this.#names.bound(name)
    void import("./questions.ts")
      .then(
        ({ answerLinkRequest }) => answerLinkRequest(question, port, boundTo),
        () => port.close(),
      )
      .then(undefined, surface)
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

  /** Claims a name. Each rival claim is checked: its thread must live and hold this very name. */
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

  /** Resolves to true when the claim is of this very name. A thread that has ended loses all its names here. */
  async #isHeldBy({ thread }: Claim, name: string): Promise<boolean> {
    const registry = this.#registry
    // A name that this thread holds would already be known here.
    if (thread === threadId) return false
    const { isHeldBy } = await import("./questions.ts")
    return isHeldBy(PROTOCOL, thread, name, registry)
  }

  /**
   * Frees the names of threads that were terminated, because those couldn't do it themselves. Resolves to true when there
   * is room, and to false when no thread was found that has ended.
   */
  #makeRoom(): Promise<boolean> {
    const registry = this.#registry
    this.#roomMaking ??= import("./questions.ts")
      .then(({ anyEnded }) => anyEnded(PROTOCOL, registry))
      .finally(() => {
        this.#roomMaking = undefined
      })
    return this.#roomMaking
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

  // --- Registries of threads that did not know each other

  #adopt(registry: NameRegistry): void {
    const names = [...this.#claims.keys()]
    this.#claims.clear()
    this.#registry = registry
    setEnvironmentData(PROTOCOL, registry.memory)
    for (const name of names) void this.#claimAgain(name, this.#names.bound(name)!)
    for (const search of this.#searches) search.lookAgain()
  }

  /**
   * Claims a bound name in the adopted registry. When two threads had bound one name before they knew of each other, the
   * first to claim it keeps it; the other reports "bind:error" and is unbound.
   */
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

/** Returns this thread's directory, which all copies of the library in the thread share. */
export function threadDirectory(): Pick<ThreadDirectory, "dial" | "listen" | "listenSync" | "isBound"> {
  return sharedInProcess(PROTOCOL, () => new ThreadDirectory())
}
