import type { PeerCertificate } from "../contracts/certificate.ts"
import type { Credentials, PeerToAuthenticate } from "../contracts/security.ts"
import { encodeZ85 } from "./keys/z85.ts"

/** An authenticator is given such an object. The password is no own property, so that printing it doesn't show that. */
export class AskingPeer implements PeerToAuthenticate {
  readonly mechanism: PeerToAuthenticate["mechanism"]
  readonly socketType: string | undefined
  readonly username: string | undefined
  readonly publicKey: string | undefined
  readonly publicKeyBytes: Uint8Array | undefined
  readonly #password: string | undefined

  /** Throws TypeError for a name or a password that isn't UTF-8. */
  constructor(
    credentials: Credentials,
    readonly address: string,
    readonly endpoint: string,
    readonly certificate: PeerCertificate | undefined,
    readonly signal: AbortSignal,
  ) {
    this.mechanism = credentials.mechanism
    if (credentials.mechanism === "PLAIN") {
      const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      this.username = text.decode(credentials.username)
      this.#password = text.decode(credentials.password)
    } else if (credentials.mechanism === "CURVE") {
      this.socketType = credentials.socketType
      this.publicKey = encodeZ85(credentials.publicKey)
      this.publicKeyBytes = credentials.publicKey
    }
  }

  get password(): string | undefined {
    return this.#password
  }
}
