/** The fixed limits of what a peer may send. What is sent keeps to them too, because no peer would take more. */

/** Most bytes of a topic. To remember a longer one takes so long that others would have to wait for it. */
export const LONGEST_TOPIC = 1024 * 1024

/** Most bytes of a routing id (RFC 37, "Identity"). */
export const LONGEST_ROUTING_ID = 255
