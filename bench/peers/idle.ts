import { bindOrder, type Role, residentBytes } from "./role.ts"

/** Handshakes under way at the same time: more would wait longer than the bound end's patience. */
const AT_ONCE = 200

const bound: Role = ({ Pull }, { count }) => {
  const socket = new Pull()
  let accepted = 0
  let all = () => {}
  socket.events.on("handshake", () => {
    if (++accepted === count) all()
  })
  return {
    bind: bindOrder(socket),
    memory: residentBytes,
    connected: () =>
      new Promise<void>(resolve => {
        all = resolve
        if (accepted === count) resolve()
      }),
  }
}

const connecting: Role = ({ Push }, { count }) => {
  const socket = new Push()
  let address: string
  return {
    connect(given) {
      address = given
    },
    memory: residentBytes,
    async connectAll() {
      let connected = 0
      let progress = () => {}
      socket.events.on("handshake", () => {
        connected++
        progress()
      })
      const until = async (enough: number) => {
        while (connected < enough) {
          await new Promise<void>(resolve => {
            progress = resolve
          })
        }
      }
      for (let n = 0; n < count; n++) {
        socket.connect(address)
        await until(n - AT_ONCE)
      }
      await until(count)
    },
  }
}

export const idleRoles = { "idle-bound": bound, "idle-connecting": connecting }
