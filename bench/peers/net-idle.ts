import { once } from "node:events"
import { type AddressInfo, createServer, type Socket } from "node:net"
import { dial } from "./net-socket.ts"
import { type Role, residentBytes } from "./role.ts"

/** Both ends listen to what nobody says, as a program with messages to come would. */
const listenTo = (socket: Socket) => socket.on("data", () => {})

const bound: Role = (_, { count }) => {
  const sockets: Socket[] = []
  const server = createServer({ noDelay: true }, socket => {
    listenTo(socket)
    sockets.push(socket)
  })
  return {
    async bind() {
      await once(server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }), "listening")
      return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`
    },
    memory: residentBytes,
    async connected() {
      while (sockets.length < count) await once(server, "connection")
    },
  }
}

const connecting: Role = (_, { count }) => {
  const sockets: Socket[] = []
  let address: string
  return {
    connect(given) {
      address = given
    },
    memory: residentBytes,
    async connectAll() {
      for (let n = 0; n < count; n++) {
        const socket = await dial(address)
        listenTo(socket)
        sockets.push(socket)
      }
    },
  }
}

export const netIdleRoles = { "net-idle-bound": bound, "net-idle-connecting": connecting }
