/*
 * The roles push, pull, req and rep on libzmq, as bench/peers/main.ts has them: `libzmq ROLE SIZE CURVE`. An order is a line
 * `NAME ARGUMENT` on the standard input, its answer a line of JSON on the standard output. Default options throughout.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#ifdef __linux__
#include <signal.h>
#include <sys/prctl.h>
#endif
#include <time.h>
#include <zmq.h>

static void *zmq_socket_of_role;
static size_t message_size;
static char *payload;

static void fail(const char *what) {
    fprintf(stderr, "libzmq: %s: %s\n", what, zmq_strerror(zmq_errno()));
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

/* CPU seconds of this process, libzmq's threads included. */
static double cpu(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void send_message(size_t size) {
    zmq_msg_t message;
    if (zmq_msg_init_size(&message, size) != 0) fail("zmq_msg_init_size");
    memcpy(zmq_msg_data(&message), payload, size);
    if (zmq_msg_send(&message, zmq_socket_of_role, 0) < 0) fail("zmq_msg_send");
}

static void receive_message(size_t expected) {
    zmq_msg_t message;
    zmq_msg_init(&message);
    if (zmq_msg_recv(&message, zmq_socket_of_role, 0) < 0) fail("zmq_msg_recv");
    if (zmq_msg_size(&message) != expected) {
        fprintf(stderr, "libzmq: expected %zu bytes, got %zu\n", expected, zmq_msg_size(&message));
        exit(1);
    }
    zmq_msg_close(&message);
}

/* An empty message ends the round. */
static void run_push(long count) {
    double before = cpu();
    for (long i = 0; i < count; i++) send_message(message_size);
    send_message(0);
    printf("{\"cpu\":%.9f}\n", cpu() - before);
}

static double cpu_at_expect;

static void finish_pull(long count) {
    double first = 0;
    for (long i = 0; i < count; i++) {
        receive_message(message_size);
        if (i == 0) first = now();
    }
    double seconds = now() - first;
    receive_message(0);
    printf("{\"seconds\":%.9f,\"cpu\":%.9f}\n", seconds, cpu() - cpu_at_expect);
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *) a, y = *(const double *) b;
    return (x > y) - (x < y);
}

/* By the nearest rank. */
static double quantile(const double *sorted, long count, double share) {
    long rank = (long) (share * count);
    if (rank < share * count) rank++;
    return sorted[rank > 0 ? rank - 1 : 0];
}

static void run_req(long count) {
    double *microseconds = malloc(sizeof(double) * count);
    double start = now(), last = start;
    for (long i = 0; i < count; i++) {
        send_message(message_size);
        receive_message(message_size);
        double at = now();
        microseconds[i] = (at - last) * 1e6;
        last = at;
    }
    qsort(microseconds, count, sizeof(double), ascending);
    printf("{\"seconds\":%.9f,\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"p999\":%.3f}\n", last - start,
           quantile(microseconds, count, 0.5), quantile(microseconds, count, 0.9), quantile(microseconds, count, 0.99),
           quantile(microseconds, count, 0.999));
    free(microseconds);
}

/* Reads no orders any more: the bench ends this process by a signal. */
static void echo(void) {
    for (;;) {
        zmq_msg_t message;
        zmq_msg_init(&message);
        if (zmq_msg_recv(&message, zmq_socket_of_role, 0) < 0) fail("zmq_msg_recv");
        if (zmq_msg_send(&message, zmq_socket_of_role, 0) < 0) fail("zmq_msg_send");
    }
}

static void set(int option, const char *value) {
    if (zmq_setsockopt(zmq_socket_of_role, option, value, strlen(value)) != 0) fail("zmq_setsockopt");
}

/* The keys of zmq_curve(7). */
static void use_curve(int is_server) {
    if (is_server) {
        if (zmq_setsockopt(zmq_socket_of_role, ZMQ_CURVE_SERVER, &is_server, sizeof is_server) != 0) fail("zmq_setsockopt");
        set(ZMQ_CURVE_SECRETKEY, "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6");
    } else {
        set(ZMQ_CURVE_SERVERKEY, "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7");
        set(ZMQ_CURVE_PUBLICKEY, "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID");
        set(ZMQ_CURVE_SECRETKEY, "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs");
    }
}

static void bind_to(const char *address) {
    char endpoint[512];
    size_t size = sizeof endpoint;
    if (zmq_bind(zmq_socket_of_role, address) != 0) fail("zmq_bind");
    zmq_getsockopt(zmq_socket_of_role, ZMQ_LAST_ENDPOINT, endpoint, &size);
    printf("\"%s\"\n", endpoint);
}

int main(int count, char **arguments) {
    if (count != 4) return 2;
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    const char *role = arguments[1];
    message_size = strtoul(arguments[2], NULL, 10);
    payload = malloc(message_size + 1);
    memset(payload, 'x', message_size + 1);
    int type = strcmp(role, "push") == 0   ? ZMQ_PUSH
               : strcmp(role, "pull") == 0 ? ZMQ_PULL
               : strcmp(role, "req") == 0  ? ZMQ_REQ
                                           : ZMQ_REP;
    zmq_socket_of_role = zmq_socket(zmq_ctx_new(), type);
    if (arguments[3][0] != 0) use_curve(type == ZMQ_PULL || type == ZMQ_REP);
    setvbuf(stdout, NULL, _IOLBF, 0);
    puts("\"ready\"");

    char line[1024];
    long expected = 0;
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = 0;
        char *argument = strchr(line, ' ');
        if (argument == NULL) return 2;
        *argument++ = 0;
        if (strcmp(line, "bind") == 0) {
            bind_to(argument);
            if (type == ZMQ_REP) echo();
        } else if (strcmp(line, "connect") == 0) {
            if (zmq_connect(zmq_socket_of_role, argument) != 0) fail("zmq_connect");
            puts("null");
        } else if (strcmp(line, "expect") == 0) {
            expected = atol(argument);
            cpu_at_expect = cpu();
            puts("null");
        } else if (strcmp(line, "finish") == 0) {
            finish_pull(expected);
        } else if (strcmp(line, "run") == 0) {
            if (type == ZMQ_PUSH) run_push(atol(argument));
            else run_req(atol(argument));
        } else {
            return 2;
        }
    }
    /* What is still queued is of no interest: the bench is over. */
    exit(0);
}
