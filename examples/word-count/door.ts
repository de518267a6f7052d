/** The asking side of the ventilator's REP socket. */

import { Request } from "zeromq-ts"
import { withCodec } from "zeromq-ts/codec"
import { Complaint } from "./complaint.ts"
import { ANSWERS, type Answer, type Question } from "./protocol.ts"

/** Milliseconds. */
const ANSWER_WITHIN = 3_000

export async function ask(endpoint: string, question: Question): Promise<Answer> {
  const limits = { sendTimeout: ANSWER_WITHIN, receiveTimeout: ANSWER_WITHIN, linger: 0 }
  using door = withCodec(new Request(limits), ANSWERS)
  door.connect(endpoint)
  try {
    await door.send(question)
    return await door.receive()
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === "EBADMSG") throw new Complaint(`what answers at ${endpoint} is no word-count`, 1)
    if (code === "EAGAIN") throw new Complaint(`no word-count answers at ${endpoint}; has it ended?`, 1)
    throw error
  }
}
