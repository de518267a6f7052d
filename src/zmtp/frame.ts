/** What the two directions of framing share (RFC 37, "Framing"). */
import { LONGEST_TOPIC } from "../base/limits.ts"
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

/** Any frame that is larger before the handshake is over is an attack. */
export const HANDSHAKE_LIMIT = 64 * 1024
/** Most bytes of a command in traffic. The largest subscribes to the longest topic. */
export const COMMAND_LIMIT = LONGEST_TOPIC + "\tSUBSCRIBE".length

/** Every empty body; without bytes there is nothing to write to, so it may be shared. */
export const EMPTY: Buffer = allocate(0)
