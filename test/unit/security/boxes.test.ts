/** Boxes: the vectors of NaCl ("Cryptography in NaCl", 10; tests/box.c and secretbox.c), through every provider. */
import sodium from "sodium-native"
import { beforeAll, describe, expect, it } from "vitest"
import {
  BOX_OVERHEAD,
  BOX_START,
  type Boxes,
  openBox,
  PAYLOAD_START,
  sealBox,
} from "../../../src/security/box/boxes.ts"
import { loadBoxes } from "../../../src/security/box/load.ts"
import { BOX_PROVIDERS } from "../../../src/security/box/providers.ts"
import { privateKeyOf, publicKeyOf, sharedSecret } from "../../../src/security/keys/x25519.ts"
import { Random } from "../../suites/random.ts"

const hex = (text: string) => Buffer.from(text, "hex")

const ALICE = hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")
const BOB = hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")
const FIRST_KEY = "1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389"
const NONCE = hex("69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37")
const MESSAGE = hex(
  "be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a1ac728d45e6c61296cdc3c01233561f41db66cce314adb310e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde048977eb48f59ffd4924ca1c60902e52f0a089bc76897040e082f937763848645e0705",
)
const BOX = hex(
  "f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186ac0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74e355a5",
)

/** The last sizes of one piece, and others around the borders of blocks and pieces. */
const PIECE = 16 * 1024
const SIZES = [0, 1, 30, 31, 32, 63, 64, 95, 1000, PIECE - 34, PIECE - 33, PIECE - 32, PIECE, 2 * PIECE - 33]
const LARGER = [2 * PIECE - 32, 3 * PIECE + 1, 65_536, 200_000]

const oracle = loadBoxes("sodium-native")

