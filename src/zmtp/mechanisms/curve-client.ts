import { mayBeForged, ZmqError } from "../../base/errors.ts"
import { transitions } from "../../base/transitions.ts"
import type { LocalPeer, RemotePeer } from "../../contracts/connection.ts"
import { type Boxes, openBox, sealBox } from "../../security/box/boxes.ts"
import { KEY_SIZE, makePrivateKey, type PrivateKey, publicKeyOf } from "../../security/keys/x25519.ts"
import { command, metadataOf, parseMetadata, refused, unexpected } from "../command.ts"
import type { Mechanism, MechanismHost } from "../mechanism.ts"
import { UNKNOWN_PEER } from "../remote-peer.ts"
import {
  boxKey,
  cryptographic,
  HELLO_NUMBER,
  INITIATE_NUMBER,
  LEAST_READY,
  LONG_NONCE,
  malformed,
  nonceOf,
  parseCurve,
  randomNonce,
  SHORT_NONCE,
  shortNonce,
  WELCOME_SIZE,
} from "./curve.ts"
import { CurveTraffic } from "./curve-traffic.ts"

/** A client has these keys: its own pair, and the public key of the server that it wants to reach. */
export interface CurveClientKeys {
  readonly secretKey: PrivateKey
  readonly publicKey: Uint8Array
  readonly serverKey: Uint8Array
}

/** These keys are made for one connection. `hello` is the key of the boxes until INITIATE. */
interface Transient {
  readonly secretKey: PrivateKey
  readonly publicKey: Uint8Array
  readonly hello: Uint8Array
}

type State =
  | { readonly name: "sendingHello" | "closed" }
  | { readonly name: "awaitingWelcome"; readonly own: Transient }
  /** `server` is the key that the server has made for this connection. */
  | {
      readonly name: "sendingInitiate"
      readonly own: Transient
      readonly server: Uint8Array
      readonly cookie: Uint8Array
    }
  | { readonly name: "awaitingReady"; readonly key: Uint8Array }
  /** The server is ready, and our gate may still be closed. */
  | { readonly name: "answered" | "ready"; readonly peer: RemotePeer; readonly traffic: CurveTraffic }

const following = transitions<State["name"]>("a CURVE client", {
  sendingHello: ["awaitingWelcome", "closed"],
  awaitingWelcome: ["sendingInitiate", "closed"],
  sendingInitiate: ["awaitingReady", "closed"],
  awaitingReady: ["answered", "closed"],
  answered: ["ready", "closed"],
  ready: ["closed"],
  closed: ["closed"],
})

/** A CURVE client proves that it has its secret key (RFC 26). It talks only to a server that has the expected one. */
export class CurveClient implements Mechanism {
  readonly name = "CURVE"
  readonly asServer = false
  readonly #local: LocalPeer
  readonly #host: Pick<MechanismHost, "gate">
  readonly #boxes: Boxes
  readonly #keys: CurveClientKeys
  #state: State = { name: "sendingHello" }

  constructor(local: LocalPeer, host: Pick<MechanismHost, "gate">, boxes: Boxes, keys: CurveClientKeys) {
    this.#local = local
    this.#host = host
    this.#boxes = boxes
    this.#keys = keys
  }

  get status(): "handshaking" | "ready" {
    return this.#state.name === "ready" ? "ready" : "handshaking"
  }

  get peer(): RemotePeer {
    return this.#state.name === "ready" ? this.#state.peer : UNKNOWN_PEER
  }

  get protection(): CurveTraffic | undefined {
    return this.#state.name === "ready" ? this.#state.traffic : undefined
  }

