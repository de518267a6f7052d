/**
 * This build of msgpackr makes no code at run time, and looks for no native addon. It has no types of its own, so the parts
 * that are used are declared here.
 */
declare module "msgpackr/index-no-eval" {
  export interface Options {
    readonly useRecords: boolean
    readonly mapsAsObjects: boolean
    readonly structuredClone: boolean
    readonly copyBuffers: boolean
    readonly variableMapSize: boolean
    readonly structures?: string[][]
    readonly maxSharedStructures: number
    readonly maxOwnStructures: number
  }

  export class Packr {
    constructor(options: Options)
    pack(value: unknown): Buffer
  }

  export class Unpackr {
    constructor(options: Options)
    unpack(bytes: Uint8Array): unknown
  }

  interface Room {
    readonly target: Buffer
    readonly position: number
  }

  export interface Extension {
    readonly Class: { [Symbol.hasInstance](value: unknown): boolean }
    readonly type: number
    pack(
      this: { readonly moreTypes?: boolean },
      value: ArrayBufferView,
      allocate: (size: number) => Room,
    ): void
    unpack(data: Buffer): unknown
  }

  /** A replacement is for the values of a class. The result of write() is encoded instead of the value. */
  export interface Replacement {
    readonly Class: { [Symbol.hasInstance](value: unknown): boolean }
    write(value: object): unknown
  }

  export function addExtension(extension: Extension | Replacement): void
}
