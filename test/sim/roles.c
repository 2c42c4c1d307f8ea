/* roles.c - the account changes its roles, a user acts under them, and everything is signed. */
#include "roles.h"

#include "app/server.h"
#include "disk.h"
#include "store/keys.h"

enum { PAUSE_MS_MAX = 3 * 60 * 1000, AFTER_MS = 5 * 60 * 1000, SESSIONS_MAX = 6 };
#define ROLE_ARN "arn:aws:iam::000000000000:role/r"
#define QUEUE    "arn:aws:sqs:us-east-1:000000000000:q"

typedef struct Session {
    AwsKey key;
    int role;
    Millis asked_at, answered_at;
} Session;

static struct {
    Client client; /* first: the account */
    Client actor;
    AwsKey account, user;
    Document documents[DOCUMENTS_MAX];
    int64_t documents_n;
    Send sends[SENDS_MAX];
    int64_t sends_n, executions_n;
    Session sessions[SESSIONS_MAX];
    int sessions_n;
    enum { STAYS, LOSES_POLICY, GOES, COMES, GETS_POLICY } next[ROLES]; /* of one made anew */
    int set_up;
    int64_t left;
    bool verifying;
    Millis until;
} roles;

const Document *roles_document(int64_t n)
{
    return n >= 0 && n < roles.documents_n ? &roles.documents[n] : NULL;
}

int64_t roles_sends(void)
{
    return roles.sends_n;
}

const Send *roles_send(int64_t n)
{
    return &roles.sends[n];
}

/* ---- documents ---- */

static int64_t new_document(Document d)
{
    check(roles.documents_n < DOCUMENTS_MAX);
    roles.documents[roles.documents_n] = d;
    return roles.documents_n++;
}

/* Short enough to be in the record of calls as a whole. */
static Str policy_text(int64_t n, Arena *a)
{
    const Document *d = &roles.documents[n];
    Buf b = {.a = a};
    buf_printf(&b,
               "{\"Statement\":[{\"Sid\":\"v%" PRId64
               "\",\"Effect\":\"Allow\",\"Action\":\"sqs:Send*\",\"Resource\":[\"*:qx\"",
               n);
    for (int i = 0; i < QUEUES; i++)
        if (d->send[i]) buf_printf(&b, ",\"*:q%d\"", i);
    buf_put(&b, S("]}"));
    for (int i = 0; i < QUEUES; i++)
        if (d->deny[i])
            buf_printf(&b, ",{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*:q%d\"}", i);
    buf_put(&b, S("]}"));
    return buf_str(&b);
}

static Str trust_text(int64_t n, Arena *a)
{
    const Document *d = &roles.documents[n];
    Buf b = {.a = a};
    buf_printf(&b,
               "{\"Statement\":[{\"Sid\":\"t%" PRId64
               "\",\"Effect\":\"Allow\",\"Action\":\"sts:AssumeRole\",\"Principal\":{",
               n);
    if (d->to_user) buf_put(&b, S("\"AWS\":\"arn:aws:iam::000000000000:user/u\","));
    buf_put(&b, S("\"Service\":[\"ec2.amazonaws.com\""));
    if (d->to_scheduler) buf_put(&b, S(",\"scheduler.amazonaws.com\""));
    if (d->to_states) buf_put(&b, S(",\"states.amazonaws.com\""));
    buf_put(&b, S("]}}]}"));
    return buf_str(&b);
}

static Document draw_document(void)
{
    Document d = {
        .to_user = !chance_in(4), .to_scheduler = !chance_in(4), .to_states = !chance_in(4)};
    for (int i = 0; i < QUEUES; i++) d.send[i] = !chance_in(3), d.deny[i] = chance_in(6);
    return d;
}

static const Document everything = {
    .send = {true, true}, .to_user = true, .to_scheduler = true, .to_states = true};

/* ---- asking ---- */

static void ask_iam(Str body, Answered *answered)
{
    aws_ask(&(AwsAsk){.client = &roles.client,
                      .key = &roles.account,
                      .service = "iam",
                      .body = body,
                      .answered = answered});
}

