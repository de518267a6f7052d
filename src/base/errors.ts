/** This file has the one class of errors, and the tables of their codes. */
import type { RefusalStatus } from "../contracts/security.ts"
import { acceptCopies } from "./copies.ts"
import type { ProtocolCode } from "./protocol-codes.ts"
import { errnoByCode } from "./runtime.ts"

/** These error numbers exist in ZeroMQ only (zmq.h). */
const ZMQ_ERRNO = {
  EFSM: 156384763,
  ENOCOMPATPROTO: 156384764,
  ETERM: 156384765,
  EMTHREAD: 156384766,
} as const

/** Each errno code has a message. The texts are those of libzmq and of the native package. */
export const ERRNO_MESSAGES = {
  EACCES: "Permission denied",
  EADDRINUSE: "Address already in use",
  EADDRNOTAVAIL: "Cannot assign requested address",
  EAFNOSUPPORT: "Address family not supported by protocol",
  EAGAIN: "Operation was not possible or timed out",
  EBADF: "Socket is closed",
  EBADMSG: "Bad message",
  EBUSY: "Socket is busy",
  ECONNABORTED: "Software caused connection abort",
  ECONNREFUSED: "Connection refused",
  ECONNRESET: "Connection reset by peer",
  EFAULT: "Context is closed",
  EFSM: "Operation cannot be accomplished in current state",
  EHOSTUNREACH: "Host unreachable",
  EINVAL: "Invalid argument",
  EISCONN: "Transport endpoint is already connected",
  EMFILE: "Too many open file descriptors",
  EMSGSIZE: "Message too long",
  EMTHREAD: "No thread available",
  ENAMETOOLONG: "File name too long",
  ENETDOWN: "Network is down",
  ENETUNREACH: "Network is unreachable",
  ENOCOMPATPROTO: "The protocol is not compatible with the socket type",
  ENODEV: "No such device",
  ENOENT: "No such endpoint",
  ENOTDIR: "Not a directory",
  ENOTSOCK: "Socket operation on non-socket",
  ENOTSUP: "Operation not supported",
  EPIPE: "Broken pipe",
  EPROTO: "Protocol error",
  EPROTONOSUPPORT: "Protocol not supported",
  ETERM: "Context was terminated",
  ETIMEDOUT: "Connection timed out",
} as const

/** These codes have a number in the operating system or in ZeroMQ. */
export type ErrnoCode = keyof typeof ERRNO_MESSAGES

/** The library itself gives these codes to a {@link ZmqError}. */
export type ZmqErrorCode = ErrnoCode | ProtocolCode

/** The `code` of a {@link ZmqError} can be any of these. Errors of the system, such as `"ENOSPC"`, keep their code. */
export type AnyErrorCode = ZmqErrorCode | (string & Record<never, never>)

/** An error may be made with these further facts. */
interface ZmqErrorDetail {
  /** This is the endpoint in question. */
  address?: string | undefined
  /** This says more, for people. */
  reason?: string | undefined
  /** A peer was refused with this status code of ZAP. */
  status?: RefusalStatus
  /** The error's text. By default it is the usual text of the code. */
  message?: string | undefined
  /** This is the error that led to the new one. */
  cause?: unknown
}

/**
 * All errors of the library are of this class. Programs test the `code`.
 *
 * @example
 * ```ts
 * await push.send("job").catch(error => {
 *   if (error.code !== "EAGAIN") throw error
 * })
 * ```
 */
export class ZmqError extends Error {
  /** This is the platform's number of the code, as a positive number. Codes of the protocol have none. */
  declare readonly errno?: number
  /** Programs tell errors apart by this, such as `"EADDRINUSE"`. */
  declare readonly code: AnyErrorCode
  /** This is the endpoint in question, where there is one. */
  declare readonly address?: string
  /** This says more, for people. */
  declare readonly reason?: string
  /** A peer was refused with this status code of ZAP (RFC 27): 300, 400 or 500. */
  declare readonly status?: RefusalStatus

  constructor(code: AnyErrorCode, { address, reason, status, message, cause }: ZmqErrorDetail = {}) {
    super(message ?? messageOf(code), cause === undefined ? undefined : { cause })
    // The properties are own and enumerable, and in the native package's order, because people print and compare them.
    if (!isProtocolCode(code))
      this.errno = ZMQ_ERRNO[code as keyof typeof ZMQ_ERRNO] ?? errnoByCode[code] ?? 0
    this.code = code
    if (address !== undefined) this.address = address
    if (reason !== undefined) this.reason = reason
    if (status !== undefined) this.status = status
  }
}

