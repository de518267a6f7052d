import { ZmqError } from "../../base/errors.ts"
import type { Boxes } from "./boxes.ts"
import type { BoxProvider } from "./providers.ts"

const loaded = new Map<BoxProvider, Promise<Boxes>>()

/**
 * Loads a provider of boxes, once for this thread. Rejects with ENOTSUP when its package is missing or doesn't work here; a
 * later call tries again.
 */
export function loadBoxes(provider: BoxProvider): Promise<Boxes> {
  const earlier = loaded.get(provider)
  if (earlier !== undefined) return earlier
  const boxes = LOADERS[provider]().catch((cause: unknown) => {
    loaded.delete(provider)
    throw new ZmqError("ENOTSUP", { reason: `${provider}, which CURVE was to use, can't be loaded`, cause })
  })
  loaded.set(provider, boxes)
  return boxes
}

const LOADERS: Readonly<Record<BoxProvider, () => Promise<Boxes>>> = {
  async libsodium() {
    const { default: instantiate } = await import("libsodium-sumo")
    const { SodiumBoxes } = await import("./sodium.ts")
    return new SodiumBoxes(await instantiate())
  },
  async noble() {
    const noble = await import("@noble/ciphers/salsa.js")
    const { NobleBoxes } = await import("./noble.ts")
    return new NobleBoxes(noble)
  },
  async "sodium-native"() {
    const { default: sodium } = await import("sodium-native")
    const { NativeBoxes } = await import("./native.ts")
    return new NativeBoxes(sodium, await loadBoxes("libsodium"))
  },
}
