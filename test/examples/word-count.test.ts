import { appendFileSync, rmSync, truncateSync } from "node:fs"
import { join } from "node:path"
import { afterEach, expect, test } from "vitest"
import { endAll, Run } from "./run.ts"
import { addUnreadable, emptyFolder, longFolder, removeTexts, textFolder } from "./texts.ts"

const wordCount = (...args: string[]) => Run.compiled("word-count", ...args)

afterEach(async () => {
  await endAll()
  removeTexts()
})

test("counts a folder with two workers, the same as alone", async () => {
  const run = Run.asUser("word-count", textFolder(), "--workers", "2", "--chunk", "4", "--verify")
  expect(await run.ended).toEqual({ code: 0, signal: null })
  expect(run.out).toMatch(/^ {2}1 {2}\S+ +[\d,]+ {2}█+$/m)
  expect(run.out.match(/^ *\d+ {2}\S+ +[\d,]+ {2}█+$/gm)).toHaveLength(20)
  expect(run.out).toContain("41 files")
  expect(run.out).toContain("skipped: 1 file not of text")
  expect(run.out).toContain("verified: same totals")
  expect(run.err).toContain("100 %")
})

test("an unreadable file is named, and the rest counted", async () => {
  const folder = textFolder()
  addUnreadable(folder)
  const run = wordCount("--folder", folder, "--workers", "1", "--verify")
  expect(await run.ended).toEqual({ code: 0, signal: null })
  expect(run.out).toMatch(/^unreadable: 1\n.*: name too long$/m)
  expect(run.out).toContain("41 files")
  expect(run.out).toContain("verified: same totals")
})

test.each(["1", "2"])("the totals stay right when one of %s workers is killed", async workers => {
  const run = wordCount(textFolder(), "--workers", workers, "--chunk", "1", "--kill-one", "--verify")
  expect(await run.ended).toEqual({ code: 0, signal: null })
  expect(run.err).toMatch(/worker \S+ ended \(SIGKILL\) as --kill-one wanted/)
  expect(run.out).toContain("lost workers: 1")
  expect(run.out).toContain("verified: same totals")
})

test("an empty folder has no words", async () => {
  const run = wordCount(emptyFolder(), "--workers", "1", "--verify")
  expect(await run.ended).toEqual({ code: 0, signal: null })
  expect(run.out).toContain("0 files")
})

test("waits for workers that join, and answers about its state", async () => {
  const run = wordCount(textFolder(), "--workers", "0", "--verify")
  const door = await run.door()
  const state = wordCount("--state", door)
  expect(await state.ended).toEqual({ code: 0, signal: null })
  expect(state.out).toMatch(/0 workers/)
  const worker = wordCount("--join", door)
  expect(await worker.ended).toEqual({ code: 0, signal: null })
  expect(worker.out).toMatch(/counted [1-9]\d* item/)
  expect(await run.ended).toEqual({ code: 0, signal: null })
  expect(run.err).toMatch(/worker \S+ joined/)
  expect(run.out).toContain("verified: same totals")
})

test("a worker with another folder of that name does not spoil the totals", async () => {
  const run = wordCount(textFolder(), "--workers", "0", "--verify")
  const worker = wordCount("--join", await run.door(), "--folder", emptyFolder())
  expect(await worker.ended).toEqual({ code: 0, signal: null })
  expect(await run.ended).toEqual({ code: 0, signal: null })
  expect(run.out).toContain("41 files")
  expect(run.out).toContain("verified: same totals")
})

test("files that vanish, shrink and grow after they were listed", async () => {
  const folder = textFolder()
  const run = wordCount(folder, "--workers", "0", "--verify")
  const door = await run.door()
  // The first line about progress comes when the listing is complete.
  await run.printed(/ 0 %/)
  rmSync(join(folder, "folder-3", "text-39.txt"))
  truncateSync(join(folder, "folder-2", "text-38.txt"), 10)
  appendFileSync(join(folder, "folder-1", "text-37.txt"), "more")
  expect(await wordCount("--join", door).ended).toEqual({ code: 0, signal: null })
  expect(await run.ended).toEqual({ code: 0, signal: null })
  expect(run.out).toContain("40 files")
  expect(run.out).toMatch(/^unreadable: 1\n {2}folder-3.text-39.txt: no such file or directory$/m)
  expect(run.out).toMatch(/^became shorter meanwhile: 1\n {2}folder-2.text-38.txt$/m)
  expect(run.out).toContain("verified: same totals")
})

test("a worker that leaves is not missed", async () => {
  const run = wordCount(longFolder(), "--workers", "0", "--chunk", "16", "--verify")
  const first = wordCount("--join", await run.door())
  await run.printed(/[1-9] %.* 1 worker/)
  first.kill("SIGINT")
  await run.printed(/worker \S+ left; items dealt again: \d+\n/)
  expect(await first.ended).toEqual({ code: 130, signal: null })
  const second = wordCount("--join", await run.door())
  expect(await second.ended).toEqual({ code: 0, signal: null })
  expect(await run.ended).toEqual({ code: 0, signal: null })
  expect(run.out).toContain("verified: same totals")
})

test.each(["SIGINT", "SIGTERM"] as const)("%s ends all processes", async signal => {
  const run = wordCount(longFolder(), "--workers", "2", "--chunk", "1")
  await run.printed(/2 workers/)
  run.kill(signal)
  expect(await run.ended).toEqual({ code: signal === "SIGINT" ? 130 : 143, signal: null })
  expect(run.err).toContain("interrupted")
})

test("workers end by themselves when the ventilator is killed", async () => {
  const run = wordCount(longFolder(), "--workers", "1", "--chunk", "1")
  const guest = wordCount("--join", await run.door())
  await run.printed(/2 workers/)
  run.kill("SIGKILL")
  expect(await guest.ended).toEqual({ code: 1, signal: null })
  expect(guest.err).toContain("the ventilator has vanished")
  // Its local worker holds its stderr: that this resolves says that the worker has ended.
  expect((await run.ended).signal).toBe("SIGKILL")
})

test("nobody answers", async () => {
  const run = wordCount("--state", "tcp://127.0.0.1:9")
  expect(await run.ended).toEqual({ code: 1, signal: null })
  expect(run.err).toBe("word-count: no word-count answers at tcp://127.0.0.1:9; has it ended?\n")
})

test.each([
  [
    "a missing folder",
    ["/no/such/folder"],
    "cannot open the folder /no/such/folder: no such file or directory",
  ],
  ["an unknown flag", ["--frobnicate"], "Unknown option '--frobnicate'"],
  ["an address that is not here", ["--bind", "192.0.2.1"], "cannot listen on 192.0.2.1"],
])("%s is told in words", async (_, args, message) => {
  const run = wordCount(...args)
  expect(await run.ended).toEqual({ code: 2, signal: null })
  expect(run.err).toMatch(/^word-count: /)
  expect(run.err).toContain(message)
  expect(run.err).not.toContain("    at ")
})
