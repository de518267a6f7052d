/** libsodium as a native addon. The parts that are used are declared here. */
declare module "sodium-native" {
  export interface Sodium {
    crypto_secretbox_easy(box: Uint8Array, plain: Uint8Array, nonce: Uint8Array, key: Uint8Array): void
    crypto_secretbox_open_detached(
      plain: Uint8Array,
      box: Uint8Array,
      tag: Uint8Array,
      nonce: Uint8Array,
      key: Uint8Array,
    ): boolean
  }
  const sodium: Sodium
  export default sodium
}
