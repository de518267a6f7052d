/** Sockets that speak TLS: `zeromq-ts/tls`. */
export {
  type Lookup,
  type Pem,
  type TlsCredentials,
  type TlsOptions,
  type TlsTransport,
  tls,
} from "../../transports/tls.ts"
