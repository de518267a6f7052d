import org.zeromq.ZMQ;

/**
 * A peer that speaks ZMTP 2.0. Arguments: type, "bind" or "connect", endpoint, count. A sending type sends that many
 * numbered messages, a receiving one prints what it receives, an answering one sends it back.
 */
public class JeroMq {
    public static void main(String[] args) throws Exception {
        int type = ZMQ.class.getField(args[0]).getInt(null);
        int count = Integer.parseInt(args[3]);
        ZMQ.Context context = ZMQ.context(1);
        ZMQ.Socket socket = context.socket(type);
        if (type == ZMQ.SUB) socket.subscribe("".getBytes());
        if (args[1].equals("bind")) socket.bind(args[2]);
        else socket.connect(args[2]);
        System.out.println("ready");
        for (int n = 0; n < count; n++) run(socket, type, n);
        System.out.println("done");
        System.in.read();
        socket.close();
        context.term();
    }

    static void run(ZMQ.Socket socket, int type, int n) throws Exception {
        if (type == ZMQ.PUSH) send(socket, n);
        else if (type == ZMQ.XPUB) {
            if (n == 0) socket.recv(0);
            send(socket, n);
        } else if (type == ZMQ.REQ || type == ZMQ.DEALER) {
            send(socket, n);
            print(socket);
        } else if (type == ZMQ.REP || type == ZMQ.ROUTER) answer(socket);
        else print(socket);
    }

    static void send(ZMQ.Socket socket, int n) {
        socket.send(("n" + n).getBytes(), ZMQ.SNDMORE);
        socket.send(new byte[n * 100], 0);
    }

    static void print(ZMQ.Socket socket) {
        String first = new String(socket.recv(0));
        int length = 0;
        while (socket.hasReceiveMore()) length += socket.recv(0).length;
        System.out.println(first + " " + length);
    }

    static void answer(ZMQ.Socket socket) {
        java.util.List<byte[]> parts = new java.util.ArrayList<>();
        do parts.add(socket.recv(0));
        while (socket.hasReceiveMore());
        for (int i = 0; i < parts.size(); i++)
            socket.send(parts.get(i), i < parts.size() - 1 ? ZMQ.SNDMORE : 0);
    }
}
