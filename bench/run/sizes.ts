export const KIB = 1024
export const MIB = KIB * KIB

export function sizeName(size: number): string {
  if (size >= MIB) return `${size / MIB} MiB`
  if (size >= KIB) return `${size / KIB} KiB`
  return `${size} B`
}
