/** This module makes requests of the ZeroMQ Authentication Protocol, and takes replies apart (RFC 27). */
import { protocolError, quoted } from "../base/errors.ts"
import { asBuffer } from "../base/runtime.ts"
import type { Message } from "../contracts/message.ts"
import type { Credentials, RefusalStatus, Verdict } from "../contracts/security.ts"
import { forEachProperty } from "../zmtp/command.ts"

const VERSION = "1.0"
/** There is one request for each connection to the handler, so that all have the same number, as in libzmq. */
const REQUEST_ID = "1"
/** A reply has a delimiter, version, request id, status code, status text, user id and metadata. */
const PARTS = 7

/** A handler is told this about a peer. */
export interface ZapRequest {
  readonly domain: string
  /** This is the peer's address without a port. */
  readonly address: string
  /** This is the routing id of our own socket, as libzmq sends it. */
  readonly routingId: Uint8Array
  readonly credentials: Credentials
}

/** Makes the message of a request, whose parts have memory of their own. */
export function requestMessage({ domain, address, routingId, credentials }: ZapRequest): Message {
  const { mechanism } = credentials
  const texts = ["", VERSION, REQUEST_ID, domain, address].map(text => Buffer.from(text))
  return [...texts, Buffer.from(routingId), Buffer.from(mechanism), ...proofs(credentials)]
}

function proofs(credentials: Credentials): Buffer[] {
  if (credentials.mechanism === "PLAIN")
    return [Buffer.from(credentials.username), Buffer.from(credentials.password)]
  return credentials.mechanism === "CURVE" ? [Buffer.from(credentials.publicKey)] : []
}

/** Makes the verdict of a handler's reply. Throws a protocol error for one that is malformed. */
export function verdictOf(reply: Message): Verdict {
  if (reply.length !== PARTS)
    throw protocolError("ERR_ZAP_MALFORMED_REPLY", `a reply of ${reply.length} parts, where ${PARTS} are due`)
  const [delimiter, version, id, status, reason, userId, metadata] = reply.map(asBuffer) as Buffer[]
  if (delimiter!.length > 0) throw protocolError("ERR_ZAP_UNSPECIFIED", "a reply without an empty delimiter")
  if (`${version}` !== VERSION)
    throw protocolError("ERR_ZAP_BAD_VERSION", `a reply of version ${quoted(`${version}`)}`)
  if (`${id}` !== REQUEST_ID)
    throw protocolError("ERR_ZAP_BAD_REQUEST_ID", `a reply to the request ${quoted(`${id}`)}`)
  const code = `${status}`
  if (code === "200") return { name: "accepted", ...named(`${userId}`), metadata: propertiesOf(metadata!) }
  if (!isRefusal(code)) throw protocolError("ERR_ZAP_INVALID_STATUS_CODE", `a status code ${quoted(code)}`)
  return { name: "refused", status: Number(code) as RefusalStatus, reason: quoted(`${reason}`) }
}

function isRefusal(code: string): boolean {
  return code === "300" || code === "400" || code === "500"
}

function named(userId: string): { userId?: string } {
  return userId === "" ? {} : { userId }
}

function propertiesOf(metadata: Buffer): Record<string, string> {
  const properties: [string, string][] = []
  try {
    forEachProperty(metadata, (name, value) => properties.push([name, `${value}`]))
  } catch {
    throw protocolError("ERR_ZAP_INVALID_METADATA", "the metadata of a reply is cut off")
  }
  // As in libzmq, the first of several with one name counts. No name can be that of an inherited property.
  return Object.fromEntries(properties.reverse())
}
