/** Messages as values: `zeromq-ts/codec`. */
export { byTopic, type Codec, type Frame, type TopicCodec } from "../codecs/codec.ts"
export { InvalidMessageError } from "../codecs/invalid-message.ts"
export { json } from "../codecs/json.ts"
export { raw } from "../codecs/raw.ts"
export { checked, type InputOf, type Issue, type OutputOf, type StandardSchema } from "../codecs/schema.ts"
export {
  type CodecOptions,
  type Coded,
  type EnvelopeOptions,
  type ValueReader,
  type ValueWriter,
  withCodec,
} from "../codecs/with-codec.ts"
