/** Values as MessagePack: `zeromq-ts/msgpack`. */
export { type MsgpackOptions, msgpack } from "../codecs/msgpack.ts"
