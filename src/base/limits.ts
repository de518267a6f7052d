/** The fixed limits of what a peer may send. What is sent keeps to them too, because no peer would take more. */

/** Most bytes of a topic. To remember a longer one takes so long that others would have to wait for it. */
export const LONGEST_TOPIC = 1024 * 1024

/** Most bytes of a routing id (RFC 37, "Identity"). */
export const LONGEST_ROUTING_ID = 255

/** Most bytes of a message, and of any part of it: 2^31 - 1, as libzmq's int sizes. */
export const LARGEST_MESSAGE = 0x7fff_ffff

/** Most parts of a message. */
export const MOST_PARTS = 2 ** 20

/** A part of a message of several counts as so many bytes more, about as many as it takes beside its own. */
export const PART_COST = 128
