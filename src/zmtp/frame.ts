/** What the two directions of framing share (RFC 37, "Framing"). */
import { allocate } from "../base/runtime.ts"

/** Another frame of the same message follows. */
export const MORE = 0x01
/** The size takes eight bytes instead of one. */
export const LONG = 0x02
/** The body is a command, not part of a message. */
export const COMMAND = 0x04

/** Longest body whose size fits the one-byte form. */
export const SHORT_LIMIT = 0xff
/** Flags and eight bytes of size. */
export const LONG_HEADER = 9

/** No frame and no message is larger, whatever the socket's options allow: 2^31 - 1 bytes, as libzmq's int sizes. */
export const HARD_LIMIT = 0x7fff_ffff
/** A command larger than this is an attack, and so is any frame before the handshake is over. */
export const COMMAND_LIMIT = 64 * 1024

/** Every empty body; without bytes there is nothing to write to, so it may be shared. */
export const EMPTY: Buffer = allocate(0)
