import { describe, it } from "vitest"
import { tcp } from "../../../transports/tcp.ts"
import { byteTransportSuite } from "../../suites/byte-transport.ts"

const malformed = ["", "foo", "127.0.0.1", "127.0.0.1:", "127.0.0.1:abc", "[::1:5", "a b:5", "host/x:5", ":5"]

byteTransportSuite("tcp", { describe, it }, () => ({
  transport: tcp(),
  address: "127.0.0.1:*",
  nobody: "127.0.0.1:1",
  malformed,
}))

byteTransportSuite("tcp over IPv6", { describe, it }, () => ({
  transport: tcp(),
  address: "[::1]:*",
  nobody: "[::1]:1",
  malformed,
  options: { ipv6: true },
}))
