import { bindOrder, cpuMeter, type Package, type Parameters, type Role } from "./role.ts"

/** These keys are in the manual, zmq_curve(7); libzmq.c has the same ones. */
const SERVER = {
  curveServer: true,
  curveSecretKey: "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6",
}
const CLIENT = {
  curveServerKey: "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7",
  curvePublicKey: "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID",
  curveSecretKey: "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs",
}

type Provider = "libsodium" | "noble" | "sodium-native"

/** Connections that shake hands at the same time. */
const AT_ONCE = 8

/** The options of one end; none without CURVE. The native package has no provider to choose. */
export function curveOptions(end: "server" | "client", { curve }: Parameters): object {
  if (curve === "") return {}
  const provider = curve === "default" ? {} : { curveProvider: curve as Provider }
  return { ...(end === "server" ? SERVER : CLIENT), ...provider }
}

const curveEcho: Role = ({ Reply }, parameters) => {
  const socket = new Reply(curveOptions("server", parameters))
  const echo = async () => {
    for await (const message of socket) await socket.send(message)
  }
  void echo()
  return { bind: bindOrder(socket) }
}

/** Each handshake is one of a new socket, which then asks once, because only the answer shows that both ends are ready. */
const curveClients: Role = ({ Request }: Package, parameters) => {
  let endpoint = ""
  let left = 0
  const cpu = cpuMeter()
  const shakeHands = async () => {
    while (left-- > 0) {
      const socket = new Request({ ...curveOptions("client", parameters), linger: 0 })
      socket.connect(endpoint)
      await socket.send("ready?")
      await socket.receive()
      socket.close()
    }
  }
  return {
    connect(address) {
      endpoint = address
    },
    async run(count) {
      left = Number(count)
      cpu()
      const begin = performance.now()
      await Promise.all(Array.from({ length: AT_ONCE }, shakeHands))
      return { seconds: (performance.now() - begin) / 1000, cpu: cpu() }
    },
  }
}

export const curveRoles = { "curve-echo": curveEcho, "curve-clients": curveClients }
