/** What a peer that isn't there, or isn't one, does to those who go on. */
import { once } from "node:events"
import { type AddressInfo, createServer } from "node:net"
import { describeError, type Rows } from "../row.ts"

export const rows: Rows = {
  "a message that a proxy's mandatory ROUTER can't route": {
    run: async zmq => {
      const front = new zmq.Pull()
      const back = new zmq.Router({ mandatory: true })
      await front.bind("tcp://127.0.0.1:*")
      await back.bind("tcp://127.0.0.1:*")
      const push = new zmq.Push()
      const dealer = new zmq.Dealer({ routingId: "somebody" })
      push.connect(front.lastEndpoint as string)
      dealer.connect(back.lastEndpoint as string)
      const ended = new zmq.Proxy(front, back).run().then(() => "ends", describeError)
      await push.send(["nobody", "lost"])
      // Those who aren't known yet are nobody, too.
      const again = setInterval(() => void push.send(["somebody", "found"]), 20)
      const arrived = dealer.receive().then(([part]) => String(part))
      const first = await Promise.race([ended, arrived])
      clearInterval(again)
      return first
    },
    ours: "found",
  },

  "a server that answers connect() with something else": async zmq => {
    const server = createServer(socket =>
      socket.on("error", () => {}).end("HTTP/1.1 400 Bad Request\r\n\r\n"),
    )
    await once(server.listen(0, "127.0.0.1"), "listening")
    const socket = new zmq.Dealer({ linger: 0, reconnectInterval: 10 })
    const { events } = socket
    socket.connect(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`)
    for await (const { type } of events) {
      if (type === "connect:retry") return "is dialled again"
      if (type === "connect:stop") return "is given up"
    }
    return undefined
  },
}
