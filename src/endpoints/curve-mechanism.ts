import { ZmqError } from "../base/errors.ts"
import { now } from "../base/runtime.ts"
import type { Secret } from "../base/secret.ts"
import type { OptionValues } from "../options/table.ts"
import type { Boxes } from "../security/box/boxes.ts"
import { loadBoxes } from "../security/box/load.ts"
import { Cookies } from "../security/cookies.ts"
import { privateKeyOf, publicKeyOf } from "../security/keys/x25519.ts"
import type { MakeMechanism } from "../zmtp/mechanism.ts"
import { CurveClient } from "../zmtp/mechanisms/curve-client.ts"
import { CurveServer, type CurveServerKeys } from "../zmtp/mechanisms/curve-server.ts"

type Options = Readonly<OptionValues>

/** Node's form of each option's key, and its public key. They are made once, because that takes longer than to use them. */
const pairs = new WeakMap<Secret, CurveServerKeys>()

/** All servers of this thread make their cookies here, by provider. */
const cookies = new WeakMap<Boxes, Cookies>()

/**
 * Makes the CURVE mechanism of these options. Rejects with EINVAL when keys are missing or don't go together, and with
 * ENOTSUP when the library for the boxes can't be loaded.
 *
 * @param current has a server's keys as they are now, because a bound server may change them
 */
export async function curveMechanism(options: Options, current: Options): Promise<MakeMechanism> {
  const { curveSecretKey } = options.curveServer ? current : options
  const own = pairOf(curveSecretKey)
  if (own === undefined) throw missing("curveSecretKey is not set")
  const boxes = await loadBoxes(options.curveProvider)
  return options.curveServer ? server(current, own, boxes) : client(options, own, boxes)
}

function server({ curvePreviousSecretKey }: Options, own: CurveServerKeys, boxes: Boxes): MakeMechanism {
  const previous = pairOf(curvePreviousSecretKey)
  const keys = previous === undefined ? [own] : [own, previous]
  const jar = cookies.get(boxes) ?? new Cookies(boxes, now)
  cookies.set(boxes, jar)
  return (local, host) => new CurveServer(local, host, boxes, keys, jar)
}

function client(
  { curvePublicKey, curveServerKey }: Options,
  own: CurveServerKeys,
  boxes: Boxes,
): MakeMechanism {
  if (curveServerKey.length === 0) throw missing("neither curveServerKey is set, nor curveServer")
  if (curvePublicKey.length > 0 && !curvePublicKey.equals(own.publicKey))
    throw missing("curvePublicKey is not the public key of curveSecretKey")
  const keys = { ...own, serverKey: curveServerKey }
  return (local, host) => new CurveClient(local, host, boxes, keys)
}

/** Returns the pair of keys of an option. It is undefined when the option is not set. */
function pairOf(secret: Secret): CurveServerKeys | undefined {
  const earlier = pairs.get(secret)
  if (earlier !== undefined) return earlier
  if (secret.reveal().length === 0) return undefined
  const secretKey = privateKeyOf(secret.reveal())
  const pair = { secretKey, publicKey: publicKeyOf(secretKey) }
  pairs.set(secret, pair)
  return pair
}

function missing(reason: string): ZmqError {
  return new ZmqError("EINVAL", { reason })
}
