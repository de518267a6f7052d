import { type InprocOptions, inproc } from "../transports/inproc.ts"
import { ipc } from "../transports/ipc.ts"
import { tcp } from "../transports/tcp.ts"
import { checkCount, checkOptions } from "./base/arguments.ts"
import { acceptCopies, sharedValue } from "./base/copies.ts"
import { BaseContext, type ContextOptions } from "./context/context.ts"

/**
 * A context is a set of sockets with the transports that they share. Its inproc names are its own, unless the option
 * `shared` is given.
 *
 * @example
 * ```ts
 * await using context = new Context({ blocky: false, maxSockets: 100 })
 * const push = new Push({ context })
 * ```
 */
export class Context extends BaseContext {
  constructor(options: ContextOptions & InprocOptions = {}) {
    checkOptions(options)
    checkCount(arguments.length, 1)
    const { shared, transports, ...settings } = options
    if (transports !== undefined && shared !== undefined)
      throw new TypeError("Give `shared` to the inproc() among the transports")
    super(transports ?? [inproc(shared === undefined ? {} : { shared }), ipc(), tcp()], settings)
  }
}

acceptCopies(Context, "Context")

/** Sockets belong to this context unless they are given another. All threads of the process share its inproc names. */
export const context: Context = sharedValue("context", () => new Context({ shared: "" }))
