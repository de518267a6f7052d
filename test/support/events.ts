import type { Event, EventOfType, EventType, Socket } from "../../src/index.ts"

/** The next event of a type, from now on; call it before what causes the event. */
export function nextEvent<T extends EventType>(socket: Socket, type: T): Promise<EventOfType<T>> {
  const { events } = socket
  return new Promise(resolve => {
    const heard = (event: EventOfType<T>): void => {
      events.off(type, heard)
      resolve(event)
    }
    events.on(type, heard)
  })
}

const ALL: EventType[] = [
  "accept",
  "accept:error",
  "bind",
  "bind:error",
  "connect",
  "connect:delay",
  "connect:retry",
  "connect:stop",
  "close",
  "close:error",
  "disconnect",
  "handshake",
  "handshake:delay",
  "handshake:error:auth",
  "handshake:error:protocol",
  "handshake:error:other",
  "end",
]

/** Every event from now on, as it comes. */
export function recordEvents(socket: Socket): Event[] {
  const seen: Event[] = []
  for (const type of ALL) socket.events.on(type, event => seen.push(event))
  return seen
}

export const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** Waits, turn by turn, until something holds; the test's own time limit ends it when it never does. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turn()
}
