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

/** Memory that nobody refers to any more is soon given back, that of terminated workers included. */
export const MEMORY_RETURNS = {
  missing: DENO,
  reason:
    "Deno keeps the memory of buffers for long, and ten MiB or so of a worker that was terminated at work",
}
