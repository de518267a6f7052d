/** This stands in for src/lifetime/exit-guard.ts, and tells which pipes are watched. */
import { vi } from "vitest"

export const watched = new Set<unknown>()

export const deliveryChanged = vi.fn<(pipe: unknown) => void>()

export function watchAtExit(pipe: unknown): void {
  watched.add(pipe)
}

export function forgetAtExit(pipe: unknown): void {
  watched.delete(pipe)
}

export function forgetAll(): void {
  watched.clear()
  deliveryChanged.mockReset()
}
