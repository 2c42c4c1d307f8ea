/* signing.c - an RSA key made once, sealed in the data folder, and what is signed with it. */
#include "app/vault/signing.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "app/vault/vault.h"
#include "base/encode.h"
#include "wire/digest.h"

#define SIGNING_FILE S("sns-signing")
#define PATH_PREFIX  S("/SimpleNotificationService-")

struct Signing {
    Arena arena;
    EVP_PKEY *key;
    Str certificate, path; /* PEM; in the arena */
    Arena last;            /* what was signed last */
    Str text, signature;
    SigningHash hash;
};

/* ---- made ---- */

static X509 *certify(EVP_PKEY *key, Millis now)
{
    X509 *x = X509_new();
    const unsigned char *name = (const unsigned char *)"sns.amazonaws.com";
    check(x);
    check(X509_set_version(x, X509_VERSION_3) == 1);
    check(ASN1_INTEGER_set_int64(X509_get_serialNumber(x), now) == 1);
    check(ASN1_TIME_set(X509_getm_notBefore(x), now / 1000) != NULL);
    check(ASN1_TIME_adj(X509_getm_notAfter(x), now / 1000, SIGNING_YEARS * 365, 0) != NULL);
    check(X509_set_pubkey(x, key) == 1);
    X509_NAME *subject = X509_get_subject_name(x);
    check(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, name, -1, -1, 0) == 1);
    check(X509_set_issuer_name(x, subject) == 1);
    check(X509_sign(x, key, EVP_sha256()) > 0);
    return x;
}

static Str text_of(Arena *a, BIO *b)
{
    char *p;
    long n = BIO_get_mem_data(b, &p);
    Str text = str_copy(a, (Str){p, n});
    BIO_free(b);
    return text;
}

/* Key and certificate, one after the other. */
static Str make(Arena *a, Millis now)
{
    EVP_PKEY *key = EVP_RSA_gen((unsigned)SIGNING_KEY_BITS);
    BIO *b = BIO_new(BIO_s_mem());
    check(key && b);
    X509 *x = certify(key, now);
    check(PEM_write_bio_PrivateKey(b, key, NULL, NULL, 0, NULL, NULL) == 1);
    check(PEM_write_bio_X509(b, x) == 1);
    X509_free(x);
    EVP_PKEY_free(key);
    return text_of(a, b);
}

/* ---- read ---- */

static bool read_pem(struct Signing *x, Str pem)
{
    BIO *b = BIO_new_mem_buf(pem.p, (int)pem.n), *out = BIO_new(BIO_s_mem());
    check(b && out);
    x->key = PEM_read_bio_PrivateKey(b, NULL, NULL, NULL);
    X509 *certificate = PEM_read_bio_X509(b, NULL, NULL, NULL);
    bool good = x->key && certificate && PEM_write_bio_X509(out, certificate) == 1;
    X509_free(certificate);
    BIO_free(b);
    x->certificate = text_of(&x->arena, out);
    return good;
}

/* A file that cannot be written is said; the key then lasts as long as the process. */
static void make_new(Server *s, struct Signing *x)
{
    Error err = {0};
    Str pem = make(&x->arena, s->now);
    check(read_pem(x, pem));
    Str sealed = vault_seal(s, &x->arena, SIGNING_FILE, pem);
    if (!file_replace_durably(s->data, SIGNING_FILE, sealed, &err))
        log_error(s, "signing-key-not-kept", "error=\"%s\"", err.text);
}

static bool load(Server *s, struct Signing *x)
{
    Str sealed, pem;
    Error err = {0};
    return file_slurp(s->data, SIGNING_FILE, SIGNING_FILE_BYTES_MAX, &x->arena, &sealed, &err) &&
           vault_unseal(s, &x->arena, SIGNING_FILE, sealed, &pem, &err) && read_pem(x, pem);
}

static struct Signing *signing_of(Server *s)
{
    struct Signing *x = s->signing;
    if (x) return x;
    x = s->signing = calloc(1, sizeof *x);
    check(x);
    if (!load(s, x)) make_new(s, x);
    DigestValue v = digest_of(DIGEST_SHA256, x->certificate);
    x->path = str_printf(&x->arena, "%.*s%.*s.pem", STR(PATH_PREFIX),
                         STR(str_slice(digest_hex(&x->arena, &v), 0, 32)));
    return x;
}

void signing_close(Server *s)
{
    struct Signing *x = s->signing;
    if (!x) return;
    EVP_PKEY_free(x->key);
    arena_free(&x->arena);
    arena_free(&x->last);
    free(x);
    s->signing = NULL;
}

/* ---- used ---- */

static Str sign(const struct Signing *x, Arena *a, SigningHash hash, Str text)
{
    size_t n = (size_t)EVP_PKEY_get_size(x->key);
    unsigned char *bytes = new_array(a, unsigned char, (int64_t)n);
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    const EVP_MD *md = hash == SIGNING_SHA1 ? EVP_sha1() : EVP_sha256();
    check(c && EVP_DigestSignInit(c, NULL, md, NULL, x->key) == 1);
    check(EVP_DigestSign(c, bytes, &n, (const unsigned char *)text.p, (size_t)text.n) == 1);
    EVP_MD_CTX_free(c);
    return base64_encode(a, (Str){(const char *)bytes, (int64_t)n});
}

/* One message goes to many subscribers with one signature. */
Str signing_sign(Server *s, Arena *a, SigningHash hash, Str text)
{
    struct Signing *x = signing_of(s);
    if (x->hash != hash || !x->text.p || !str_eq(x->text, text)) {
        arena_reset(&x->last);
        x->hash = hash;
        x->text = str_copy(&x->last, text);
        x->signature = sign(x, &x->last, hash, text);
    }
    return str_copy(a, x->signature);
}

Str signing_path(Server *s)
{
    return signing_of(s)->path;
}

bool signing_is(Str path)
{
    return str_starts(path, PATH_PREFIX) && str_ends(path, S(".pem"));
}

bool signing_certificate(Server *s, Str path, Str *pem)
{
    const struct Signing *x = signing_of(s);
    *pem = x->certificate;
    return str_eq(path, x->path);
}
