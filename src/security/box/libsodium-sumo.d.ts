/**
 * libsodium compiled to WebAssembly, with its single functions. It has no types of its own, so the parts that are used are
 * declared here. Arguments are addresses in its memory; sizes come in two halves of 32 bits.
 */
declare module "libsodium-sumo" {
  export interface SodiumModule {
    readonly HEAPU8: Uint8Array
    _malloc(size: number): number
    _crypto_core_hsalsa20(out: number, input: number, key: number, constant: number): number
    _crypto_stream_salsa20_xor_ic(
      out: number,
      input: number,
      size: number,
      sizeHigh: number,
      nonce: number,
      block: number,
      blockHigh: number,
      key: number,
    ): number
    _crypto_onetimeauth(out: number, input: number, size: number, sizeHigh: number, key: number): number
    _crypto_onetimeauth_statebytes(): number
    _crypto_onetimeauth_init(state: number, key: number): number
    _crypto_onetimeauth_update(state: number, input: number, size: number, sizeHigh: number): number
    _crypto_onetimeauth_final(state: number, out: number): number
  }

  /** Makes an instance with memory of its own. */
  const instantiate: () => Promise<SodiumModule>
  export default instantiate
}
