/** Keys: Z85 by RFC 32, X25519 by RFC 7748, pairs as in zmq_curve_keypair(3) and zmq_curve_public(3). */
import { describe, expect, it } from "vitest"
import { curveKeyPair, curvePublicKey } from "../../../src/security/keys/key-pair.ts"
import { makePrivateKey, privateKeyOf, publicKeyOf, sharedSecret } from "../../../src/security/keys/x25519.ts"
import { decodeZ85, encodeZ85 } from "../../../src/security/keys/z85.ts"
import { Random } from "../../suites/random.ts"

const hex = (text: string) => Buffer.from(text, "hex")

describe("Z85", () => {
  it("has the example of RFC 32", () => {
    expect(encodeZ85(hex("864fd26fb559f75b"))).toBe("HelloWorld")
    expect(decodeZ85("HelloWorld").toString("hex")).toBe("864fd26fb559f75b")
  })

  it.each(["00000000", "ffffffff", "80000000", "7fffffff", ""])("keeps %s", bytes => {
    expect(decodeZ85(encodeZ85(hex(bytes))).toString("hex")).toBe(bytes)
  })

  it("keeps random bytes", () => {
    const random = new Random()
    for (let i = 0; i < 200; i++) {
      const bytes = Buffer.from(Array.from({ length: 4 * random.below(20) }, () => random.below(256)))
      expect(decodeZ85(encodeZ85(bytes)), `seed ${random.seed}`).toEqual(bytes)
    }
  })

  it.each<[string, string, string]>([
    ["a wrong length", "abcd", "Z85 has a multiple of 5 characters, and these are 4"],
    ["a character of no value", "abcd~", "the character at index 4 is not one of Z85"],
    ["a character beyond ASCII", "0000é", "the character at index 4 is not one of Z85"],
    ["a group that is too large", "00000#####", "the characters from index 5 on stand for more than 4 bytes"],
    [
      "the least group that is too large",
      "%nSc1",
      "the characters from index 0 on stand for more than 4 bytes",
    ],
  ])("refuses %s", (_, text, reason) => {
    expect(() => decodeZ85(text)).toThrow(expect.objectContaining({ code: "EINVAL", reason }))
  })

  it("knows the largest group", () => {
    expect(encodeZ85(hex("ffffffff"))).toBe("%nSc0")
  })

  it("refuses bytes that are no groups, and values of other types", () => {
    expect(() => encodeZ85(Buffer.alloc(31))).toThrow(expect.objectContaining({ code: "EINVAL" }))
    expect(() => encodeZ85("HelloWorld" as never)).toThrow(TypeError)
    expect(() => decodeZ85(Buffer.alloc(5) as never)).toThrow(TypeError)
  })
})

describe("X25519", () => {
  // RFC 7748, 6.1.
  const alice = hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")
  const alicePublic = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
  const bob = hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")
  const bobPublic = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
  const shared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"

  it("has the pairs and the shared secret of RFC 7748", () => {
    expect(publicKeyOf(privateKeyOf(alice)).toString("hex")).toBe(alicePublic)
    expect(sharedSecret(privateKeyOf(alice), hex(bobPublic)).toString("hex")).toBe(shared)
    expect(publicKeyOf(privateKeyOf(bob)).toString("hex")).toBe(bobPublic)
    expect(sharedSecret(privateKeyOf(bob), hex(alicePublic)).toString("hex")).toBe(shared)
  })

  it.each([
    [
      "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
      "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
      "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
    ],
    [
      "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
      "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
      "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
    ],
  ])("has the vector %s of RFC 7748", (scalar, point, result) => {
    expect(sharedSecret(privateKeyOf(hex(scalar)), hex(point)).toString("hex")).toBe(result)
  })

  it("has RFC 7748's result after a thousand steps", () => {
    let k: Buffer = hex("0900000000000000000000000000000000000000000000000000000000000000")
    let u = k
    for (let i = 0; i < 1000; i++) [k, u] = [sharedSecret(privateKeyOf(k), u), k]
    expect(k.toString("hex")).toBe("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51")
  })

  it("agrees with the other end of a key that only Node has", () => {
    const own = makePrivateKey()
    const other = makePrivateKey()
    expect(sharedSecret(own, publicKeyOf(other))).toEqual(sharedSecret(other, publicKeyOf(own)))
    expect(publicKeyOf(makePrivateKey())).not.toEqual(publicKeyOf(own))
  })

  /** The points of low order, and some of their other encodings (RFC 7748, 6.1; curve25519 by D. J. Bernstein). */
  it.each([
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000080",
  ])("refuses the public key %s of low order", point => {
    expect(() => sharedSecret(makePrivateKey(), hex(point))).toThrow()
  })
})

describe("a pair of keys", () => {
  // zmq_curve(7) has this pair.
  const pair = {
    publicKey: "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID",
    secretKey: "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs",
  }

  it("is new each time, in Z85", () => {
    const pairs = [curveKeyPair(), curveKeyPair()]
    expect(new Set(pairs.flatMap(({ publicKey, secretKey }) => [publicKey, secretKey])).size).toBe(4)
    for (const { publicKey, secretKey } of pairs) {
      expect(decodeZ85(secretKey).length).toBe(32)
      expect(curvePublicKey(secretKey)).toBe(publicKey)
    }
  })

  it("has the public key of the manual's example", () => {
    expect(curvePublicKey(pair.secretKey)).toBe(pair.publicKey)
    expect(curvePublicKey(decodeZ85(pair.secretKey))).toBe(pair.publicKey)
  })

  it.each<[string, unknown]>([
    ["a text that is too short", pair.secretKey.slice(5)],
    ["a text that is no Z85", `${pair.secretKey.slice(1)}~`],
    ["31 bytes", Buffer.alloc(31)],
  ])("refuses %s, and tells nothing of it", (_, key) => {
    const error = (() => {
      try {
        return curvePublicKey(key as string)
      } catch (thrown) {
        return thrown as Error
      }
    })()
    expect(error).toMatchObject({ code: "EINVAL" })
    expect(JSON.stringify(error)).not.toContain(pair.secretKey.slice(5, 15))
  })

  it("refuses values of other types", () => {
    for (const key of [undefined, null, 5, {}]) expect(() => curvePublicKey(key as never)).toThrow(TypeError)
  })
})
