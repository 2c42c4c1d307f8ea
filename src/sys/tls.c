/* tls.c - the server's side of TLS: certificate, key and the rules every connection is held to. */
#include <openssl/err.h>

#include "sys/net_inner.h"

static bool tls_error(Error *err, const char *action, const char *path)
{
    char why[256] = "unknown reason";
    unsigned long code = ERR_peek_last_error();
    if (code) ERR_error_string_n(code, why, sizeof why);
    ERR_clear_error();
    return error_set(err, ERR_USAGE, "cannot %s%s%s: %s", action, *path ? " " : "", path, why);
}

static bool load(SSL_CTX *tls, const char *certificate, const char *key, Error *err)
{
    if (SSL_CTX_use_certificate_chain_file(tls, certificate) != 1)
        return tls_error(err, "read the certificate", certificate);
    if (SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) != 1)
        return tls_error(err, "use the private key", key);
    return true;
}

static void set_rules(SSL_CTX *tls)
{
    SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
    SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                 SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                              SSL_MODE_RELEASE_BUFFERS);
}

bool tls_open(const NetConfig *config, SSL_CTX **out, Error *err)
{
    if (str_absent(config->key_path))
        return error_set(err, ERR_USAGE, "a certificate was given without its private key");
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    if (!tls) return tls_error(err, "start TLS", "");
    Arena a = {0};
    set_rules(tls);
    bool good = load(tls, str_z(&a, config->certificate_path), str_z(&a, config->key_path), err);
    arena_free(&a);
    if (good)
        *out = tls;
    else
        SSL_CTX_free(tls);
    return good;
}

SSL *tls_accept(SSL_CTX *tls, int fd)
{
    SSL *ssl = SSL_new(tls);
    check(ssl && SSL_set_fd(ssl, fd) == 1);
    SSL_set_accept_state(ssl);
    return ssl;
}
