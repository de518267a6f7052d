/** Socket types by number, as versions 1 and 2 of the protocol tell them (RFC 15, "The Greeting"). */
import { SOCKET_TYPES, type SocketType } from "../base/socket-types.ts"

const types: readonly SocketType[] = Object.values(SOCKET_TYPES)

/** A type without a number has -1. */
export function numberOf(name: string): number {
  return rowOf(name)?.id ?? -1
}

/** The name of a type, or undefined for a number that no type has. */
export function typeOf(number: number): string | undefined {
  return types.find(({ id, wire }) => id === number && wire === "zmtp")?.name
}

/** True for the types whose peers subscribe. */
export function publishes(name: string): boolean {
  return rowOf(name)?.publishes === true
}

function rowOf(name: string): SocketType | undefined {
  return types.find(type => type.name === name)
}
