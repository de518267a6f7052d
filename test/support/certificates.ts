/** Certificates for tests, made anew in each process. */
import { generate, type SelfsignedOptions } from "selfsigned"

/** A certificate and its private key, in PEM. */
export interface Identity {
  readonly cert: string
  readonly key: string
}

interface Wishes {
  /** The subject's common name. */
  readonly name?: string
  /** Host names, addresses and URIs. */
  readonly names?: readonly string[]
  /** Days until it ends; a negative number for one that has ended. */
  readonly days?: number
}

const DAY = 24 * 60 * 60 * 1000

/** An authority that signs certificates. */
export class Authority {
  readonly #own: Identity

  private constructor(own: Identity) {
    this.#own = own
  }

  static async create(name = "Authority"): Promise<Authority> {
    return new Authority(
      await make(
        { name },
        {
          extensions: [
            { name: "basicConstraints", cA: true, critical: true },
            { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
          ],
        },
      ),
    )
  }

  /** Its own certificate, in PEM. */
  get cert(): string {
    return this.#own.cert
  }

  /** By default for a server at 127.0.0.1, ::1 and localhost. */
  async issue(wishes: Wishes = {}): Promise<Identity> {
    return make(wishes, { ca: this.#own, extensions: extensionsFor(wishes) })
  }
}

/** A certificate that is signed by its own key. */
export function selfSigned(wishes: Wishes = {}): Promise<Identity> {
  return make(wishes, { extensions: extensionsFor(wishes) })
}

function extensionsFor({
  names = ["127.0.0.1", "::1", "localhost"],
}: Wishes): NonNullable<SelfsignedOptions["extensions"]> {
  return [
    { name: "basicConstraints", cA: false, critical: true },
    { name: "extKeyUsage", serverAuth: true, clientAuth: true },
    { name: "subjectAltName", altNames: names.map(altName) },
  ] as NonNullable<SelfsignedOptions["extensions"]>
}

function altName(name: string) {
  if (name.includes("//")) return { type: 6, value: name }
  return /^[\d.]+$|::/.test(name) ? { type: 7, ip: name } : { type: 2, value: name }
}

async function make({ name = "node", days = 30 }: Wishes, options: SelfsignedOptions): Promise<Identity> {
  const now = Date.now()
  const made = await generate([{ name: "commonName", value: name }], {
    keyType: "ec",
    algorithm: "sha256",
    notBeforeDate: new Date(now - 60 * DAY),
    notAfterDate: new Date(now + days * DAY),
    ...options,
  })
  return { cert: made.cert, key: made.private }
}
