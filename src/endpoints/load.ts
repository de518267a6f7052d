/** This file loads the code that makes connections of byte streams, because nobody needs it before there is a stream. */
import type { ByteStream } from "../contracts/connection.ts"

type Zmtp = typeof import("./shake-hands.ts")
type Raw = typeof import("../connections/raw-connection.ts")

let zmtp: Promise<Zmtp> | undefined

/** Loads ZMTP, unless that was done before. It is a quarter of the library. */
export function loadZmtp(): Promise<Zmtp> {
  zmtp ??= import("./shake-hands.ts").catch((error: unknown) => {
    // The next connection tries again, because the reason may have passed.
    zmtp = undefined
    throw error
  })
  return zmtp
}

/** Loads the connections of bare bytes, which STREAM sockets have. */
export function loadRaw(): Promise<Raw> {
  return import("../connections/raw-connection.ts")
}

/** Waits for the code that a new stream needs. Destroys the stream when it can't be loaded. */
export async function loadedFor<T>(stream: ByteStream, code: Promise<T>): Promise<T> {
  try {
    return await code
  } catch (error) {
    stream.destroy()
    throw error
  }
}
