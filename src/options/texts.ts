/**
 * What the README says of each option. Beside the tables, not in them, since no program needs it at run time: only what
 * makes the README imports this, and the package is smaller by a fifteenth.
 */

import type { CONTEXT_OPTIONS } from "./rows/context.ts"
import type { SocketOptionName } from "./table.ts"

export interface OptionText {
  /** libzmq's name. */
  readonly libzmq: string
  readonly unit?: "ms" | "s" | "bytes" | "messages" | "connections" | "sockets" | "hops" | "kbit/s"
  /** True when it is kept and checked but does nothing; `help` says why. */
  readonly inert?: true
  readonly help: string
}

export const SOCKET_OPTION_TEXTS: Readonly<Record<SocketOptionName, OptionText>> = {
  linger: {
    libzmq: "ZMQ_LINGER",
    unit: "ms",
    help: "How long queued messages are still delivered after `close()` or `disconnect()`, and at the end of the process: -1 for ever, 0 not at all. SUB and XSUB start with 0.",
  },
  sendTimeout: {
    libzmq: "ZMQ_SNDTIMEO",
    unit: "ms",
    help: "How long `send()` waits for room before it rejects with EAGAIN: -1 for ever, 0 not at all. Read at each call.",
  },
  receiveTimeout: {
    libzmq: "ZMQ_RCVTIMEO",
    unit: "ms",
    help: "How long `receive()` waits for a message before it rejects with EAGAIN: -1 for ever, 0 not at all. Read at each call.",
  },
  sendHighWaterMark: {
    libzmq: "ZMQ_SNDHWM",
    unit: "messages",
    help: "Most messages queued for one peer that can't take them now; 0 for no limit.",
  },
  receiveHighWaterMark: {
    libzmq: "ZMQ_RCVHWM",
    unit: "messages",
    help: "Most messages of one peer that wait to be received; the peer is then held back. 0 for no limit.",
  },
  immediate: {
    libzmq: "ZMQ_IMMEDIATE",
    help: "Queue messages for a `connect()` endpoint only while it is connected; its queue is dropped with the connection.",
  },
  conflate: {
    libzmq: "ZMQ_CONFLATE",
    help: "Keep only the newest message of each queue, whatever the high-water marks. Multipart messages stay whole.",
  },
  maxMessageSize: {
    libzmq: "ZMQ_MAXMSGSIZE",
    unit: "bytes",
    help: "Largest message part that a peer may send; one that sends more is disconnected. -1 for no limit but the fixed one: a whole message may take 2 GiB and 1,048,576 parts.",
  },
  handshakeInterval: {
    libzmq: "ZMQ_HANDSHAKE_IVL",
    unit: "ms",
    help: "Within this time a new connection must finish its handshake; 0 for no limit.",
  },
  connectTimeout: {
    libzmq: "ZMQ_CONNECT_TIMEOUT",
    unit: "ms",
    help: "How long one attempt to connect may take; 0 leaves it to the operating system.",
  },
  reconnectInterval: {
    libzmq: "ZMQ_RECONNECT_IVL",
    unit: "ms",
    help: "Time before a lost or refused connection is dialled again, plus a random part of up to as much; 0 or -1 for never.",
  },
  reconnectMaxInterval: {
    libzmq: "ZMQ_RECONNECT_IVL_MAX",
    unit: "ms",
    help: "When set, the wait doubles at each attempt up to this, without a random part.",
  },
  backlog: {
    libzmq: "ZMQ_BACKLOG",
    unit: "connections",
    help: "Longest queue of incoming connections that the operating system keeps.",
  },
  heartbeatInterval: {
    libzmq: "ZMQ_HEARTBEAT_IVL",
    unit: "ms",
    help: "Time between the PINGs sent to each peer; 0 for none.",
  },
  heartbeatTimeout: {
    libzmq: "ZMQ_HEARTBEAT_TIMEOUT",
    unit: "ms",
    help: "Silence after a PING that closes the connection: -1 (the default, can't be set) for `heartbeatInterval`, 0 for never. Any byte received counts.",
  },
  heartbeatTimeToLive: {
    libzmq: "ZMQ_HEARTBEAT_TTL",
    unit: "ms",
    help: "Silence after which the peer shall close the connection, told with each PING; 0 for none. Rounded down to 100 ms, and sent as 65,500 ms at most, since libzmq misreads more.",
  },
  routingId: {
    libzmq: "ZMQ_ROUTING_ID",
    help: "The name under which a ROUTER peer knows this socket: 1 to 255 bytes, as a string or bytes.",
  },
  ipv6: {
    libzmq: "ZMQ_IPV6",
    help: "Allow IPv6 addresses, and names that resolve to them. Starts with the context's value.",
  },
  tcpKeepalive: {
    libzmq: "ZMQ_TCP_KEEPALIVE",
    help: "TCP keep-alive: 1 on, 0 off, -1 as the operating system does.",
  },
  tcpKeepaliveIdle: {
    libzmq: "ZMQ_TCP_KEEPALIVE_IDLE",
    unit: "s",
    help: "Silence before the first keep-alive probe; -1 as the operating system does.",
  },
  tcpKeepaliveInterval: {
    libzmq: "ZMQ_TCP_KEEPALIVE_INTVL",
    unit: "s",
    help: "Time between keep-alive probes. Node sets 1 s; later versions can set another.",
  },
  tcpKeepaliveCount: {
    libzmq: "ZMQ_TCP_KEEPALIVE_CNT",
    help: "Unanswered keep-alive probes after which the connection is lost. Node sets 10; later versions can set another.",
  },
  tcpMaxRetransmitTimeout: {
    libzmq: "ZMQ_TCP_MAXRT",
    unit: "ms",
    inert: true,
    help: "Node can't set TCP_USER_TIMEOUT. Use heartbeats to notice dead peers.",
  },
  tcpAcceptFilter: {
    libzmq: "ZMQ_TCP_ACCEPT_FILTER",
    help: "Who may connect: an IPv4 or IPv6 address, or a range such as `10.0.0.0/8`. Each assignment adds one, null takes all away. Others are closed at once, with the event `accept:error`.",
  },
  socksProxy: {
    libzmq: "ZMQ_SOCKS_PROXY",
    help: "A SOCKS5 proxy without authentication, as `host:port`, that `connect()` goes through and that resolves the names; null for none. With another form `connect()` throws EINVAL.",
  },
  typeOfService: {
    libzmq: "ZMQ_TOS",
    help: "Type of service, or traffic class, of what is sent: 0 to 255. Where Node can't set it, as in version 20, anything but 0 throws ENOTSUP.",
  },
  interface: {
    libzmq: "ZMQ_BINDTODEVICE",
    help: "Node can't bind to a network device: throws ENOTSUP for anything but null. `bind()` to an interface's name or address, or `connect()` from one, says most of it.",
  },
  sendBufferSize: {
    libzmq: "ZMQ_SNDBUF",
    unit: "bytes",
    inert: true,
    help: "Node can't set the size of a connection's send buffer in the kernel.",
  },
  receiveBufferSize: {
    libzmq: "ZMQ_RCVBUF",
    unit: "bytes",
    inert: true,
    help: "Node can't set the size of a connection's receive buffer in the kernel.",
  },
  correlate: {
    libzmq: "ZMQ_REQ_CORRELATE",
    help: "Send an id with each request, and take only the reply that carries it back.",
  },
  relaxed: {
    libzmq: "ZMQ_REQ_RELAXED",
    help: "Allow a new request while a reply is still awaited; the old one is given up. Use with `correlate`.",
  },
  probeRouter: {
    libzmq: "ZMQ_PROBE_ROUTER",
    help: "Begin each connection with an empty message, so that a ROUTER peer learns of this socket. For sockets whose peers are ROUTERs.",
  },
  mandatory: {
    libzmq: "ZMQ_ROUTER_MANDATORY",
    help: "Refuse what can't be delivered instead of dropping it: EHOSTUNREACH for an unknown peer. `send()` waits for a peer at its high-water mark, and while no peer at all has room.",
  },
  handover: {
    libzmq: "ZMQ_ROUTER_HANDOVER",
    help: "When a new peer has the routing id of an old one, close the old one instead of the new one.",
  },
  noDrop: {
    libzmq: "ZMQ_XPUB_NODROP",
    help: "When a matching subscriber is at its high-water mark, wait instead of dropping the message for it.",
  },
  invertMatching: {
    libzmq: "ZMQ_INVERT_MATCHING",
    help: "Deliver the messages that match no subscription. To be set on both ends.",
  },
  verbosity: {
    libzmq: "ZMQ_XPUB_VERBOSE",
    help: "Which subscriptions are received as messages: with `null` the first of each topic and the end of its last one, with `allSubs` every subscription, with `allSubsUnsubs` (ZMQ_XPUB_VERBOSER) every end of one too. Other values are ignored.",
  },
  manual: {
    libzmq: "ZMQ_XPUB_MANUAL",
    help: "Subscriptions take no effect but are all received; `subscribe()` and `unsubscribe()` then act for the peer whose request was received last.",
  },
  welcomeMessage: {
    libzmq: "ZMQ_XPUB_WELCOME_MSG",
    help: "A message of one part that is sent to each new peer, whatever it subscribes to (a SUB drops it unless it matches); null or an empty one for none.",
  },
  notify: {
    libzmq: "ZMQ_STREAM_NOTIFY",
    help: "Receive an empty message when a connection begins and when its peer has ended it.",
  },
  type: {
    libzmq: "ZMQ_TYPE",
    help: "The number of the socket type, such as 5 for a Dealer.",
  },
  lastEndpoint: {
    libzmq: "ZMQ_LAST_ENDPOINT",
    help: "The resolved endpoint of the last `bind()`, or the given one of the last `connect()`; null before.",
  },
  securityMechanism: {
    libzmq: "ZMQ_MECHANISM",
    help: "How peers prove who they are; null for not at all.",
  },
  threadSafe: {
    libzmq: "ZMQ_THREAD_SAFE",
    help: "False, as of all of libzmq's sockets but its drafts.",
  },
  plainServer: {
    libzmq: "ZMQ_PLAIN_SERVER",
    inert: true,
    help: "Not here yet: true throws ENOTSUP. Ask peers for a name and a password.",
  },
  plainUsername: {
    libzmq: "ZMQ_PLAIN_USERNAME",
    inert: true,
    help: "Not here yet: anything but null throws ENOTSUP. The name to tell.",
  },
  plainPassword: {
    libzmq: "ZMQ_PLAIN_PASSWORD",
    inert: true,
    help: "Not here yet: anything but null throws ENOTSUP. The password to tell.",
  },
  curveServer: {
    libzmq: "ZMQ_CURVE_SERVER",
    inert: true,
    help: "Not here yet: true throws ENOTSUP. Take encrypted connections only.",
  },
  curvePublicKey: {
    libzmq: "ZMQ_CURVE_PUBLICKEY",
    inert: true,
    help: "Not here yet: throws ENOTSUP. The own public key.",
  },
  curveSecretKey: {
    libzmq: "ZMQ_CURVE_SECRETKEY",
    inert: true,
    help: "Not here yet: throws ENOTSUP. The own secret key.",
  },
  curveServerKey: {
    libzmq: "ZMQ_CURVE_SERVERKEY",
    inert: true,
    help: "Not here yet: throws ENOTSUP. The server's public key.",
  },
  zapDomain: {
    libzmq: "ZMQ_ZAP_DOMAIN",
    inert: true,
    help: "Not here yet: throws ENOTSUP. What authentication handlers are told.",
  },
  zapEnforceDomain: {
    libzmq: "ZMQ_ZAP_ENFORCE_DOMAIN",
    inert: true,
    help: "Not here yet: true throws ENOTSUP. Refuse peers while there is no authentication handler.",
  },
  gssapiServer: {
    libzmq: "ZMQ_GSSAPI_SERVER",
    inert: true,
    help: "There is no GSSAPI: true throws ENOTSUP. Act as a server.",
  },
  gssapiPrincipal: {
    libzmq: "ZMQ_GSSAPI_PRINCIPAL",
    inert: true,
    help: "There is no GSSAPI: throws ENOTSUP. The own name.",
  },
  gssapiServicePrincipal: {
    libzmq: "ZMQ_GSSAPI_SERVICE_PRINCIPAL",
    inert: true,
    help: "There is no GSSAPI: throws ENOTSUP. The server's name.",
  },
  gssapiPlainText: {
    libzmq: "ZMQ_GSSAPI_PLAINTEXT",
    inert: true,
    help: "There is no GSSAPI: true throws ENOTSUP. Don't encrypt.",
  },
  gssapiPrincipalNameType: {
    libzmq: "ZMQ_GSSAPI_PRINCIPAL_NAMETYPE",
    inert: true,
    help: "There is no GSSAPI: anything but `hostBased` throws ENOTSUP. The kind of the own name.",
  },
  gssapiServicePrincipalNameType: {
    libzmq: "ZMQ_GSSAPI_SERVICE_PRINCIPAL_NAMETYPE",
    inert: true,
    help: "There is no GSSAPI: anything but `hostBased` throws ENOTSUP. The kind of the server's name.",
  },
  affinity: {
    libzmq: "ZMQ_AFFINITY",
    inert: true,
    help: "There are no I/O threads.",
  },
  rate: {
    libzmq: "ZMQ_RATE",
    unit: "kbit/s",
    inert: true,
    help: "There is no multicast: pgm's rate.",
  },
  recoveryInterval: {
    libzmq: "ZMQ_RECOVERY_IVL",
    unit: "ms",
    inert: true,
    help: "There is no multicast: how long a pgm receiver may be away.",
  },
  multicastHops: {
    libzmq: "ZMQ_MULTICAST_HOPS",
    unit: "hops",
    inert: true,
    help: "There is no multicast: how far its packets go.",
  },
  multicastMaxTransportDataUnit: {
    libzmq: "ZMQ_MULTICAST_MAXTPDU",
    unit: "bytes",
    inert: true,
    help: "There is no multicast: the size of its packets.",
  },
  loopbackFastPath: {
    libzmq: "ZMQ_LOOPBACK_FASTPATH",
    inert: true,
    help: "Node can't set SIO_LOOPBACK_FAST_PATH, which only old versions of Windows know.",
  },
  vmciBufferSize: {
    libzmq: "ZMQ_VMCI_BUFFER_SIZE",
    inert: true,
    help: "There is no VMCI: throws EINVAL, read or set, as in the native package's builds. Its buffer.",
  },
  vmciBufferMinSize: {
    libzmq: "ZMQ_VMCI_BUFFER_MIN_SIZE",
    inert: true,
    help: "Likewise: the least size of its buffer.",
  },
  vmciBufferMaxSize: {
    libzmq: "ZMQ_VMCI_BUFFER_MAX_SIZE",
    inert: true,
    help: "Likewise: the largest size of its buffer.",
  },
  vmciConnectTimeout: {
    libzmq: "ZMQ_VMCI_CONNECT_TIMEOUT",
    inert: true,
    help: "Likewise: how long connecting may take.",
  },
}

