/** The encoder and the decoder of frames share these constants (RFC 37, "Framing"). */
import { LONGEST_TOPIC } from "../base/limits.ts"
import { allocateShared } from "../base/runtime.ts"

/** This flag says that another frame of the same message follows. */
export const MORE = 0x01
/** This flag says that the size takes eight bytes instead of one. */
export const LONG = 0x02
/** This flag says that the body is a command, not a part of a message. */
export const COMMAND = 0x04

/** A body of at most this many bytes has a size of one byte. */
export const SHORT_LIMIT = 0xff
/** A long header has the flags and eight bytes of size. */
export const LONG_HEADER = 9

/** A frame of the handshake has at most this many bytes, because a larger one can only be an attack. */
export const HANDSHAKE_LIMIT = 64 * 1024
/** A command after the handshake has at most this many bytes. The largest one subscribes to the longest topic. */
export const COMMAND_LIMIT = LONGEST_TOPIC + "\tSUBSCRIBE".length

/** All empty bodies are this one. It can be shared, because it has no bytes to alter and can't be transferred. */
export const EMPTY: Buffer = allocateShared(0)
