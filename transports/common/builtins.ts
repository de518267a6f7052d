/**
 * Modules of Node's that are loaded with the library by `import` though few programs come to use them, or that an `import`
 * makes load parts that nobody asked for (for `node:fs`, its streams): a tenth of the time that loading the library takes.
 */

export const fs = process.getBuiltinModule("node:fs")
export const paths = process.getBuiltinModule("node:path")
export const util = process.getBuiltinModule("node:util")

/** Loaded at its first use. */
export function dns(): typeof import("node:dns/promises") {
  return process.getBuiltinModule("node:dns/promises")
}
