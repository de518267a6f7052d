const nobodyWakes = new Int32Array(new SharedArrayBuffer(4))

/** Keeps the event loop from turning for so long (ms), as a long computation does. */
export function block(milliseconds: number): void {
  Atomics.wait(nobodyWakes, 0, 0, milliseconds)
}
