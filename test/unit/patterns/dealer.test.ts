/** DEALER beyond what the suite checks: zmtp.md 5.4. */
import { describe, expect, it } from "vitest"
import { DealerPattern } from "../../../patterns/dealer.ts"
import { connectedPipe, message, text } from "../../support/fake-pipe.ts"

describe("DEALER", () => {
  it("adds nothing to a message and takes nothing off", () => {
    const dealer = new DealerPattern({ probeRouter: false })
    const pipe = connectedPipe(dealer)
    for (const parts of [[""], ["", "x"], ["x", "", ""]]) {
      dealer.trySend(message(...parts))
      pipe.deliver(message(...parts))
      expect(text(dealer.tryReceive())).toEqual(parts)
    }
    expect(pipe.written.map(text)).toEqual([[""], ["", "x"], ["x", "", ""]])
  })

  it("sends and receives as it pleases", () => {
    const dealer = new DealerPattern({ probeRouter: false })
    const pipe = connectedPipe(dealer)
    for (let i = 0; i < 3; i++) expect(dealer.trySend(message("q"))).toBe(true)
    for (let i = 0; i < 3; i++) pipe.deliver(message("a"))
    for (let i = 0; i < 3; i++) expect(text(dealer.tryReceive())).toEqual(["a"])
    expect([dealer.canReceive(), dealer.refusal()]).toEqual([false, "EAGAIN"])
  })
})