acceptCopies(ZmqError, "ZmqError")

/** Protocols whose names begin the codes of their errors, such as ERR_ZMTP_UNSPECIFIED. */
const PROTOCOL = /^ERR_(ZMTP|ZAP)_/

function isProtocolCode(code: string): code is ProtocolCode {
  return PROTOCOL.test(code)
}

function isErrnoCode(code: string): code is ErrnoCode {
  return Object.hasOwn(ERRNO_MESSAGES, code)
}

function messageOf(code: AnyErrorCode): string {
  if (isErrnoCode(code)) return ERRNO_MESSAGES[code]
  const protocol = PROTOCOL.exec(code)?.[1]
  return protocol === undefined ? code : `${protocol} protocol error`
}

/** Makes the error of a peer that broke the protocol. Its endpoint is not dialled again, as in libzmq. */
export function protocolError(code: ProtocolCode | "EMSGSIZE", reason: string): ZmqError {
  return new ZmqError(code, { reason })
}

const LONGEST_QUOTE = 255

/** Quotes a text that a peer chose, for an error's reason. It is cut and made printable, because logs show it. */
export function quoted(text: string): string {
  const start = text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}...` : text
  return JSON.stringify(start.replace(/[^\x20-\x7e]/g, "?"))
}

/** True for errors that a peer caused by breaking the protocol. */
export function isProtocolError(error: unknown): error is ZmqError {
  return error instanceof ZmqError && (isProtocolCode(error.code) || error.code === "EMSGSIZE")
}

const ofStrangers = new WeakSet<object>()

/**
 * Makes the error for a connection whose other end doesn't speak ZMTP. Most likely that is not the peer, but a load
 * balancer, proxy or gateway that answers while the peer is away.
 */
export function strangerError(reason: string): ZmqError {
  const error = protocolError("ERR_ZMTP_UNSPECIFIED", reason)
  ofStrangers.add(error)
  return error
}

/** The statuses of ZAP have these texts in the native package. */
const REFUSALS = { 300: "Temporary error", 400: "Authentication failure", 500: "Internal error" } as const

const byPeers = new WeakSet<object>()

/** Makes the error of a peer that we refuse. Its text never reaches the peer. */
export function refusalError(status: RefusalStatus, reason?: string): ZmqError {
  return new ZmqError("EACCES", { message: REFUSALS[status], status, reason })
}

/** Makes the error of a peer that refuses us. Its endpoint is not dialled again, as in libzmq. */
export function refusedByPeer(status: RefusalStatus): ZmqError {
  const error = refusalError(status, "the peer refused us")
  byPeers.add(error)
  return error
}

/**
 * True for protocol errors of ZMTP peers, and for peers that refuse us. Their endpoint is given up, because dialling again
 * would repeat the error.
 */
export function forbidsDialling(error: unknown): boolean {
  return (isProtocolError(error) || byPeers.has(Object(error))) && !ofStrangers.has(Object(error))
}

/** Notes that anybody on the way may have caused this error, so that dialling again may help. Returns the error. */
export function mayBeForged<E extends Error>(error: E): E {
  ofStrangers.add(error)
  return error
}

/** Codes of systems and runtimes have this form, such as ENOSPC or ERR_SOCKET_BAD_PORT. */
const CODE = /^E[A-Z0-9_]+$/

/**
 * Makes a ZmqError of an error of the runtime, and keeps its code. For known codes the message is the usual text of
 * the code, for others it is the runtime's. An error without a code becomes EPROTO, with its text as the reason.
 */
export function fromSystemError(error: unknown, address?: string): ZmqError {
  if (error instanceof ZmqError && (address === undefined || error.address === address)) return error
  const given = Object(error) as { code?: unknown; message?: unknown; reason?: unknown }
  const code = typeof given.code === "string" && CODE.test(given.code) ? given.code : undefined
  const text = typeof given.message === "string" && given.message !== "" ? given.message : undefined
  const reason = typeof given.reason === "string" ? given.reason : code === undefined ? text : undefined
  const isOurText = code === undefined || (!(error instanceof ZmqError) && isKnown(code))
  return new ZmqError(code ?? "EPROTO", {
    address,
    message: isOurText ? undefined : text,
    reason,
    cause: error,
  })
}

function isKnown(code: string): code is ZmqErrorCode {
  return isErrnoCode(code) || isProtocolCode(code)
}
