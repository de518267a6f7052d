"""A peer on pyzmq: takes a command as a line of JSON, and answers with another one. See pyzmq.ts for the other side."""

import json
import sys

import zmq
from zmq.auth.thread import ThreadAuthenticator
from zmq.utils.monitor import recv_monitor_message

sockets = {}
authenticators = []


def open_socket(name, type, options, users=None, keys=None):
    """With `users` or `keys` there is an authenticator, which lets in only these."""
    context = zmq.Context()
    if users is not None or keys is not None:
        authenticator = ThreadAuthenticator(context)
        authenticator.start()
        authenticators.append(authenticator)
        if users is not None:
            authenticator.configure_plain(domain="*", passwords=users)
        if keys is not None:
            # The folder of certificates is one of files; this is the same without files.
            provider = type_of_provider(set(keys))
            authenticator.configure_curve_callback(domain="*", credentials_provider=provider)
    socket = context.socket(getattr(zmq, type))
    socket.linger = 0
    socket.reconnect_ivl = 10
    for option, value in options.items():
        socket.set(getattr(zmq, option), value.encode() if isinstance(value, str) else value)
    sockets[name] = (socket, socket.get_monitor_socket())


def type_of_provider(keys):
    class Provider:
        def callback(self, domain, key):
            return key.decode() in keys

    return Provider()


def bind(name, endpoint):
    socket, _ = sockets[name]
    socket.bind(endpoint)
    return socket.last_endpoint.decode()


def connect(name, endpoint):
    sockets[name][0].connect(endpoint)


def numbered(n, size):
    return [str(n).encode(), bytes([n & 255]) * size]


def send(name, start, end, size):
    for n in range(start, end):
        sockets[name][0].send_multipart(numbered(n, size))


def receive(name, start, end, size):
    for n in range(start, end):
        message = sockets[name][0].recv_multipart()
        assert message == numbered(n, size), f"expected {n}, got {message[0]}"


def ask(name, start, end, size):
    for n in range(start, end):
        send(name, n, n + 1, size)
        receive(name, n, n + 1, size)


def echo(name, count):
    for _ in range(count):
        sockets[name][0].send_multipart(sockets[name][0].recv_multipart())


FAILURES = {
    zmq.EVENT_HANDSHAKE_FAILED_AUTH: "auth",
    zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL: "protocol",
    zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL: "other",
}


def failure(name):
    """Waits for a failed handshake: its kind, and the status or error number."""
    while True:
        event = recv_monitor_message(sockets[name][1])
        if event["event"] in FAILURES:
            return [FAILURES[event["event"]], event["value"]]


def version():
    return f"pyzmq {zmq.__version__}, libzmq {zmq.zmq_version()}"


COMMANDS = dict(
    open=open_socket, bind=bind, connect=connect, send=send, receive=receive, ask=ask, echo=echo, failure=failure, version=version
)

for line in sys.stdin:
    command, *arguments = json.loads(line)
    try:
        answer = {"result": COMMANDS[command](*arguments)}
    except Exception as error:  # The other side is told of any.
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