static void ask(const char *service, const char *target, Str body, Answered *answered)
{
    aws_ask(&(AwsAsk){.client = &roles.client,
                      .key = &roles.account,
                      .service = service,
                      .target = target,
                      .body = body,
                      .answered = answered});
}

static void answered_somehow(Request *r, const Answer *a)
{
    (void)r;
    aws_fate(a);
}

/* ---- changing roles ---- */

static Str iam_call(Arena *a, const char *action, int role, const char *more)
{
    return str_printf(a, "Version=2010-05-08&Action=%s&RoleName=r%d%s", action, role, more);
}

static Str create_role(Arena *a, int role, Document d)
{
    Str text = aws_form(a, trust_text(new_document(d), a));
    return str_printf(a, "%.*s%.*s",
                      STR(iam_call(a, "CreateRole", role, "&AssumeRolePolicyDocument=")),
                      STR(text));
}

static Str put_policy(Arena *a, int role, Document d)
{
    Str text = aws_form(a, policy_text(new_document(d), a));
    return str_printf(a, "%.*s%.*s",
                      STR(iam_call(a, "PutRolePolicy", role, "&PolicyName=p&PolicyDocument=")),
                      STR(text));
}

static Str put_trust(Arena *a, int role, Document d)
{
    Str text = aws_form(a, trust_text(new_document(d), a));
    return str_printf(a, "%.*s%.*s",
                      STR(iam_call(a, "UpdateAssumeRolePolicy", role, "&PolicyDocument=")),
                      STR(text));
}

/* The steps in which a role goes and another one comes under its name. */
static Str next_step(Arena *a, int role)
{
    int step = roles.next[role];
    roles.next[role] = step == GETS_POLICY ? STAYS : step + 1;
    return step == LOSES_POLICY ? iam_call(a, "DeleteRolePolicy", role, "&PolicyName=p")
           : step == GOES       ? iam_call(a, "DeleteRole", role, "")
           : step == COMES      ? create_role(a, role, draw_document())
                                : put_policy(a, role, draw_document());
}

static void change_role(void)
{
    Arena a = {0};
    int role = (int)chance_below(ROLES);
    int64_t what = chance_below(10);
    if (!roles.next[role] && what >= 8) roles.next[role] = LOSES_POLICY;
    Str body = roles.next[role] ? next_step(&a, role)
               : what < 5       ? put_policy(&a, role, draw_document())
               : what == 5      ? create_role(&a, role, draw_document())
                                : put_trust(&a, role, draw_document());
    ask_iam(body, answered_somehow);
    arena_free(&a);
}

static void start_execution(void)
{
    Arena a = {0};
    ask("states", "AWSStepFunctions.StartExecution",
        str_printf(&a,
                   "{\"stateMachineArn\":\"arn:aws:states:us-east-1:000000000000:stateMachine:m\","
                   "\"name\":\"x%" PRId64 "\"}",
                   roles.executions_n++),
        answered_somehow);
    arena_free(&a);
}

/* ---- what is there from the start ---- */

static void was_set_up(Request *r, const Answer *a)
{
    (void)r;
    Fate fate = aws_fate(a);
    bool again = a->status == 409 || str_find(a->body, S("AlreadyExists")) >= 0;
    promise(fate != FATE_NO || again, "a thing that roles need is refused: %.*s", STR(a->body));
    if (fate == FATE_YES || again) roles.set_up++;
}

/* A key whose answer was lost is one too many, and nobody's. */
static void key_made(Request *r, const Answer *a)
{
    (void)r;
    if (aws_must(a, "a key") != FATE_YES) return;
    snprintf(roles.user.id, sizeof roles.user.id, "%.*s", STR(aws_xml(a->body, "AccessKeyId")));
    snprintf(roles.user.secret, sizeof roles.user.secret, "%.*s",
             STR(aws_xml(a->body, "SecretAccessKey")));
    roles.set_up++;
}

