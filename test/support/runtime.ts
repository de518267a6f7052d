/** What does not hold on some runtimes, with the reason to print for what is left out there. */
const DENO = "Deno" in globalThis

/** A worker stays until its queued messages are taken. */
export const WORKERS_LINGER = {
  missing: DENO,
  reason: "Deno tells a worker nothing of its end: it doesn't wait for queued messages to be taken",
}

/** Two threads can call each other as if they were one. */
export const THREADS_COUPLE = {
  missing: DENO,
  reason: "on Deno a port that is listened to can't be read from by receiveMessageOnPort()",
}

/** The memory of buffers that nobody refers to any more is soon given back. */
export const MEMORY_RETURNS = {
  missing: DENO,
  reason: "on Deno the sender's memory grows beyond the bound, for a reason that is not known",
}

/** So is that of workers that were terminated at work. */
export const DEAD_WORKERS_FADE = {
  missing: DENO || "Bun" in globalThis,
  reason: "on Deno and Bun resident memory grows with each worker that was terminated at work",
}
