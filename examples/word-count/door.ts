/** The asking side of the ventilator's REP socket. */

import { Request } from "zeromq-ts"
import { Complaint } from "./complaint.ts"
import { type Answer, decode, encode, type Question } from "./protocol.ts"

/** Milliseconds. */
const ANSWER_WITHIN = 3_000

export async function ask(endpoint: string, question: Question): Promise<Answer> {
  const door = new Request({ sendTimeout: ANSWER_WITHIN, receiveTimeout: ANSWER_WITHIN, linger: 0 })
  try {
    door.connect(endpoint)
    await door.send(encode(question))
    const [frame] = await door.receive()
    const answer = decode<Answer>(frame)
    if (answer?.type === "welcome" || answer?.type === "state") return answer
    throw new Complaint(`what answers at ${endpoint} is no word-count`, 1)
  } catch (error) {
    if ((error as { code?: string }).code !== "EAGAIN") throw error
    throw new Complaint(`no word-count answers at ${endpoint}; has it ended?`, 1)
  } finally {
    door.close()
  }
}
