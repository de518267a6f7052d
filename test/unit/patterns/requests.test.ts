import { beforeEach, expect, it } from "vitest"
import { PubPattern } from "../../../patterns/pub.ts"
import { Requests } from "../../../patterns/topics/requests.ts"
import { turnWork, WORK_PER_TURN } from "../../../src/base/turn-work.ts"
import { connectedPipe } from "../../support/fake-pipe.ts"

beforeEach(() => {
  turnWork.left = WORK_PER_TURN
})

it("an error in a later turn ends the connection of that peer alone, and the turn's work goes on", () => {
  const pub = new PubPattern({ noDrop: false, invertMatching: false })
  const [bad, good] = [connectedPipe(pub), connectedPipe(pub)]
  const applied: unknown[] = []
  const requests = new Requests({
    isData: () => false,
    apply(pipe) {
      if (pipe === bad) throw new Error("on purpose")
      applied.push(pipe)
    },
    take: () => true,
    onLeft: () => {},
  })
  turnWork.begin()
  turnWork.left = 0
  for (const pipe of [bad, good]) requests.control(pipe, { type: "subscribe", topic: Buffer.from("topic") })
  turnWork.end()
  turnWork.left = WORK_PER_TURN
  expect(requests.tidy()).toBe(false)
  expect(applied).toEqual([good])
  expect([bad.failures.length, good.failures.length]).toEqual([1, 0])
  expect([bad.held, good.held, turnWork.limited]).toEqual([false, false, false])
})
