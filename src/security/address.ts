/**
 * Returns the address of an endpoint without scheme and port, such as "192.0.2.1" or "2001:db8::1". An IPv4 address inside
 * an IPv6 one is told as IPv4. Where there is no port, as in ipc, it is "localhost".
 */
export function hostOf(endpoint: string): string {
  const [, host] = /:\/\/(.*):\d+$/.exec(endpoint) ?? []
  if (host === undefined) return "localhost"
  return host.replace(/^\[(.*)\]$/, "$1").replace(/^::ffff:(?=\d+\.)/i, "")
}
