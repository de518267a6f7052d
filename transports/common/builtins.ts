/**
 * This module gets built-in modules of Node without `import`, because that makes loading the library a tenth faster. An
 * `import` loads modules that few programs use, or parts that nobody needs (such as the streams of `node:fs`).
 */

export const fs = process.getBuiltinModule("node:fs")
export const paths = process.getBuiltinModule("node:path")
export const util = process.getBuiltinModule("node:util")

/** Returns `node:dns/promises`, which is loaded at its first use. */
export function dns(): typeof import("node:dns/promises") {
  return process.getBuiltinModule("node:dns/promises")
}