#define MACHINE                                                                                    \
    "{\"name\":\"m\",\"roleArn\":\"" ROLE_ARN                                                      \
    "0\",\"definition\":\"{\\\"StartAt\\\":\\\"A\\\",\\\"States\\\":{\\\"A\\\":{\\\"Type\\\":"     \
    "\\\"Task\\\",\\\"Resource\\\":\\\"arn:aws:states:::sqs:sendMessage\\\",\\\"Parameters\\\":{"  \
    "\\\"QueueUrl\\\":\\\"http://localhost:4566/000000000000/q0\\\",\\\"MessageBody\\\":"          \
    "\\\"a\\\"},\\\"Next\\\":\\\"W\\\"},\\\"W\\\":{\\\"Type\\\":\\\"Wait\\\",\\\"Seconds\\\":20,"  \
    "\\\"Next\\\":\\\"B\\\"},\\\"B\\\":{\\\"Type\\\":\\\"Task\\\",\\\"Resource\\\":"               \
    "\\\"arn:aws:states:::sqs:sendMessage\\\",\\\"Parameters\\\":{\\\"QueueUrl\\\":"               \
    "\\\"http://localhost:4566/000000000000/q1\\\",\\\"MessageBody\\\":\\\"b\\\"},\\\"End\\\":"    \
    "true}}}\"}"
#define SCHEDULE                                                                                   \
    "{\"ScheduleExpression\":\"rate(1 minute)\",\"FlexibleTimeWindow\":{\"Mode\":\"OFF\"},"        \
    "\"Target\":{\"Arn\":\"" QUEUE "0\",\"RoleArn\":\"" ROLE_ARN "1\",\"Input\":\"s\"}}"

static void set_up(void)
{
    Arena a = {0};
    switch (roles.set_up) {
    case 0: ask("sqs", "AmazonSQS.CreateQueue", S("{\"QueueName\":\"q0\"}"), was_set_up); break;
    case 1: ask("sqs", "AmazonSQS.CreateQueue", S("{\"QueueName\":\"q1\"}"), was_set_up); break;
    case 2: ask_iam(S("Version=2010-05-08&Action=CreateUser&UserName=u"), was_set_up); break;
    case 3: ask_iam(S("Version=2010-05-08&Action=CreateAccessKey&UserName=u"), key_made); break;
    case 4: ask_iam(create_role(&a, 0, everything), was_set_up); break;
    case 5: ask_iam(create_role(&a, 1, everything), was_set_up); break;
    case 6: ask_iam(put_policy(&a, 0, everything), was_set_up); break;
    case 7: ask_iam(put_policy(&a, 1, everything), was_set_up); break;
    case 8: ask("states", "AWSStepFunctions.CreateStateMachine", S(MACHINE), was_set_up); break;
    case 9:
        aws_ask(&(AwsAsk){.client = &roles.client,
                          .key = &roles.account,
                          .service = "scheduler",
                          .method = "POST",
                          .path = "/schedules/s",
                          .body = S(SCHEDULE),
                          .answered = was_set_up});
        break;
    default: unreachable();
    }
    arena_free(&a);
}

enum { SET_UP = 10 };

/* ---- the user ---- */

static void assumed(Request *r, const Answer *a)
{
    if (aws_fate(a) != FATE_YES) return;
    Session *s = &roles.sessions[roles.sessions_n++ % SESSIONS_MAX];
    *s = (Session){.role = (int)r->size, .asked_at = r->asked_at, .answered_at = world.now};
    snprintf(s->key.id, sizeof s->key.id, "%.*s", STR(aws_xml(a->body, "AccessKeyId")));
    snprintf(s->key.secret, sizeof s->key.secret, "%.*s", STR(aws_xml(a->body, "SecretAccessKey")));
    Str token = aws_xml(a->body, "SessionToken");
    check(token.n < (int64_t)sizeof s->key.token);
    snprintf(s->key.token, sizeof s->key.token, "%.*s", STR(token));
}

