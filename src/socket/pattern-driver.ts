import { turnWork } from "../base/turn-work.ts"
import type { Control } from "../contracts/message.ts"
import type { Pattern, Pipe } from "../contracts/pattern.ts"
import type { PipeHost } from "../endpoints/socket-endpoint.ts"
import type { OptionSet } from "../options/option-set.ts"
import { Leftovers } from "../pipes/leftovers.ts"
import type { SocketPipe } from "../pipes/pipe.ts"
import type { PipeOptions } from "../pipes/pipe-owner.ts"
import type { Traffic } from "../traffic/traffic.ts"

/**
 * This class reports the events of a socket's pipes to its pattern. After each event the waiting calls are served, because
 * the pattern's answers may have changed. Of the calls that wait to send to one peer, only those for this pipe's peer are
 * served.
 */
export class PatternDriver implements PipeHost {
  readonly pipeOptions: PipeOptions
  readonly blocky: boolean
  readonly leftovers: Leftovers
  readonly #pattern: Pattern
  readonly #traffic: Traffic
  /** Holds the attached pipes. */
  readonly #pipes = new Set<SocketPipe>()
  #tidying = false
  #stopped = false

  constructor(pattern: Pattern, traffic: Traffic, options: OptionSet, blocky: boolean) {
    this.#pattern = pattern
    this.#traffic = traffic
    this.pipeOptions = options.values
    this.blocky = blocky
    this.leftovers = new Leftovers(options.values, () => {
      for (const pipe of this.#pipes) pipe.resumeUnlessFull()
    })
    if (pattern.tidy !== undefined) pattern.onWorkLeft = () => this.#tidySoon()
    // All pipes check their limits again, because the high-water marks may have changed.
    options.onChange(() => {
      for (const pipe of this.#pipes) pipe.limitsChanged()
      this.#traffic.serveWaiting()
    })
  }

  attach(pipe: SocketPipe): void {
    this.#pipes.add(pipe)
    this.#pattern.attach(pipe)
    this.#serve(pipe)
  }

  detach(pipe: SocketPipe): void {
    this.#pipes.delete(pipe)
    this.#pattern.detach(pipe)
    this.#serve(pipe)
    this.#tidy()
  }

  connected(pipe: Pipe): void {
    this.#pattern.connected?.(pipe)
    this.#serve(pipe)
  }

  disconnected(pipe: Pipe): void {
    this.#pattern.disconnected?.(pipe)
    this.#serve(pipe)
    this.#tidy()
  }

  control(pipe: Pipe, control: Control): void {
    this.#pattern.control?.(pipe, control)
    this.#traffic.serveReceivers()
  }

  readable(pipe: Pipe): void {
    this.#pattern.readable(pipe)
    this.#traffic.serveReceivers()
  }

  writable(pipe: Pipe): void {
    this.#pattern.writable(pipe)
    this.#serve(pipe)
  }

  /** Is called when the socket is closed. The pattern then needs no more tidying. */
  stop(): void {
    this.#stopped = true
  }

  #serve(pipe: Pipe): void {
    this.#traffic.serveAddressee(this.#pattern.addressOf?.(pipe))
  }

  /** Tidies the pattern in small steps, one per turn, because other work must not wait for it. */
  #tidy(): void {
    if (!this.#tidying && !this.#stopped && this.#pattern.tidy?.()) this.#tidySoon()
  }

  #tidySoon(): void {
    if (this.#tidying || this.#stopped) return
    this.#tidying = true
    turnWork.later(() => {
      this.#tidying = false
      this.#tidy()
      this.#traffic.serveWaiting()
    })
  }
}
