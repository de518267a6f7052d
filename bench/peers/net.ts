/** The floor: node:net with the least that messages need, frames of a length and a body, and nothing else. */
import { netIdleRoles } from "./net-idle.ts"
import { netPushPullRoles } from "./net-push-pull.ts"
import { netReqRepRoles } from "./net-req-rep.ts"
import { netRouterRoles } from "./net-router.ts"

export const netRoles = { ...netPushPullRoles, ...netReqRepRoles, ...netIdleRoles, ...netRouterRoles }
