import { EventEmitter } from "node:events"

type Name = string | symbol
type AnyListener = Parameters<EventEmitter["on"]>[1]

/** An emitter that tells when listeners were added or removed, by whichever of its methods. The others call these ones. */
export class Listeners extends EventEmitter {
  /** Programs that show their emitter see the name of Node's class, as with the native package. */
  static override readonly name = "EventEmitter"
  readonly #changed: () => void

  /** @param changed is called after each such change */
  constructor(changed: () => void) {
    super()
    this.#changed = changed
  }

  /** True while there is any listener. */
  get heard(): boolean {
    return this.eventNames().length > 0
  }

  override on(name: Name, listener: AnyListener): this {
    super.on(name, listener)
    this.#changed()
    return this
  }

  override addListener(name: Name, listener: AnyListener): this {
    return this.on(name, listener)
  }

  override prependListener(name: Name, listener: AnyListener): this {
    super.prependListener(name, listener)
    this.#changed()
    return this
  }

  override removeListener(name: Name, listener: AnyListener): this {
    super.removeListener(name, listener)
    this.#changed()
    return this
  }

  override off(name: Name, listener: AnyListener): this {
    return this.removeListener(name, listener)
  }

  override removeAllListeners(name?: Name): this {
    super.removeAllListeners(...(name === undefined ? [] : [name]))
    this.#changed()
    return this
  }
}
