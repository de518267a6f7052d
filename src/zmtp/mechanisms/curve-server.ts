import { protocolError } from "../../base/errors.ts"
import { transitions } from "../../base/transitions.ts"
import type { LocalPeer, RemotePeer } from "../../contracts/connection.ts"
import { type Boxes, openBox, sealBox } from "../../security/box/boxes.ts"
import type { Cookies } from "../../security/cookies.ts"
import {
  KEY_SIZE,
  nodeCrypto,
  type PrivateKey,
  privateKeyOf,
  publicKeyOf,
} from "../../security/keys/x25519.ts"
import { command, metadataOf, parseMetadata, unexpected } from "../command.ts"
import type { Mechanism, MechanismHost } from "../mechanism.ts"
import { UNKNOWN_PEER } from "../remote-peer.ts"
import {
  boxKey,
  COOKIE_SIZE,
  cryptographic,
  HELLO_SIZE,
  isSameKey,
  LEAST_INITIATE,
  LONG_NONCE,
  malformed,
  nonceOf,
  parseCurve,
  READY_NUMBER,
  randomNonce,
  SHORT_NONCE,
  shortNonce,
  VOUCH_SIZE,
} from "./curve.ts"
import { CurveTraffic } from "./curve-traffic.ts"
import { refusalBy, refusalCommand } from "./refusal.ts"

/** A server has this pair of long-term keys. */
export interface CurveServerKeys {
  readonly secretKey: PrivateKey
  readonly publicKey: Uint8Array
}

/** The client's last nonce, and the key of the boxes of this connection. */
interface Agreement {
  readonly key: Uint8Array
  readonly number: Buffer
  readonly peer: RemotePeer
}

type State =
  | { readonly name: "awaitingHello" | "awaitingInitiate" | "refused" | "closed" }
  | { readonly name: "sendingWelcome"; readonly welcome: Uint8Array }
  /** The client has proven who it is, and described itself. */
  | ({ readonly name: "awaitingVerdict" | "accepted" } & Agreement)
  | { readonly name: "ready"; readonly peer: RemotePeer; readonly traffic: CurveTraffic }

const following = transitions<State["name"]>("a CURVE server", {
  awaitingHello: ["sendingWelcome", "closed"],
  sendingWelcome: ["awaitingInitiate", "closed"],
  awaitingInitiate: ["awaitingVerdict", "closed"],
  awaitingVerdict: ["accepted", "refused", "closed"],
  accepted: ["ready", "closed"],
  ready: ["closed"],
  refused: ["closed"],
  closed: ["closed"],
})

/**
 * A CURVE server takes only clients that know its public key, and has each client's public key examined (RFC 26). Between
 * HELLO and INITIATE it keeps nothing about the client, because all that is in the cookie.
 */
export class CurveServer implements Mechanism {
  readonly name = "CURVE"
  readonly asServer = true
  readonly #local: LocalPeer
  readonly #host: MechanismHost
  readonly #boxes: Boxes
  readonly #keys: readonly CurveServerKeys[]
  readonly #cookies: Cookies
  readonly #connection: number
  #state: State = { name: "awaitingHello" }

  /** @param keys the pair, and others that clients may still believe in */
  constructor(
    local: LocalPeer,
    host: MechanismHost,
    boxes: Boxes,
    keys: readonly CurveServerKeys[],
    cookies: Cookies,
  ) {
    this.#local = local
    this.#host = host
    this.#boxes = boxes
    this.#keys = keys
    this.#cookies = cookies
    this.#connection = cookies.connection()
  }

  get status(): "handshaking" | "ready" {
    return this.#state.name === "ready" ? "ready" : "handshaking"
  }

  get peer(): RemotePeer {
    return this.#state.name === "ready" ? this.#state.peer : UNKNOWN_PEER
  }

  get refusal(): Error | undefined {
    return this.#state.name === "refused" ? refusalBy(this.#host.verdict) : undefined
  }

  get protection(): CurveTraffic | undefined {
    return this.#state.name === "ready" ? this.#state.traffic : undefined
  }

