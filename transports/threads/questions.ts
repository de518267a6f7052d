/**
 * This module has what a thread needs to talk to others. It is loaded when another thread has a name, or asks for one,
 * because most programs have one thread.
 */
export { answerLinkRequest, requestLink } from "./link-request.ts"
export { anyEnded, isHeldBy } from "./survey.ts"
