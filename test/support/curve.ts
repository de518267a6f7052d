/** Both ends of CURVE as machines, with keys that the manual has (zmq_curve(7)). */
import type { Credentials, Verdict } from "../../src/contracts/security.ts"
import { type Boxes, openBox, sealBox } from "../../src/security/box/boxes.ts"
import { loadBoxes } from "../../src/security/box/load.ts"
import { Cookies } from "../../src/security/cookies.ts"
import { privateKeyOf, sharedSecret } from "../../src/security/keys/x25519.ts"
import { decodeZ85 } from "../../src/security/keys/z85.ts"
import type { Gate, MechanismHost } from "../../src/zmtp/mechanism.ts"
import { CurveClient } from "../../src/zmtp/mechanisms/curve-client.ts"
import { CurveServer } from "../../src/zmtp/mechanisms/curve-server.ts"
import { local } from "./zmtp.ts"

export const CLIENT = {
  publicKey: decodeZ85("Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"),
  secretKey: decodeZ85("D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs"),
}
export const SERVER = {
  publicKey: decodeZ85("rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"),
  secretKey: decodeZ85("JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"),
}

export const boxes: Boxes = await loadBoxes("libsodium")

/** The host of a mechanism, which gives the verdict at once unless it is told to wait. */
export class Host implements MechanismHost {
  readonly examinesNull = false
  readonly asked: Credentials[] = []
  gate: Gate | undefined
  verdict: Verdict | undefined
  answer: Verdict | undefined = { name: "accepted" }

  examine(credentials: Credentials): void {
    this.asked.push(credentials)
    this.verdict = this.answer
  }
}

/** A clock that stands still. */
export const clock = { milliseconds: 0 }

/** One server process, with one kind of cookies for all its connections. */
export const cookies = new Cookies(boxes, () => clock.milliseconds)

export function curveClient(host = new Host(), keys = CLIENT, serverKey = SERVER.publicKey): CurveClient {
  const { publicKey, secretKey } = keys
  return new CurveClient(local("PUSH"), host, boxes, {
    publicKey,
    secretKey: privateKeyOf(secretKey),
    serverKey,
  })
}

export function curveServer(host = new Host(), pairs = [SERVER], jar = cookies): CurveServer {
  const keys = pairs.map(({ publicKey, secretKey }) => ({ publicKey, secretKey: privateKeyOf(secretKey) }))
  return new CurveServer(local("PULL"), host, boxes, keys, jar)
}

/** The next command, in memory of its own, as it is received. */
export function take(from: { next(): Uint8Array | undefined }): Buffer {
  const body = from.next()
  if (body === undefined) throw new Error("nothing to send")
  return Buffer.from(body)
}

/** The steps of the handshake: each returns the command that it leads to. */
export interface Ends {
  readonly client: CurveClient
  readonly server: CurveServer
}

export const ends = (host?: Host): Ends => ({ client: curveClient(), server: curveServer(host) })

export function welcomed({ client, server }: Ends): Buffer {
  server.receive(take(client))
  return take(server)
}

export function initiated(both: Ends): Buffer {
  both.client.receive(welcomed(both))
  return take(both.client)
}

export function readied(both: Ends): Buffer {
  both.server.receive(initiated(both))
  return take(both.server)
}

/** Both ends after the handshake. */
export function connected(both: Ends = ends()): Ends {
  both.client.receive(readied(both))
  both.client.next()
  return both
}

/** Opens or seals as one who has these keys. */
export const key = (secret: Uint8Array, other: Uint8Array): Uint8Array =>
  boxes.deriveKey(sharedSecret(privateKeyOf(secret), other), new Uint8Array(16))

export const seal = (boxKey: Uint8Array, nonce: Buffer, plain: Uint8Array): Buffer =>
  sealBox(boxes, boxKey, nonce, plain)

export const unseal = (boxKey: Uint8Array, nonce: Buffer, box: Uint8Array): Buffer | undefined =>
  openBox(boxes, boxKey, nonce, box)

/** The code of the error that the call throws. */
export function codeOf(call: () => unknown): string | undefined {
  try {
    call()
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  }
  return undefined
}

/** The bytes with one bit changed. */
export function flipped(bytes: Uint8Array, bit: number): Buffer {
  const result = Buffer.from(bytes)
  result[bit >> 3]! ^= 1 << (bit & 7)
  return result
}