export const CONTEXT_OPTION_TEXTS: Readonly<Record<keyof typeof CONTEXT_OPTIONS, OptionText>> = {
  blocky: {
    libzmq: "ZMQ_BLOCKY",
    help: "False: new sockets start with `linger` 0, and the end of the process waits for nothing.",
  },
  ipv6: {
    libzmq: "ZMQ_IPV6",
    help: "What the option `ipv6` of new sockets starts with.",
  },
  maxSockets: {
    libzmq: "ZMQ_MAX_SOCKETS",
    unit: "sockets",
    help: "Most sockets open at a time; one more throws EMFILE.",
  },
  maxSocketsLimit: {
    libzmq: "ZMQ_SOCKET_LIMIT",
    unit: "sockets",
    help: "What libzmq says of `maxSockets`; not enforced, there or here.",
  },
  ioThreads: {
    libzmq: "ZMQ_IO_THREADS",
    inert: true,
    help: "There are no I/O threads.",
  },
  threadPriority: {
    libzmq: "ZMQ_THREAD_PRIORITY",
    inert: true,
    help: "There are no I/O threads.",
  },
  threadSchedulingPolicy: {
    libzmq: "ZMQ_THREAD_SCHED_POLICY",
    inert: true,
    help: "There are no I/O threads.",
  },
  maxMessageSize: {
    libzmq: "ZMQ_MAX_MSGSZ",
    unit: "bytes",
    inert: true,
    help: "In libzmq it limits the memory that a program may ask for one part. The limit for what peers send is the socket's own `maxMessageSize`.",
  },
}
