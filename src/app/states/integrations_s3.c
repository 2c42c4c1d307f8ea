/* integrations_s3.c - Task states that read, write, copy and complete objects: what needs the pool, or the bytes themselves. */
#include "app/dispatch.h"
#include "app/states/integrations_inner.h"
#include "base/encode.h"
#include "store/objects_upload.h"

enum { BODY_BYTES_MAX = 256 * 1024 }; /* what a task's input or result can hold */

/* One call, from its order to its answer. */
typedef struct S3Task {
    Job job; /* first: the pool gives it back */
    Call call;
    Arena arena;
    int64_t execution;
    AslToken token;
    Str operation, body; /* body: to be written, or read */
    Upload *upload;      /* of a body to be written */
    int64_t length;      /* of a file to be read */
    bool fetched, kept;
    Error error;
} S3Task;

static const char *const actions[] = {"getObject",  "putObject",      "uploadPart",
                                      "copyObject", "uploadPartCopy", "completeMultipartUpload"};

/* There is a body, and it has a length. */
static const HttpRequest with_body = {.body = HTTP_BODY_LENGTH};

bool integrations_is_s3(const ExecutionOrder *o)
{
    if (o->task != ASL_TASK_SERVICE || !str_eq(o->service, S("aws-sdk:s3")) || o->pattern.n)
        return false;
    for (int i = 0; i < countof(actions); i++)
        if (str_eq(o->action, str_from(actions[i]))) return true;
    return false;
}

/* ---- what comes of it ---- */

/* As text: ill-formed bytes become U+FFFD. */
static Str text_of(Arena *a, Str bytes)
{
    Buf b = {.a = a};
    if (utf8_valid(bytes)) return bytes;
    while (bytes.n) {
        int n = utf8_length(bytes);
        buf_put(&b, n ? str_slice(bytes, 0, n) : S("\xef\xbf\xbd"));
        bytes = str_slice(bytes, n ? n : 1, bytes.n);
    }
    return buf_str(&b);
}

static TaskOutcome succeeded(Server *s, S3Task *t, Str body)
{
    JsonObject all = {.a = &s->turn};
    const Json *out = &t->call.out;
    for (int32_t i = 0; i < json_count(out); i++)
        json_put(&all, out->members[i].key, out->members[i].value);
    if (!str_absent(body)) json_put_text(&all, S("Body"), text_of(&s->turn, body));
    Json told = json_object(&all);
    told = integrations_output(&s->turn, t->call.route.operation, &told, TIMES_ISO);
    return (TaskOutcome){.end = TASK_DONE, .output = json_to_str(&s->turn, &told)};
}

static TaskOutcome refused(Server *s, const S3Task *t, const Fault *fault)
{
    TaskOutcome out;
    integrations_refused(&s->turn, S("aws-sdk:s3"), &t->call, fault, &out);
    return out;
}

static TaskOutcome refused_by(Server *s, const S3Task *t, const Error *err)
{
    Fault fault = dispatch_fault(&t->call, err);
    return refused(s, t, &fault);
}

static void tell(Server *s, const S3Task *t, const TaskOutcome *outcome)
{
    executions_work_done(s, t->execution, t->token, outcome);
}

static void forget(Server *s, void *arg)
{
    S3Task *t = arg;
    (void)s;
    arena_free(&t->arena);
    free(t);
}

/* Answered later, by a job of S3's own. */
static void answered(Call *call, const Error *err)
{
    S3Task *t = (S3Task *)((char *)call - offsetof(S3Task, call));
    Server *s = call->server;
    TaskOutcome outcome = err ? refused_by(s, t, err) : succeeded(s, t, (Str){0});
    tell(s, t, &outcome);
    after_commit(s, forget, t);
}

/* Once the body, if any, is there. */
static CallResult ask(S3Task *t, Fault *fault)
{
    t->call.upload = t->upload;
    t->call.now = t->call.server->now;
    return dispatch_inside(&t->call, S("s3"), t->operation, fault);
}

/* ---- writing ---- */

static bool fill(S3Task *t)
{
    return upload_put(t->upload, t->body, &t->error) && upload_seal(t->upload, &t->error);
}

static void fill_on_pool(Job *job)
{
    S3Task *t = (S3Task *)job;
    t->fetched = fill(t);
}

static TaskOutcome put_now(Server *s, S3Task *t)
{
    Fault fault = {0};
    CallResult result = ask(t, &fault);
    check(result != CALL_LATER);
    return result == CALL_DONE ? succeeded(s, t, (Str){0}) : refused(s, t, &fault);
}

static void filled(Server *s, Job *job)
{
    S3Task *t = (S3Task *)job;
    TaskOutcome outcome = {.end = TASK_REFUSED,
                           .error = S("S3.InternalErrorException"),
                           .cause = error_text(&t->error)};
    if (t->fetched) outcome = put_now(s, t);
    t->kept = outcome.end == TASK_DONE;
    tell(s, t, &outcome);
}

static void release_filled(Job *job)
{
    S3Task *t = (S3Task *)job;
    upload_close(t->upload, t->kept);
    forget(NULL, t);
}