  next(): Uint8Array | undefined {
    const state = this.#state
    switch (state.name) {
      case "sendingHello":
        return this.#hello()
      case "sendingInitiate":
        return this.#initiate(state.own, state.server, state.cookie)
      case "answered":
        if (this.#host.gate?.opensFor(state.peer) !== false) this.#become({ ...state, name: "ready" })
        return undefined
      default:
        return undefined
    }
  }

  receive(body: Buffer): void {
    const state = this.#state
    if (state.name === "answered")
      throw new ZmqError("EAGAIN", { reason: "a CURVE server sends before it can be taken" })
    const command = parseCurve(body)
    const isAwaiting = state.name === "awaitingWelcome" || state.name === "awaitingReady"
    if (command.name === "ERROR" && isAwaiting) {
      // Until the server has proven itself, anybody may have said that.
      throw state.name === "awaitingWelcome" ? mayBeForged(refused(command)) : refused(command)
    }
    if (state.name === "awaitingWelcome" && command.name === "WELCOME") this.#welcome(state.own, command.data)
    else if (state.name === "awaitingReady" && command.name === "READY") this.#ready(state.key, command.data)
    else throw mayBeForged(unexpected(command))
  }

  /** The traffic has its own copies of the keys, and lives on. */
  close(): void {
    const state = this.#state
    if (state.name === "awaitingReady") state.key.fill(0)
    if (state.name === "awaitingWelcome" || state.name === "sendingInitiate") state.own.hello.fill(0)
    if (state.name === "answered") state.traffic.close()
    this.#become({ name: "closed" })
  }

  #hello(): Uint8Array {
    const secretKey = makePrivateKey()
    const publicKey = publicKeyOf(secretKey)
    const hello = boxKey(this.#boxes, secretKey, this.#keys.serverKey)
    const number = shortNonce(HELLO_NUMBER)
    const signature = sealBox(this.#boxes, hello, nonceOf("CurveZMQHELLO---", number), Buffer.alloc(64))
    this.#become({ name: "awaitingWelcome", own: { secretKey, publicKey, hello } })
    const version = Uint8Array.of(1, 0)
    return command("HELLO", Buffer.concat([version, Buffer.alloc(72), publicKey, number, signature]))
  }

  #welcome(own: Transient, data: Buffer): void {
    const nonce = nonceOf("WELCOME-", data.subarray(0, LONG_NONCE))
    const plain =
      data.length === WELCOME_SIZE
        ? openBox(this.#boxes, own.hello, nonce, data.subarray(LONG_NONCE))
        : undefined
    if (plain === undefined) throw cryptographic("the box of WELCOME doesn't open")
    const [server, cookie] = [plain.subarray(0, KEY_SIZE), plain.subarray(KEY_SIZE)]
    this.#become({ name: "sendingInitiate", own, server, cookie })
  }

  #initiate(own: Transient, server: Uint8Array, cookie: Uint8Array): Uint8Array {
    const boxes = this.#boxes
    const key = boxKey(boxes, own.secretKey, server)
    own.hello.fill(0)
    const plain = Buffer.concat([this.#keys.publicKey, this.#vouch(own, server), metadataOf(this.#local)])
    const number = shortNonce(INITIATE_NUMBER)
    const box = sealBox(boxes, key, nonceOf("CurveZMQINITIATE", number), plain)
    this.#become({ name: "awaitingReady", key })
    return command("INITIATE", Buffer.concat([cookie, number, box]))
  }

  /** Our long-term key vouches that the key of this connection is ours, and meant for this server. */
  #vouch(own: Transient, server: Uint8Array): Uint8Array {
    const { secretKey, serverKey } = this.#keys
    const key = boxKey(this.#boxes, secretKey, server)
    const random = randomNonce()
    const content = Buffer.concat([own.publicKey, serverKey])
    const box = sealBox(this.#boxes, key, nonceOf("VOUCH---", random), content)
    key.fill(0)
    return Buffer.concat([random, box])
  }

  #ready(key: Uint8Array, data: Buffer): void {
    if (data.length < LEAST_READY) throw malformed("READY", data.length)
    const number = data.subarray(0, SHORT_NONCE)
    const plain = openBox(this.#boxes, key, nonceOf("CurveZMQREADY---", number), data.subarray(SHORT_NONCE))
    if (plain === undefined) throw cryptographic("the box of READY doesn't open")
    const peer = parseMetadata(plain)
    const traffic = new CurveTraffic(this.#boxes, key, false, INITIATE_NUMBER + 1, number)
    key.fill(0)
    this.#become({ name: "answered", peer, traffic })
  }

  #become(next: State): void {
    this.#state = following(this.#state, next)
  }
}
