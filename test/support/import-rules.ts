/**
 * Who may import whom: each folder with all that its own files import. The test of imports holds every rule, in both
 * directions: an import that no rule allows fails it, and so does a rule that no file needs any more.
 */
export const IMPORT_RULES: Readonly<Record<string, readonly string[]>> = {
  "src/contracts": [],
  "src/base": ["node:", "package.json", "src/contracts"],
  "src/options": ["src/base", "src/contracts", "src/options/kinds", "src/options/rows"],
  "src/options/kinds": ["src/base", "src/contracts", "src/security/keys"],
  "src/options/rows": ["src/base", "src/contracts", "src/options/kinds", "src/security/box"],
  "src/security/keys": ["node:", "src/base"],
  "src/security/box": ["@noble/ciphers/salsa.js", "libsodium-sumo", "sodium-native", "src/base"],
  "src/lifetime": ["src/base"],
  "src/zmtp": ["src/base", "src/contracts"],
  "src/zmtp/mechanisms": [
    "src/base",
    "src/contracts",
    "src/security",
    "src/security/box",
    "src/security/keys",
    "src/zmtp",
  ],
  "src/security": ["node:", "src/base", "src/contracts", "src/security/box", "src/security/keys", "src/zmtp"],
  "src/connections": ["src/base", "src/contracts", "src/zmtp", "src/zmtp/mechanisms"],
  "src/pipes": ["src/base", "src/contracts", "src/lifetime"],
  "src/traffic": ["src/base", "src/contracts", "src/lifetime"],
  "src/events": ["node:", "src/base", "src/lifetime"],
  "src/context": [
    "src/base",
    "src/contracts",
    "src/options",
    "src/options/kinds",
    "src/options/rows",
    "src/traffic",
  ],
  "src/endpoints": [
    "src/base",
    "src/connections",
    "src/context",
    "src/contracts",
    "src/events",
    "src/lifetime",
    "src/options",
    "src/pipes",
    "src/security",
    "src/security/box",
    "src/security/keys",
    "src/traffic",
    "src/zmtp",
    "src/zmtp/mechanisms",
  ],
  "src/socket": [
    "src/base",
    "src/context",
    "src/contracts",
    "src/endpoints",
    "src/events",
    "src/lifetime",
    "src/options",
    "src/pipes",
    "src/traffic",
  ],
  src: [
    "patterns",
    "src/base",
    "src/context",
    "src/contracts",
    "src/endpoints",
    "src/events",
    "src/options",
    "src/security",
    "src/security/keys",
    "src/socket",
    "transports",
  ],
  "src/codecs": ["msgpackr/index-no-eval", "src", "src/base"],
  "src/entries": ["src", "src/codecs", "test/suites", "transports"],
  patterns: ["patterns/routing", "patterns/topics", "src/base", "src/contracts"],
  "patterns/routing": ["src/base", "src/contracts"],
  "patterns/topics": ["patterns/routing", "src/base", "src/contracts"],
  transports: [
    "node:",
    "src/base",
    "src/contracts",
    "transports/common",
    "transports/inproc",
    "transports/ipc",
    "transports/net",
    "transports/tcp",
    "transports/threads",
    "transports/tls",
  ],
  "transports/common": ["node:", "src/base"],
  "transports/net": ["node:", "src/base", "src/contracts", "transports/common"],
  "transports/tcp": ["node:", "src/base", "src/contracts", "transports/common", "transports/net"],
  "transports/ipc": ["node:", "src/base", "src/contracts", "transports/common", "transports/net"],
  "transports/tls": ["node:", "src/base", "src/contracts"],
  "transports/inproc": ["src/base", "src/contracts", "transports/common"],
  "transports/threads": ["node:", "src/base", "src/contracts", "transports/common", "transports/inproc"],
}

/** The rules as a table for src/README.md. */
export function rulesTable(): string {
  const rows = Object.entries(IMPORT_RULES).map(([folder, targets]) => {
    const names = targets.map(name => `\`${name}\``).join(" ")
    return `| \`${folder}\` | ${names || "nothing"} |`
  })
  return ["| files in | import from |", "| --- | --- |", ...rows].join("\n")
}
