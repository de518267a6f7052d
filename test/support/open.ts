import { onTestFinished } from "vitest"

/** The socket, which is closed at the end of the test. */
export function open<S extends { close(): void }>(socket: S): S {
  onTestFinished(() => socket.close())
  return socket
}
