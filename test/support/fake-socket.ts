import { expect, onTestFinished, vi } from "vitest"
import { SOCKET_TYPES, type SocketTypeName } from "../../src/base/socket-types.ts"
import { BaseContext } from "../../src/context/context.ts"
import type { Event } from "../../src/events/events.ts"
import type { Observer } from "../../src/events/observer.ts"
import type { OptionValues } from "../../src/options/table.ts"
import { SocketCore } from "../../src/socket/socket-core.ts"
import { fakeClock } from "./fake-clock.ts"
import { message, text } from "./fake-connection.ts"
import { PipesPattern } from "./fake-pattern.ts"
import { FakeTransport } from "./fake-transport.ts"

/** Every event from now on, in the order they come. */
export function record(observer: Observer): Event[] {
  const seen: Event[] = []
  const read = async () => {
    for await (const event of observer) seen.push(event)
  }
  void read()
  return seen
}

export const types = (events: readonly Event[]): string[] => events.map(({ type }) => type)

/** A socket's inside, over a transport and with a pattern that the test drives by hand. Timers are the test's, too. */
export function fakeSocket(
  type: SocketTypeName = "DEALER",
  options: Partial<OptionValues> = {},
  patient = false,
) {
  fakeClock()
  const transport = new FakeTransport({ patient })
  const pattern = new PipesPattern()
  const core = new SocketCore({
    type: SOCKET_TYPES[type],
    context: new BaseContext([transport]),
    pattern: () => pattern,
  })
  // With a maximum there is no random part.
  const all = { reconnectInterval: 10, reconnectMaxInterval: 10, ...options }
  for (const [name, value] of Object.entries(all)) core.options.set(name as keyof OptionValues, value)
  const events = record(core.monitor.observe())
  onTestFinished(() => {
    if (!vi.isFakeTimers()) return
    if (core.closed) expect(vi.getTimerCount(), "timers left after close()").toBe(0)
    vi.useRealTimers()
  })
  const write = (...texts: string[]) => {
    for (const item of texts) if (!pattern.trySend(message(item))) throw new Error(`${item} was refused`)
  }
  const read = () => {
    const texts: string[] = []
    for (let m = pattern.tryReceive(); m; m = pattern.tryReceive()) texts.push(text(m))
    return texts
  }
  return { core, transport, pattern, events, write, read }
}

export { pass } from "./fake-clock.ts"

/** disconnect(), or unbind() without the wait. */
export const code = (task: () => unknown): string | undefined => {
  try {
    task()
  } catch (error) {
    return (error as { code: string }).code
  }
  return undefined
}
