import { inproc } from "../transports/inproc.ts"
import { ipc } from "../transports/ipc.ts"
import { tcp } from "../transports/tcp.ts"
import { checkCount, checkOptions } from "./arguments.ts"
import { BaseContext, type ContextOptions } from "./context.ts"

/** A set of sockets with the transports they share; without `transports` these are inproc, ipc and tcp. */
export class Context extends BaseContext {
  constructor(options: ContextOptions = {}) {
    checkOptions(options)
    checkCount(arguments.length, 1)
    const { transports = [inproc(), ipc(), tcp()], ...settings } = options
    super(transports, settings)
  }
}

/** The context of all sockets that are given no other. */
export const context: Context = new Context()
