/** The package exports the public surface by name, and all of it as the default export. */
export * from "../index.ts"
// Many import the native package as a default, since it is a CommonJS module.
export * as default from "../index.ts"
