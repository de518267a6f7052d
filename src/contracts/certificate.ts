/** This file defines the certificate by which a peer proves who it is (X.509, RFC 5280). */

/** A peer has shown this certificate, and has proved that it holds the private key. */
export interface PeerCertificate {
  /**
   * True when an authority that we trust has signed it, and it is valid now. It is false only where the transport was told to
   * take other certificates too.
   */
  readonly verified: boolean
  /** The subject has one attribute in each line, such as "O=Example\nCN=alice". It is empty when there is none. */
  readonly subject: string
  /** These are the alternative names with their kind, such as "DNS:node1.example" or "URI:spiffe://example/alice". */
  readonly subjectAltNames: readonly string[]
  /** This is the SHA-256 of the certificate, as 32 pairs of upper-case hexadecimal digits with colons between them. */
  readonly fingerprint256: string
}
