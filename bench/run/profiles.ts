let folder: string | undefined
let profiled = 0

/** From now on each process of Node leaves a CPU profile in that folder. */
export function profileInto(target: string): void {
  folder = target
}

export function profilerOptions(name: string): string[] {
  if (folder === undefined) return []
  return ["--cpu-prof", `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${++profiled}-${name}.cpuprofile`]
}