/* false: it goes on on the pool. Small bodies are in memory and belong to no file. */
static bool put(Server *s, S3Task *t, TaskOutcome *out)
{
    t->upload = upload_open(s->objects, NULL);
    if (t->body.n > OBJECT_INLINE_BYTES_MAX) {
        t->job = (Job){.work = fill_on_pool, .done = filled, .release = release_filled};
        server_start_job(s, &t->job);
        return false;
    }
    check(fill(t));
    *out = put_now(s, t);
    upload_close(t->upload, true);
    return true;
}

/* ---- reading ---- */

static void read_on_pool(Job *job)
{
    S3Task *t = (S3Task *)job;
    int64_t got;
    char *to = new_array(&t->arena, char, t->length + 1);
    t->fetched =
        file_read(t->call.out_file.fd, t->call.out_file.offset, to, t->length, &got, &t->error) &&
        got == t->length;
    t->body = (Str){to, t->length};
}

static void was_read(Server *s, Job *job)
{
    S3Task *t = (S3Task *)job;
    TaskOutcome outcome = {.end = TASK_REFUSED,
                           .error = S("S3.InternalErrorException"),
                           .cause = S("The object could not be read.")};
    if (t->fetched) outcome = succeeded(s, t, t->body);
    tell(s, t, &outcome);
}

static void release_read(Job *job)
{
    S3Task *t = (S3Task *)job;
    file_close(t->call.out_file.fd);
    forget(NULL, t);
}

static TaskOutcome too_large(void)
{
    return (TaskOutcome){.end = TASK_REFUSED,
                         .error = S("States.DataLimitExceeded"),
                         .cause = S("The state/task 'aws-sdk:s3:getObject' returned a result with "
                                    "a size exceeding the maximum number of bytes service "
                                    "limit.")};
}

/* false: it goes on on the pool. */
static bool got(Server *s, S3Task *t, TaskOutcome *out)
{
    const ReplyFile *file = &t->call.out_file;
    t->length = file->length;
    if (file->fd < 0) {
        *out = succeeded(s, t, str_absent(t->call.out_body) ? S("") : t->call.out_body);
    } else if (t->length > BODY_BYTES_MAX) {
        file_close(file->fd);
        *out = too_large();
    } else {
        t->job = (Job){.work = read_on_pool, .done = was_read, .release = release_read};
        server_start_job(s, &t->job);
        return false;
    }
    return true;
}

/* ---- beginning ---- */

/* Body is the bytes of a text, and of anything else its JSON. */
static Json without_body(S3Task *t, const Json *given)
{
    JsonObject o = {.a = &t->arena};
    for (int32_t i = 0; i < json_count(given); i++) {
        const JsonMember *m = &given->members[i];
        if (!str_eq(m->key, S("Body")))
            json_put(&o, m->key, m->value);
        else
            t->body = m->value.type == JSON_STRING ? json_text(&m->value)
                                                   : json_to_str(&t->arena, &m->value);
    }
    return json_object(&o);
}

static S3Task *open_task(Server *s, const ExecutionRow *x, const ExecutionOrder *o)
{
    Error err = {0};
    Json given;
    S3Task *t = calloc(1, sizeof *t);
    check(t);
    Arena *a = &t->arena;
    t->execution = o->execution;
    t->token = o->token;
    t->operation = str_printf(a, "%.*s%.*s", STR(str_upper(a, str_slice(o->action, 0, 1))),
                              STR(str_slice(o->action, 1, o->action.n)));
    if (!json_parse(str_copy(a, o->parameters), a, &given, &err))
        given = (Json){.type = JSON_OBJECT};
    Json in = without_body(t, &given);
    in = integrations_input(a, model_operation(model_service(S("s3")), t->operation), &in);
    t->call = integrations_call(s, a, str_copy(a, x->account), str_copy(a, x->asl.id.region), in);
    Identity who = task_identity(x);
    t->call.who.role = str_copy(a, who.role);
    t->call.who.service = str_copy(a, who.service);
    t->call.who.source_arn = str_copy(a, who.source_arn);
    t->call.answered = answered;
    return t;
}

/* false: what comes of it is told later. */
static bool begin(Server *s, S3Task *t, TaskOutcome *out)
{
    Fault fault = {0};
    if (str_eq(t->operation, S("PutObject")) || str_eq(t->operation, S("UploadPart"))) {
        t->call.http = &with_body;
        return put(s, t, out);
    }
    CallResult result = ask(t, &fault);
    if (result == CALL_LATER) return false;
    if (result == CALL_DONE && str_eq(t->operation, S("GetObject"))) return got(s, t, out);
    *out = result == CALL_DONE ? succeeded(s, t, (Str){0}) : refused(s, t, &fault);
    return true;
}

void integrations_s3_work(Server *s, const ExecutionRow *x, const ExecutionOrder *o,
                          TaskOutcome *out)
{
    S3Task *t = open_task(s, x, o);
    if (!begin(s, t, out)) return;
    out->output = str_absent(out->output) ? out->output : str_copy(&s->turn, out->output);
    out->error = str_absent(out->error) ? out->error : str_copy(&s->turn, out->error);
    out->cause = str_absent(out->cause) ? out->cause : str_copy(&s->turn, out->cause);
    forget(s, t);
}
