import { describe, it } from "vitest"
import { byteTransportSuite } from "../../suites/byte-transport.ts"
import { homeMade } from "../../support/home-made-transport.ts"

byteTransportSuite("loop, home-made", { describe, it }, () => ({
  transport: homeMade(),
  address: "somewhere",
  nobody: "nowhere",
  malformed: ["", "A", "a/b"],
}))
