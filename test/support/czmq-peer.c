/*  A peer on czmq:
 *
 *  czmq-peer make FILE                            makes a certificate by zcert, saves its public half, prints both keys
 *  czmq-peer serve FOLDER ENDPOINT                serves the clients whose certificates are in the folder, by zauth;
 *                                                 prints its public key and its endpoint
 *  czmq-peer ask ENDPOINT SERVER PUBLIC SECRET N  asks N times, prints how many answers were right
 */
#include <czmq.h>

static int make (const char *file)
{
    zcert_t *cert = zcert_new ();
    if (zcert_save_public (cert, file) != 0)
        return 1;
    printf ("%s %s\n", zcert_public_txt (cert), zcert_secret_txt (cert));
    zcert_destroy (&cert);
    return 0;
}

static int serve (const char *folder, const char *endpoint)
{
    zactor_t *auth = zactor_new (zauth, NULL);
    zstr_sendx (auth, "CURVE", folder, NULL);
    zsock_wait (auth);
    zcert_t *cert = zcert_new ();
    zsock_t *rep = zsock_new (ZMQ_REP);
    zcert_apply (cert, rep);
    zsock_set_curve_server (rep, 1);
    zsock_set_zap_domain (rep, "global");
    if (zsock_bind (rep, "%s", endpoint) < 0)
        return 1;
    printf ("%s %s\n", zcert_public_txt (cert), zsock_endpoint (rep));
    fflush (stdout);
    zmsg_t *message;
    while ((message = zmsg_recv (rep)) != NULL)
        zmsg_send (&message, rep);
    return 0;
}

static int ask (const char *endpoint, const char *server, const char *public, const char *secret, int count)
{
    byte keys[2][32];
    zmq_z85_decode (keys[0], public);
    zmq_z85_decode (keys[1], secret);
    zcert_t *cert = zcert_new_from (keys[0], keys[1]);
    zsock_t *req = zsock_new (ZMQ_REQ);
    zcert_apply (cert, req);
    zsock_set_curve_serverkey (req, server);
    if (zsock_connect (req, "%s", endpoint) != 0)
        return 1;
    int right = 0;
    for (int n = 0; n < count; n++) {
        char *text = zsys_sprintf ("%d", n);
        zstr_send (req, text);
        char *answer = zstr_recv (req);
        if (answer != NULL && streq (answer, text))
            right++;
        zstr_free (&answer);
        zstr_free (&text);
    }
    printf ("%d\n", right);
    return 0;
}

int main (int count, char *words[])
{
    if (count == 3 && streq (words[1], "make"))
        return make (words[2]);
    if (count == 4 && streq (words[1], "serve"))
        return serve (words[2], words[3]);
    if (count == 7 && streq (words[1], "ask"))
        return ask (words[2], words[3], words[4], words[5], atoi (words[6]));
    return 2;
}
