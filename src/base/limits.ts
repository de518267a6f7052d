/** These are the fixed limits of messages. They hold for sending too, because no peer would take more. */

/** A topic has at most this many bytes, because others would have to wait while a longer one is stored. */
export const LONGEST_TOPIC = 1024 * 1024

/** A routing id has at most this many bytes (RFC 37, "Identity"). */
export const LONGEST_ROUTING_ID = 255

/** A message, and any part of it, has at most this many bytes. It is the limit of an int, which libzmq uses for sizes. */
export const LARGEST_MESSAGE = 0x7fff_ffff

/** A message has at most this many parts. */
export const MOST_PARTS = 2 ** 20

/** A message of at least this many parts counts in the budgets of parts. */
export const MANY_PARTS = 1024

/** The unfinished messages of many parts have at most this many parts together: 256 MiB. So have a socket's unread ones. */
export const MOST_PARTS_TOGETHER = 2 ** 21

/** A peer is not read on while its unread messages of many parts have this many parts: 16 MiB. */
export const MOST_PARTS_OF_PEER = 2 ** 17

/**
 * Each part of a multipart message counts as this many bytes more than it has. A part takes about as much memory besides
 * its own bytes.
 */
export const PART_COST = 128
