import { ZmqError } from "../../src/base/errors.ts"
import { afterMicrotasks, inMicrotask } from "../../src/base/runtime.ts"
import type {
  Connection,
  ConnectionSink,
  LocalPeer,
  RemotePeer,
  UnreadMessages,
} from "../../src/contracts/connection.ts"
import type { Control, Message } from "../../src/contracts/message.ts"

/** This many items may be held before further controls wait. */
const CONGESTED = 4096

/** Returns the two ends of a new link: first the end of `near`, whose peer is `far`, then the end of `far`. */
export function connectInproc(
  endpoint: string,
  near: LocalPeer,
  far: LocalPeer,
): readonly [Connection, Connection] {
  return InprocEnd.pair(endpoint, near, far)
}

/**
 * This class is one of the two ends of a link. While the other end flows, send() calls its sink. While the other end is
 * paused or not yet open, messages are held there and send() returns false. Held messages are delivered in a microtask
 * and never inside resume(), because that may be called in the middle of a read.
 */
class InprocEnd implements Connection {
  readonly peer: RemotePeer
  readonly local: string
  readonly remote: string
  readonly inThread = true
  #other: InprocEnd
  #sink: ConnectionSink | undefined
  #closed = false
  #paused = false
  /** True when messages go straight to the sink: both ends are open, nothing is held, and this end isn't paused. */
  #flowing = false
  /** Holds the items that came while this end did not flow, from index #next on. */
  readonly #held: (Message | Control)[] = []
  #next = 0
  /** True when a send() from this end returned false and no drain() has followed. */
  #waits = false
  #scheduled = false
  #error: Error | undefined
  /** This many messages of ours were dropped. The other end's owner never had them. */
  #lost = 0
  readonly #deliverHeld = (): void => this.#deliver()

  private constructor(endpoint: string, peer: RemotePeer) {
    this.local = endpoint
    this.remote = endpoint
    this.peer = peer
    this.#other = this
  }

  static pair(endpoint: string, near: LocalPeer, far: LocalPeer): readonly [InprocEnd, InprocEnd] {
    const a = new InprocEnd(endpoint, far)
    const b = new InprocEnd(endpoint, near)
    a.#other = b
    b.#other = a
    return [a, b]
  }

  get unconfirmed(): number {
    return this.#closed ? this.#lost : this.#other.#unreadMessages.length
  }

  open(sink: ConnectionSink): void {
    this.#sink = sink
    if (this.#closed) this.#announce(sink)
    else this.#schedule()
  }

  send(message: Message): boolean {
    const other = this.#other
    if (!other.#flowing) return this.#hold(message)
    other.#sink!.message(message)
    return other.#flowing || this.#mustWait()
  }

  control(control: Control): void {
    const other = this.#other
    if (other.#flowing) other.#sink!.control(control)
    else if (!this.#closed) other.#held.push(control)
    if (this.congested) this.#waits = true
  }

  get congested(): boolean {
    const other = this.#other
    return other.#held.length - other.#next >= CONGESTED
  }

  pause(): void {
    this.#paused = true
    this.#flowing = false
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    if (this.#sink !== undefined) this.#schedule()
  }

  end(): void {
    if (this.#closed) return
    this.#lose()
    this.#finish()
  }

  destroy(error?: Error): void {
    if (this.#closed) return
    this.#error = error
    if (error !== undefined) this.#other.#error ??= new ZmqError("ECONNRESET", { address: this.local })
    this.#lose()
    this.#other.#lose()
    this.#finish()
  }

  #hold(message: Message): boolean {
    if (this.#closed) this.#lost++
    else this.#other.#held.push(message)
    return this.#mustWait()
  }

  #mustWait(): false {
    this.#waits = !this.#closed
    return false
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    inMicrotask(this.#deliverHeld)
  }

  #deliver(): void {
    this.#scheduled = false
    this.#deliverWhileWanted(this.#sink!)
    if (!this.#closed && !this.#paused && this.#next === this.#held.length) this.#delivered()
    this.#drainIfFlowing()
  }

  #deliverWhileWanted(sink: ConnectionSink): void {
    const held = this.#held
    while (this.#next < held.length && !this.#paused) {
      const item = held[this.#next++]!
      if (isMessage(item)) sink.message(item)
      else sink.control(item)
    }
    // The taken items are removed many at a time, because removing each by itself from a long queue costs too much.
    if (this.#next > 64 && this.#next * 2 > held.length) this.#next -= held.splice(0, this.#next).length
  }

  /** Is called when all held items are delivered. */
  #delivered(): void {
    this.#held.length = 0
    this.#next = 0
    this.#flowing = true
    this.#other.#drainIfFlowing()
  }

  #drainIfFlowing(): void {
    if (!this.#waits || this.#sink === undefined || this.#closed || !this.#other.#flowing) return
    this.#waits = false
    this.#sink.drain()
  }

  /** Every end of a link passes through here, for both sides. */
  #finish(): void {
    for (const end of [this, this.#other]) {
      end.#closed = true
      end.#flowing = false
      if (end.#sink !== undefined) end.#announce(end.#sink)
    }
  }

  /** Drops the held items, which the other end has sent. */
  #lose(): void {
    this.#other.#lost += this.#unreadMessages.length
    this.#forget()
  }

  get #unreadMessages(): Message[] {
    return this.#held.slice(this.#next).filter(isMessage)
  }

  #forget(): void {
    this.#flowing = false
    this.#held.length = 0
    this.#next = 0
  }

  /** Reports the end in a later call, after the messages that were sent before. */
  #announce(sink: ConnectionSink): void {
    afterMicrotasks(() => {
      this.#deliverWhileWanted(sink)
      sink.closed(this.#error, this.#unread())
    })
  }

  /** Returns the messages that were not delivered. */
  #unread(): UnreadMessages | undefined {
    const messages = this.#unreadMessages
    this.#forget()
    return messages.length === 0 ? undefined : { bytes: 0, next: () => messages.shift() }
  }
}

function isMessage(item: Message | Control): item is Message {
  return Array.isArray(item)
}