  next(): Uint8Array | undefined {
    if (this.#state.name === "awaitingVerdict") {
      const refusal = this.#judge(this.#state)
      if (refusal !== undefined) return refusal
    }
    const state = this.#state
    if (state.name === "sendingWelcome") {
      this.#become({ name: "awaitingInitiate" })
      return state.welcome
    }
    if (state.name !== "accepted" || this.#host.gate?.opensFor(state.peer) === false) return undefined
    return this.#ready(state)
  }

  receive(body: Buffer): void {
    const { name, data } = parseCurve(body)
    if (this.#state.name === "awaitingHello" && name === "HELLO") this.#hello(data)
    else if (this.#state.name === "awaitingInitiate" && name === "INITIATE") this.#initiate(data)
    else throw unexpected({ name, data })
  }

  /** The traffic has its own copies of the keys, and lives on. */
  close(): void {
    const state = this.#state
    if (state.name === "awaitingVerdict" || state.name === "accepted") state.key.fill(0)
    this.#become({ name: "closed" })
  }

  #hello(data: Buffer): void {
    const isVersion1 = data[0] === 1 && data[1] === 0
    if (data.length !== HELLO_SIZE || !isVersion1) throw malformed("HELLO", data.length)
    const client = data.subarray(74, 74 + KEY_SIZE)
    const key = this.#keyOfHello(client, data.subarray(74 + KEY_SIZE))
    const secret = nodeCrypto().randomBytes(KEY_SIZE)
    const publicKey = publicKeyOf(privateKeyOf(secret))
    const content = Buffer.concat([client, secret])
    const cookie = this.#cookies.seal(this.#connection, content)
    secret.fill(0)
    content.fill(0)
    const random = randomNonce()
    const plain = Buffer.concat([publicKey, cookie])
    const box = sealBox(this.#boxes, key, nonceOf("WELCOME-", random), plain)
    key.fill(0)
    this.#become({ name: "sendingWelcome", welcome: command("WELCOME", Buffer.concat([random, box])) })
  }

  /** Returns the key of the boxes between the client's key and that one of ours which the client believes in. */
  #keyOfHello(client: Uint8Array, signature: Buffer): Uint8Array {
    const nonce = nonceOf("CurveZMQHELLO---", signature.subarray(0, SHORT_NONCE))
    for (const { secretKey } of this.#keys) {
      const key = boxKey(this.#boxes, secretKey, client)
      if (openBox(this.#boxes, key, nonce, signature.subarray(SHORT_NONCE)) !== undefined) return key
      key.fill(0)
    }
    throw cryptographic("the box of HELLO doesn't open; the client may believe in another server key")
  }

  #initiate(data: Buffer): void {
    if (data.length < LEAST_INITIATE) throw malformed("INITIATE", data.length)
    const cookie = this.#cookies.open(this.#connection, data.subarray(0, COOKIE_SIZE))
    if (cookie === undefined) throw cryptographic("the cookie is too old, or not of this connection")
    const [client, secret] = [cookie.subarray(0, KEY_SIZE), cookie.subarray(KEY_SIZE)]
    const own = privateKeyOf(secret)
    secret.fill(0)
    const key = boxKey(this.#boxes, own, client)
    try {
      this.#proven(own, client, key, data)
    } catch (error) {
      key.fill(0)
      throw error
    }
  }

  /** Takes the rest of INITIATE, in which the client proves who it is. */
  #proven(own: PrivateKey, client: Uint8Array, key: Uint8Array, data: Buffer): void {
    const number = data.subarray(COOKIE_SIZE, COOKIE_SIZE + SHORT_NONCE)
    const box = data.subarray(COOKIE_SIZE + SHORT_NONCE)
    const plain = openBox(this.#boxes, key, nonceOf("CurveZMQINITIATE", number), box)
    if (plain === undefined) throw cryptographic("the box of INITIATE doesn't open")
    const publicKey = Uint8Array.from(plain.subarray(0, KEY_SIZE))
    this.#checkVouch(own, client, publicKey, plain.subarray(KEY_SIZE, KEY_SIZE + VOUCH_SIZE))
    const peer = parseMetadata(plain.subarray(KEY_SIZE + VOUCH_SIZE))
    this.#become({ name: "awaitingVerdict", key, number: Buffer.from(number), peer })
    this.#host.examine({ mechanism: "CURVE", publicKey, socketType: peer.socketType })
  }

  /** The client's long-term key must vouch for the key of this connection, and for one of ours. */
  #checkVouch(own: PrivateKey, client: Uint8Array, publicKey: Uint8Array, vouch: Uint8Array): void {
    const key = boxKey(this.#boxes, own, publicKey)
    const nonce = nonceOf("VOUCH---", vouch.subarray(0, LONG_NONCE))
    const content = openBox(this.#boxes, key, nonce, vouch.subarray(LONG_NONCE))
    key.fill(0)
    if (content === undefined) throw cryptographic("the box of the vouch doesn't open")
    if (!isSameKey(content.subarray(0, KEY_SIZE), client))
      throw protocolError("ERR_ZMTP_KEY_EXCHANGE", "the vouch is for another connection")
    const server = content.subarray(KEY_SIZE)
    if (!this.#keys.some(each => isSameKey(server, each.publicKey)))
      throw protocolError("ERR_ZMTP_KEY_EXCHANGE", "the vouch is for another server")
  }

  /** Goes on once there is a verdict. Returns the ERROR for a client that is refused, if it is to be told. */
  #judge(state: Agreement): Uint8Array | undefined {
    const { verdict } = this.#host
    if (verdict === undefined) return undefined
    const { key, number, peer } = state
    if (verdict.name === "accepted") {
      this.#become({ name: "accepted", key, number, peer })
      return undefined
    }
    key.fill(0)
    this.#become({ name: "refused" })
    return refusalCommand(verdict)
  }

  #ready({ key, number, peer }: Agreement): Uint8Array {
    const own = shortNonce(READY_NUMBER)
    const box = sealBox(this.#boxes, key, nonceOf("CurveZMQREADY---", own), metadataOf(this.#local))
    const traffic = new CurveTraffic(this.#boxes, key, true, READY_NUMBER + 1, number)
    key.fill(0)
    this.#become({ name: "ready", peer, traffic })
    return command("READY", Buffer.concat([own, box]))
  }

  #become(next: State): void {
    this.#state = following(this.#state, next)
  }
}