static void assume(void)
{
    Arena a = {0};
    int role = (int)chance_below(ROLES);
    aws_ask(
        &(AwsAsk){.client = &roles.actor,
                  .key = &roles.user,
                  .service = "sts",
                  .body = str_printf(&a,
                                     "Version=2011-06-15&Action=AssumeRole&RoleSessionName=user&"
                                     "RoleArn=arn%%3Aaws%%3Aiam%%3A%%3A000000000000%%3Arole%%2F"
                                     "r%d",
                                     role),
                  .answered = assumed});
    roles.actor.last->size = role;
    arena_free(&a);
}

static void sent(Request *r, const Answer *a)
{
    Send *s = &roles.sends[r->size];
    s->fate = aws_fate(a);
    s->answered_at = world.now;
}

static void send_message(void)
{
    Arena a = {0};
    int n = roles.sessions_n < SESSIONS_MAX ? roles.sessions_n : SESSIONS_MAX;
    if (roles.sends_n == SENDS_MAX) return;
    const Session *by = &roles.sessions[chance_below(n)];
    Send *s = &roles.sends[roles.sends_n];
    *s = (Send){.role = by->role,
                .queue = (int)chance_below(QUEUES),
                .fate = FATE_PERHAPS,
                .asked_at = world.now,
                .session_at = by->asked_at,
                .session_since = by->answered_at};
    aws_ask(&(AwsAsk){.client = &roles.actor,
                      .key = &by->key,
                      .service = "sqs",
                      .target = "AmazonSQS.SendMessage",
                      .body = str_printf(&a,
                                         "{\"QueueUrl\":\"http://localhost:4566/000000000000/"
                                         "q%d\",\"MessageBody\":\"m%" PRId64 "\"}",
                                         s->queue, roles.sends_n),
                      .answered = sent});
    roles.actor.last->size = roles.sends_n++;
    arena_free(&a);
}

static void act_as_user(Client *client)
{
    bool ready = roles.set_up == SET_UP && !roles.verifying;
    if (ready && client_can_ask(client)) {
        if (!roles.sessions_n || chance_in(4))
            assume();
        else
            send_message();
    }
    client_rest(client, 3000);
}

/* ---- the account ---- */

bool roles_done(void)
{
    if (roles.client.first || roles.actor.first) return false;
    return roles.verifying ? world.now >= roles.until : roles.left <= 0;
}

static void act(Client *client)
{
    bool ready = roles.set_up == SET_UP;
    if (!roles.verifying && roles.left > 0 && client_can_ask(client)) {
        roles.left--;
        if (!ready)
            set_up();
        else if (chance_in(3))
            start_execution();
        else
            change_role();
    }
    client_rest(client, ready && chance_in(6) ? PAUSE_MS_MAX : 3000);
}

/* As `mayfly keys create` would. */
static void make_key(void)
{
    Db *db;
    Error err = {0};
    roles.account =
        (AwsKey){.id = "AKIAACCOUNTACCOUNT00", .secret = "a secret of forty characters"};
    disk_folder(S("/sim/data"));
    check(db_open(&db, "/sim/data/state.db", "sim", &err));
    db_event_begin(db);
    key_add(db, &(AccessKey){.id = str_from(roles.account.id),
                             .secret = str_from(roles.account.secret),
                             .account = S("000000000000"),
                             .note = KEY_OF_ACCOUNT,
                             .created_at = world.now});
    check(db_event_end(db, true, &err) && db_commit(db, &err));
    db_close(db);
}

void roles_open(struct ServerConfig *config)
{
    memset(&roles, 0, sizeof roles);
    config->enforce_auth = true;
    roles.left = 2 * world.weather.requests;
    make_key();
    client_open(&roles.client, "account-", 0, act);
    client_open(&roles.actor, "user-", 1, act_as_user);
}

void roles_close(void)
{
    client_close(&roles.client);
    client_close(&roles.actor);
}

void roles_verify(void)
{
    roles.verifying = true;
    roles.until = world.now + AFTER_MS;
    client_rest(&roles.client, 1000);
}