describe.each(BOX_PROVIDERS)("%s", provider => {
  let boxes: Boxes
  beforeAll(async () => {
    boxes = await loadBoxes(provider)
  })

  /** The body of a frame as it is received, with a box in it. */
  function sealed(size: number, flags = 1, high = 0, low = 5): { body: Buffer; payload: Buffer } {
    const payload = Buffer.from(Array.from({ length: size }, (_, i) => (i * 7 + size) % 256))
    const body = Buffer.alloc(BOX_START + BOX_OVERHEAD + size)
    stream().seal(high, low, flags, payload, body, BOX_START)
    return { body, payload }
  }

  const stream = (start = "CurveZMQMESSAGEC") => boxes.stream(hex(FIRST_KEY), Buffer.from(start))

  it("derives the key of two ends as NaCl does", () => {
    const secret = sharedSecret(privateKeyOf(ALICE), publicKeyOf(privateKeyOf(BOB)))
    expect(Buffer.from(boxes.deriveKey(secret, Buffer.alloc(16))).toString("hex")).toBe(FIRST_KEY)
  })

  it("derives the second key as NaCl does", () => {
    const second = boxes.deriveKey(hex(FIRST_KEY), NONCE.subarray(0, 16))
    expect(Buffer.from(second).toString("hex")).toBe(
      "dc908dda0b9344a953629b733820778880f3ceb421bb61b91cbd4c3e66256ce4",
    )
  })

  it("seals and opens NaCl's box", () => {
    expect(sealBox(boxes, hex(FIRST_KEY), NONCE, MESSAGE).toString("hex")).toBe(BOX.toString("hex"))
    expect(openBox(boxes, hex(FIRST_KEY), NONCE, BOX)?.toString("hex")).toBe(MESSAGE.toString("hex"))
  })

  it("opens no box that was altered at any bit, or cut", () => {
    for (let bit = 0; bit < BOX.length * 8; bit++) {
      const box = Buffer.from(BOX)
      box[bit >> 3]! ^= 1 << (bit & 7)
      expect(openBox(boxes, hex(FIRST_KEY), NONCE, box), `bit ${bit}`).toBeUndefined()
    }
    for (let size = 0; size < BOX.length; size++)
      expect(openBox(boxes, hex(FIRST_KEY), NONCE, BOX.subarray(0, size)), `${size} bytes`).toBeUndefined()
  })

  it("opens no box of another key or nonce", () => {
    for (let at = 0; at < 32; at++) {
      const key = hex(FIRST_KEY)
      key[at]! ^= 1
      expect(openBox(boxes, key, NONCE, BOX)).toBeUndefined()
    }
    for (let at = 0; at < 24; at++) {
      const nonce = Buffer.from(NONCE)
      nonce[at]! ^= 1
      expect(openBox(boxes, hex(FIRST_KEY), nonce, BOX)).toBeUndefined()
    }
  })

  it.each([...SIZES, ...LARGER])("seals %i bytes as the others do, and opens them", async size => {
    const { body, payload } = sealed(size)
    const others = Buffer.alloc(body.length)
    const start = Buffer.from("CurveZMQMESSAGEC")
    ;(await oracle).stream(hex(FIRST_KEY), start).seal(0, 5, 1, payload, others, BOX_START)
    expect(body.equals(others)).toBe(true)
    expect(stream().open(0, 5, body)).toBe(1)
    expect(body.subarray(PAYLOAD_START, PAYLOAD_START + size).equals(payload)).toBe(true)
  })

  it.each([0, 100, PIECE, 50_000])("opens no body of %i bytes that was altered", size => {
    const random = new Random()
    for (let i = 0; i < 50; i++) {
      const { body } = sealed(size)
      const bit = random.below((body.length - BOX_START) * 8)
      body[BOX_START + (bit >> 3)]! ^= 1 << (bit & 7)
      expect(stream().open(0, 5, body), `bit ${bit}, seed ${random.seed}`).toBe(-1)
    }
  })

  it("takes all 64 bits of a number", () => {
    const numbers = [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]
    for (const high of numbers)
      for (const low of numbers) {
        expect(stream().open(high, low, sealed(10, 3, high, low).body)).toBe(3)
        expect(stream().open(high ^ 1, low, sealed(10, 3, high, low).body)).toBe(-1)
        const nonce = Buffer.alloc(24)
        nonce.write("CurveZMQMESSAGEC")
        nonce.writeUInt32BE(high, 16)
        nonce.writeUInt32BE(low, 20)
        const box = sealed(10, 3, high, low).body.subarray(BOX_START)
        expect(openBox(boxes, hex(FIRST_KEY), nonce, box)?.[0]).toBe(3)
      }
  })

  it("keeps streams apart that take turns", () => {
    const [a, b] = [stream(), stream("CurveZMQMESSAGES")]
    for (let i = 0; i < 3; i++) {
      const [one, two] = [
        Buffer.alloc(BOX_START + BOX_OVERHEAD + 4),
        Buffer.alloc(BOX_START + BOX_OVERHEAD + 4),
      ]
      a.seal(0, i, 0, Buffer.from("left"), one, BOX_START)
      b.seal(0, i, 2, Buffer.from("righ"), two, BOX_START)
      expect([a.open(0, i, one), b.open(0, i, two)]).toEqual([0, 2])
      expect(a.open(0, i, two)).toBe(-1)
    }
  })

  it("writes nothing beside the box", () => {
    const target = Buffer.alloc(200, 9)
    stream().seal(0, 1, 1, Buffer.alloc(100), target, 20)
    expect(target.subarray(0, 20).every(byte => byte === 9)).toBe(true)
    expect(target.subarray(20 + 100 + BOX_OVERHEAD).every(byte => byte === 9)).toBe(true)
  })

  it("keeps its own copy of the key, and overwrites that when it is closed", () => {
    const key = hex(FIRST_KEY)
    const own = boxes.stream(key, Buffer.from("CurveZMQMESSAGEC"))
    key.fill(0)
    expect(own.open(0, 5, sealed(4).body)).toBe(1)
    own.close()
    expect(own.open(0, 5, sealed(4).body)).toBe(-1)
  })

  it("opens an empty box", () => {
    const box = Buffer.alloc(16)
    sodium.crypto_secretbox_easy(box, Buffer.alloc(0), NONCE, hex(FIRST_KEY))
    expect(openBox(boxes, hex(FIRST_KEY), NONCE, box)?.length).toBe(0)
    box[3]! ^= 1
    expect(openBox(boxes, hex(FIRST_KEY), NONCE, box)).toBeUndefined()
  })
})

it("is loaded once", () => {
  expect(loadBoxes("libsodium")).toBe(loadBoxes("libsodium"))
})
