import { together } from "../base/acceptance.ts"
import { fromSystemError, ZmqError } from "../base/errors.ts"
import type { PeerCertificate } from "../contracts/certificate.ts"
import type { Authenticator, Credentials, Verdict } from "../contracts/security.ts"
import type { Transport, TransportOptions } from "../contracts/transport.ts"
import { hostOf } from "./address.ts"
import { AskingPeer } from "./asking-peer.ts"
import { Examinations } from "./examinations.ts"
import { askHooks } from "./hooks.ts"
import { askHandler, hasHandler } from "./zap.ts"

/** A peer is examined by these facts and rules. */
export interface Examination {
  /** No more than so many peers of one socket are examined at once (see {@link Examinations}). */
  readonly socket: object
  readonly credentials: Credentials
  /** These are the two ends of the connection. */
  readonly local: string
  readonly remote: string
  /** This is the certificate of the peer, where the transport has such. */
  readonly certificate: Promise<PeerCertificate | undefined> | undefined
  /** These authenticators are asked, in this order. */
  readonly hooks: readonly Authenticator[]
  /** An authentication handler is asked by these rules, if at all. */
  readonly zap: ZapRules | undefined
}

/** These options say when an authentication handler is asked, and what it is told (zmq_setsockopt(3)). */
interface ZapOptions extends TransportOptions {
  readonly zapDomain: string | null
  readonly zapEnforceDomain: boolean
  readonly routingId: Uint8Array
}

interface ZapRules {
  /** Handlers are reached over this transport. */
  readonly transport: Transport | undefined
  readonly options: ZapOptions
}

const ofSockets = new WeakMap<object, Examinations>()

/** Examines a peer. It never rejects. */
export async function examine(examination: Examination, signal: AbortSignal): Promise<Verdict> {
  try {
    // It takes a place only now, because peers that begin a handshake of TLS and leave it would take all places.
    const certificate = await examination.certificate
    return await examinationsOf(examination.socket).run(() => judge(examination, certificate, signal), signal)
  } catch (error) {
    return { name: "failed", error: fromSystemError(error) }
  }
}

function examinationsOf(socket: object): Examinations {
  const examinations = ofSockets.get(socket) ?? new Examinations()
  ofSockets.set(socket, examinations)
  return examinations
}

async function judge(
  examination: Examination,
  certificate: PeerCertificate | undefined,
  signal: AbortSignal,
): Promise<Verdict> {
  const byHooks = await askAuthenticators(examination, certificate, signal)
  if (byHooks.name !== "accepted" || examination.zap === undefined) return byHooks
  const byHandler = await askZap(examination, examination.zap, signal)
  return byHandler.name === "accepted" ? { name: "accepted", ...together(byHooks, byHandler) } : byHandler
}

async function askAuthenticators(
  examination: Examination,
  certificate: PeerCertificate | undefined,
  signal: AbortSignal,
): Promise<Verdict> {
  const { hooks, credentials, local, remote } = examination
  if (hooks.length === 0) return { name: "accepted" }
  let peer: AskingPeer
  try {
    peer = new AskingPeer(credentials, hostOf(remote), local, certificate, signal)
  } catch {
    return { name: "refused", status: 400, reason: "the name or the password is no UTF-8" }
  }
  return askHooks(hooks, peer)
}

/**
 * Asks an authentication handler where libzmq does. Where authenticators have let the peer in already, it is asked only if
 * there is a domain.
 */
async function askZap(examination: Examination, zap: ZapRules, signal: AbortSignal): Promise<Verdict> {
  const { credentials, remote, hooks } = examination
  const { options, transport } = zap
  const { zapDomain, zapEnforceDomain, routingId } = options
  const isByMechanism = credentials.mechanism !== "NULL" && hooks.length === 0
  const request = { domain: zapDomain ?? "", address: hostOf(remote), routingId, credentials }
  if ((zapDomain !== null || isByMechanism) && hasHandler(transport))
    return askHandler({ transport, options }, request, signal)
  const isRequired = hooks.length === 0 && (zapEnforceDomain || credentials.mechanism === "PLAIN")
  if (!isRequired && !(zapEnforceDomain && zapDomain !== null)) return { name: "accepted" }
  const reason = "there is no authenticator: neither `authenticate` nor a handler at inproc://zeromq.zap.01"
  return { name: "failed", error: new ZmqError("EFAULT", { reason }) }
}
