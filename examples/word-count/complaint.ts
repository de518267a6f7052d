import { getSystemErrorMap } from "node:util"

/** An error that is told to the user in one line, without a stack. */
export class Complaint extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode = 2) {
    super(message)
    this.exitCode = exitCode
  }
}

/** What went wrong, in words: "no such file or directory". */
export function reasonOf(error: unknown): string {
  const { errno, message } = error as NodeJS.ErrnoException
  return getSystemErrorMap().get(errno ?? 0)?.[1] ?? message
}
