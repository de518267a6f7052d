/** These libraries can make the boxes of CURVE. */
export const BOX_PROVIDERS = ["libsodium", "noble", "sodium-native"] as const

export type BoxProvider = (typeof BOX_PROVIDERS)[number]
