import { describe, it } from "vitest"
import { tls } from "../../../transports/tls.ts"
import { byteTransportSuite } from "../../suites/byte-transport.ts"
import { Authority } from "../../support/certificates.ts"

const malformed = ["", "foo", "127.0.0.1", "127.0.0.1:", "127.0.0.1:abc", "[::1:5", "a b:5", "host/x:5", ":5"]

const authority = await Authority.create()
const credentials = { ca: authority.cert, ...(await authority.issue()) }

byteTransportSuite("tls", { describe, it }, () => ({
  transport: tls(credentials),
  address: "127.0.0.1:*",
  nobody: "127.0.0.1:1",
  malformed,
}))

byteTransportSuite("tls over IPv6, with certificates on both sides", { describe, it }, () => ({
  transport: tls({ ...credentials, requestCert: true }),
  address: "[::1]:*",
  nobody: "[::1]:1",
  malformed,
  options: { ipv6: true },
}))

byteTransportSuite("tls 1.2", { describe, it }, () => ({
  transport: tls({ ...credentials, ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256", maxVersion: "TLSv1.2" }),
  address: "127.0.0.1:*",
  nobody: "127.0.0.1:1",
  malformed,
}))
