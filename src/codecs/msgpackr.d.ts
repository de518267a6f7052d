/**
 * The build of msgpackr that makes no code at run time and looks for no native addon, in ESM and CJS alike. It comes
 * without types; these are the parts of it that are used.
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

  /** Stands in for the values of a class: what write() returns is encoded in their place. */
  export interface Replacement {
    readonly Class: { [Symbol.hasInstance](value: unknown): boolean }
    write(value: object): unknown
  }

  export function addExtension(extension: Extension | Replacement): void
}
