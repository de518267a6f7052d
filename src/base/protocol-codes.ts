/**
 * A peer that breaks the protocol causes one of these errors. The native package has the same codes in its events. Only
 * types and the README are made of the texts, so that programs don't load them.
 */
export const PROTOCOL_CODES = {
  ERR_ZMTP_UNSPECIFIED: "the peer broke the protocol",
  ERR_ZMTP_UNEXPECTED_COMMAND: "a command came where it is not allowed",
  ERR_ZMTP_INVALID_SEQUENCE: "a nonce of CURVE did not rise",
  ERR_ZMTP_KEY_EXCHANGE: "the keys of a CURVE handshake do not go together",
  ERR_ZMTP_CRYPTOGRAPHIC: "a box of CURVE could not be opened",
  ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED: "a command could not be parsed",
  ERR_ZMTP_MALFORMED_COMMAND_MESSAGE: "a MESSAGE command could not be parsed",
  ERR_ZMTP_MALFORMED_COMMAND_HELLO: "a HELLO command could not be parsed",
  ERR_ZMTP_MALFORMED_COMMAND_WELCOME: "a WELCOME command could not be parsed",
  ERR_ZMTP_MALFORMED_COMMAND_INITIATE: "an INITIATE command could not be parsed",
  ERR_ZMTP_MALFORMED_COMMAND_ERROR: "an ERROR command could not be parsed",
  ERR_ZMTP_MALFORMED_COMMAND_READY: "a READY command could not be parsed",
  ERR_ZMTP_INVALID_METADATA: "the metadata is malformed, or the socket types do not go together",
  ERR_ZMTP_MECHANISM_MISMATCH: "the peer uses another security mechanism",
  ERR_ZAP_UNSPECIFIED: "the authentication handler broke its protocol",
  ERR_ZAP_MALFORMED_REPLY: "the authentication handler's reply does not have seven parts",
  ERR_ZAP_BAD_REQUEST_ID: "the authentication handler's reply is for another request",
  ERR_ZAP_BAD_VERSION: "the authentication handler's reply has another version",
  ERR_ZAP_INVALID_STATUS_CODE: "the authentication handler's reply has an unknown status code",
  ERR_ZAP_INVALID_METADATA: "the metadata of the authentication handler's reply is malformed",
} as const

/** These are the codes of errors that a peer causes by breaking the protocol. */
export type ProtocolCode = keyof typeof PROTOCOL_CODES
