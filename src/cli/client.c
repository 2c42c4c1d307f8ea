/* client.c - signed awsJson calls and admin pages over one connection each. */
#include "cli/client.h"

#include "base/time.h"
#include "sys/clock.h"
#include "sys/dial.h"
#include "sys/file.h"
#include "wire/digest.h"
#include "wire/sigv4.h"

static Str environment(const char *name, Str otherwise)
{
    const char *value = getenv(name);
    return value && *value ? str_from(value) : otherwise;
}

Client client_of_environment(Str port, Str data)
{
    static char endpoint[64];
    Str url = environment("AWS_ENDPOINT_URL", S("http://127.0.0.1:4566"));
    if (port.n) {
        int n = snprintf(endpoint, sizeof endpoint, "http://127.0.0.1:%.*s", STR(port));
        check(n > 0);
        url = str_from(endpoint);
    }
    return (Client){.endpoint = url,
                    .data = data,
                    .access_key = environment("AWS_ACCESS_KEY_ID", S("mayfly")),
                    .secret = environment("AWS_SECRET_ACCESS_KEY", S("mayfly")),
                    .region = environment("AWS_DEFAULT_REGION", S("us-east-1"))};
}

typedef struct Answer {
    int status;
    Str head, body;
} Answer;

static Str header_of(Str head, Str name)
{
    Str line;
    while (str_cut(&head, '\n', &line)) {
        int64_t colon = str_find_char(line, ':');
        if (colon > 0 && str_eq_nocase(str_slice(line, 0, colon), name))
            return str_trim(str_slice(line, colon + 1, line.n));
    }
    return (Str){0};
}

static bool split_answer(Str raw, Answer *out, Error *err)
{
    int64_t end = str_find(raw, S("\r\n\r\n")), status;
    if (end < 0 || !str_starts(raw, S("HTTP/1.1 ")) || !str_to_int(str_slice(raw, 9, 12), &status))
        return error_set(err, ERR_UNAVAILABLE, "what answers there is not a Mayfly server");
    *out = (Answer){(int)status, str_slice(raw, 0, end), str_slice(raw, end + 4, raw.n)};
    int64_t promised;
    if (str_to_int(header_of(out->head, S("Content-Length")), &promised) && promised != out->body.n)
        return error_set(err, ERR_UNAVAILABLE, "the server's answer broke off");
    return true;
}

static bool send(const Client *c, Str method, Str path, Str headers, Str body, Arena *a,
                 Answer *out, Error *err)
{
    DialAddress to;
    Str raw;
    if (!dial_parse(c->endpoint, &to, err)) return false;
    Str request = str_printf(
        a,
        "%.*s %.*s HTTP/1.1\r\nHost: %.*s:%d\r\nConnection: close\r\nContent-Length: %" PRId64
        "\r\n%.*s\r\n%.*s",
        STR(method), STR(path), STR(to.host), to.port, body.n, STR(headers), STR(body));
    return dial_exchange(&to, request, a, &raw, err) && split_answer(raw, out, err);
}

static const struct {
    const char *signing_name, *target, *content_type;
    Str marker; /* carries a listing on to its next page */
} services[] = {
    [CLIENT_EMR] = {"elasticmapreduce", "ElasticMapReduce", "application/x-amz-json-1.1",
                    STR_INIT("Marker")},
    [CLIENT_STATES] = {"states", "AWSStepFunctions", "application/x-amz-json-1.0",
                       STR_INIT("nextToken")},
};

/* The headers of a signed POST to the service. */
static Str sign(const Client *c, ClientService service, Str operation, Str body, Arena *a,
                Error *err)
{
    DialAddress to;
    HttpRequest request;
    Millis now = clock_now();
    if (!dial_parse(c->endpoint, &to, err)) return (Str){0};
    Str headers = str_printf(a, "Content-Type: %s\r\nX-Amz-Date: %.*s\r\nX-Amz-Target: %s.%.*s\r\n",
                             services[service].content_type, STR(time_iso8601_basic(a, now)),
                             services[service].target, STR(operation));
    Str head = str_printf(a, "POST / HTTP/1.1\r\nHost: %.*s:%d\r\n%.*s\r\n", STR(to.host), to.port,
                          STR(headers));
    check(http1_parse(head, &request) > 0);
    SigV4Credentials who = {.access_key = c->access_key,
                            .secret = c->secret,
                            .region = c->region,
                            .service = str_from(services[service].signing_name)};
    DigestValue sha256 = digest_of(DIGEST_SHA256, body);
    Str value = sigv4_sign(&request, SIG_DIALECT_JSON, &who, digest_hex(a, &sha256), now, a);
    return str_printf(a, "%.*sAuthorization: %.*s\r\n", STR(headers), STR(value));
}

static bool refused(const Answer *answer, Arena *a, Error *err)
{
    Json doc;
    Error unreadable = {0};
    Str text = answer->body;
    if (json_parse(answer->body, a, &doc, &unreadable)) {
        const Json *said = json_get(&doc, S("message")) ? json_get(&doc, S("message"))
                                                        : json_get(&doc, S("Message"));
        if (said) text = json_text(said);
    }
    return error_set(err, ERR_USAGE, "%.*s", STR(text));
}

bool client_call(const Client *c, ClientService service, Str operation, const Json *in, Arena *a,
                 Json *out, Error *err)
{
    Answer answer;
    Str body = json_to_str(a, in), headers = sign(c, service, operation, body, a, err);
    if (str_absent(headers) || !send(c, S("POST"), S("/"), headers, body, a, &answer, err))
        return false;
    if (answer.status != 200) return refused(&answer, a, err);
    *out = (Json){.type = JSON_OBJECT};
    return answer.body.n == 0 || json_parse(answer.body, a, out, err);
}

bool client_list(const Client *c, const ClientList *list, const JsonObject *request, Arena *a,
                 Json *out, Error *err)
{
    Str member = services[list->service].marker, marker = {0};
    JsonArray all = {.a = a};
    do {
        JsonObject page_request = {.a = a};
        for (int64_t i = 0; i < request->n; i++)
            json_put(&page_request, request->p[i].key, request->p[i].value);
        json_put_text(&page_request, member, marker);
        Json in = json_object(&page_request), page;
        if (!client_call(c, list->service, list->operation, &in, a, &page, err)) return false;
        const Json *items = json_get(&page, list->member);
        for (int32_t i = 0; i < json_count(items); i++) json_add(&all, items->items[i]);
        marker = json_text(json_get(&page, member));
    } while (marker.n);
    *out = json_array(&all);
    return true;
}

/* The token is sent when it can be read; whether it is needed the server says. */
static Str token_header(const Client *c, Arena *a)
{
    Folder *folder;
    Str token = {0};
    Error err = {0};
    if (!folder_open(c->data, false, &folder, &err)) return S("");
    bool good = file_slurp(folder, S("admin-token"), 64, a, &token, &err);
    folder_close(folder);
    return good ? str_printf(a, "x-mayfly-token: %.*s\r\n", STR(token)) : S("");
}

bool client_admin(const Client *c, Str method, Str page, Arena *a, ClientPage *out, Error *err)
{
    Answer answer;
    if (!send(c, method, str_printf(a, "/_mayfly/%.*s", STR(page)), token_header(c, a), S(""), a,
              &answer, err))
        return false;
    if (answer.status != 200) return refused(&answer, a, err);
    *out = (ClientPage){answer.status, answer.body, header_of(answer.head, S("x-mayfly-next"))};
    return true;
}
