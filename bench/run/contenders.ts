/** Who is compared: each speaks the same ZMTP or none, and is told what to do by the same orders (child.ts). */

export const CONTENDERS = [
  "ours",
  "ours-try",
  "ours-cjs",
  "ours-sodium-native",
  "ours-noble",
  "native",
  "libzmq",
  "net",
  "port",
] as const
export type Contender = (typeof CONTENDERS)[number]

/** `await`: a promise per message; `try`: trySend() and batches(). */
export type Api = "await" | "try"

/** How a contender's processes are started. */
export type Program =
  /** A role of bench/peers/, given what it is to import. */
  | { readonly kind: "node"; readonly packageName: string; readonly api: Api; readonly curve?: string }
  /** A role of bench/peers/ that uses no package; the contender's name and a hyphen stand before its name. */
  | { readonly kind: "floor" }
  /** A role of bench/peers/libzmq.c. */
  | { readonly kind: "c" }

const COMMON_JS = new URL("../../dist/index.cjs", import.meta.url).href

export const PROGRAMS: Readonly<Record<Contender, Program>> = {
  ours: { kind: "node", packageName: "zeromq-ts", api: "await" },
  "ours-try": { kind: "node", packageName: "zeromq-ts", api: "try" },
  // By its path: by name, Node takes the ES modules for require() too.
  "ours-cjs": { kind: "node", packageName: COMMON_JS, api: "await" },
  // These two differ in rows with CURVE only.
  "ours-sodium-native": { kind: "node", packageName: "zeromq-ts", api: "await", curve: "sodium-native" },
  "ours-noble": { kind: "node", packageName: "zeromq-ts", api: "await", curve: "noble" },
  native: { kind: "node", packageName: "zeromq", api: "await" },
  libzmq: { kind: "c" },
  net: { kind: "floor" },
  port: { kind: "floor" },
}

/** As the tables and charts call them. */
export const NAMES: Readonly<Record<Contender, string>> = {
  ours: "zeromq-ts, await",
  "ours-try": "zeromq-ts, trySend/batches",
  "ours-cjs": "zeromq-ts, CommonJS",
  "ours-sodium-native": "zeromq-ts, sodium-native",
  "ours-noble": "zeromq-ts, @noble/ciphers",
  native: "native zeromq",
  libzmq: "libzmq in C",
  net: "bare node:net",
  port: "bare MessagePort",
}
