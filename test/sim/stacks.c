/* stacks.c - a client that creates, updates, cancels and deletes stacks at random, and remembers what each answer promised. */
#include "stacks.h"

/* Within which each stack comes to rest when nothing fails. */
enum { REST_MS_MAX = 4 * 3600 * 1000 };

static struct {
    Client client; /* first */
    Stack stacks[STACKS];
    int set_up;
    int64_t left, versions;
    bool verifying, ending;
} stacks;

/* ---- asking ---- */

static void ask(const char *action, int stack, Str more, Answered *answered, void *about)
{
    Arena a = {0};
    Str body =
        str_printf(&a, "Version=2010-05-15&StackName=s%d&Action=%s%.*s", stack, action, STR(more));
    aws_ask(&(AwsAsk){.client = &stacks.client,
                      .service = "cloudformation",
                      .body = body,
                      .answered = answered,
                      .about = about});
    arena_free(&a);
}

static int number_of(const Stack *x)
{
    return (int)(x - stacks.stacks);
}

/* ---- what stacks need: a child template, a topic for custom resources, and its queue ---- */

static void was_set_up(Request *r, const Answer *a)
{
    (void)r;
    if (aws_must(a, "a thing that stacks need") == FATE_YES) stacks.set_up++;
}

static const struct {
    const char *service, *target, *method, *path, *body;
} needed[] = {
    {"s3", NULL, "PUT", "/templates", ""},
    {"s3", NULL, "PUT", "/templates/child.json", child_template},
    {"sns", NULL, NULL, NULL, "Version=2010-03-31&Action=CreateTopic&Name=custom"},
    {"sqs", "AmazonSQS.CreateQueue", NULL, NULL, "{\"QueueName\":\"custom\"}"},
    {"sns", NULL, NULL, NULL,
     "Version=2010-03-31&Action=Subscribe&TopicArn=arn%3Aaws%3Asns%3Aus-east-1%3A000000000000%"
     "3Acustom&Protocol=sqs&Endpoint=arn%3Aaws%3Asqs%3Aus-east-1%3A000000000000%3Acustom&"
     "Attributes.entry.1.key=RawMessageDelivery&Attributes.entry.1.value=true"},
};

static void set_up(void)
{
    int i = stacks.set_up;
    aws_ask(&(AwsAsk){.client = &stacks.client,
                      .service = needed[i].service,
                      .target = needed[i].target,
                      .method = needed[i].method,
                      .path = needed[i].path,
                      .body = str_from(needed[i].body),
                      .answered = was_set_up});
}

/* ---- operations ---- */

static void tried(Request *r, const Answer *a)
{
    Stack *x = r->about;
    x->tries[r->size].fate = aws_fate(a);
}

static Try *new_try(Stack *x, TryKind kind)
{
    const Shape *before = NULL;
    for (int i = 0; i < x->n; i++)
        if (x->tries[i].kind != TRY_DELETE) before = &x->tries[i].shape;
    Try *t = &x->tries[x->n++];
    *t = (Try){.kind = kind, .fate = FATE_PERHAPS};
    if (kind != TRY_DELETE) shape_draw(before, (int)++stacks.versions, &t->shape);
    return t;
}

static void ask_try(Stack *x, TryKind kind)
{
    static const char *const actions[] = {"CreateStack", "UpdateStack", "DeleteStack"};
    Arena a = {0};
    Str more = S("");
    if (x->n == TRIES_MAX) return;
    Try *t = new_try(x, kind);
    t->keep = kind != TRY_DELETE && chance_in(8);
    if (kind != TRY_DELETE)
        more = str_printf(&a, "%s&TemplateBody=%.*s", t->keep ? "&DisableRollback=true" : "",
                          STR(aws_form(&a, shape_template(&t->shape, number_of(x), &a))));
    ask(actions[kind], number_of(x), more, tried, x);
    stacks.client.last->size = x->n - 1;
    arena_free(&a);
}

static void answered_well(Request *r, const Answer *a)
{
    (void)r;
    aws_fate(a);
}

static void ask_cancel(Stack *x)
{
    for (int i = 0; i < x->n; i++) x->tries[i].cancelled |= x->tries[i].fate != FATE_NO;
    ask("CancelUpdateStack", number_of(x), S(""), answered_well, x);
}

static bool is(const Stack *x, const char *status)
{
    return !strcmp(x->status, status);
}

static bool at_rest(Str status)
{
    return !str_ends(status, S("_IN_PROGRESS"));
}

static void described(Request *r, const Answer *a)
{
    Stack *x = r->about;
    Fate fate = aws_fate(a);
    Str status = aws_xml(a->body, "StackStatus");
    if (fate == FATE_PERHAPS) return;
    if (fate == FATE_NO) status = S("gone");
    snprintf(x->status, sizeof x->status, "%.*s", STR(status));
    x->gone = fate == FATE_NO;
    x->seen = stacks.verifying && at_rest(status) && !str_eq(status, S("UPDATE_ROLLBACK_FAILED"));
}

static void ask_status(Stack *x)
{
    ask("DescribeStacks", number_of(x), S(""), described, x);
}

/* ---- the life of the client ---- */

static void ask_something(void)
{
    Stack *x = &stacks.stacks[chance_below(STACKS)];
    int64_t what = chance_below(20);
    if ((!x->n && !x->status[0]) || is(x, "gone")) {
        ask_try(x, TRY_CREATE);
        x->status[0] = 0;
    } else if (!x->status[0]) {
        ask_status(x);
    } else if (what < 6) {
        ask_try(x, TRY_UPDATE);
    } else if (what == 6 || is(x, "ROLLBACK_COMPLETE") || is(x, "DELETE_FAILED")) {
        ask_try(x, TRY_DELETE);
    } else if (what == 7) {
        ask_cancel(x);
    } else if (what == 8 || is(x, "UPDATE_ROLLBACK_FAILED")) {
        ask("ContinueUpdateRollback", number_of(x), S(""), answered_well, x);
    } else if (what < 11) {
        ask(chance_in(2) ? "DescribeStackResources" : "DescribeStackEvents", number_of(x), S(""),
            answered_well, x);
    } else {
        ask_status(x);
    }
}

static void bring_to_rest(Stack *x)
{
    if (!x->hopes_since) x->hopes_since = world.now;
    promise(world.now - x->hopes_since < REST_MS_MAX, "stack s%d does not come to rest: it is %s",
            number_of(x), x->status);
    if (is(x, "UPDATE_ROLLBACK_FAILED") && !stacks.ending && chance_in(2))
        ask("ContinueUpdateRollback", number_of(x), S(""), answered_well, x);
    else if (stacks.ending && at_rest(str_from(x->status)) && chance_in(2))
        ask("DeleteStack", number_of(x), S(""), answered_well, x);
    else
        ask_status(x);
}

static bool is_verified(const Stack *x)
{
    return stacks.ending ? x->gone : x->seen;
}

static void verify(void)
{
    int first = (int)chance_below(STACKS);
    for (int i = 0; i < STACKS; i++) {
        Stack *x = &stacks.stacks[(first + i) % STACKS];
        if (is_verified(x)) continue;
        bring_to_rest(x);
        return;
    }
}

const Stack *stacks_get(int i)
{
    return &stacks.stacks[i];
}

bool stacks_done(void)
{
    if (stacks.client.first) return false;
    if (!stacks.verifying) return stacks.left <= 0;
    for (int i = 0; i < STACKS; i++)
        if (!is_verified(&stacks.stacks[i])) return false;
    return true;
}

static void act(Client *client)
{
    bool pause = chance_in(6);
    if (!stacks_done() && !pause && client_can_ask(client)) {
        stacks.left--;
        if (stacks.set_up < countof(needed))
            set_up();
        else if (stacks.verifying)
            verify();
        else
            ask_something();
    }
    client_rest(client, pause ? 60 * 1000 : 3000);
}

void stacks_open(int64_t requests)
{
    memset(&stacks, 0, sizeof stacks);
    stacks.left = requests;
    client_open(&stacks.client, "stacks-", 0, act);
    answers_open();
}

void stacks_close(void)
{
    client_close(&stacks.client);
    answers_close();
}

void stacks_verify(void)
{
    stacks.verifying = true;
    for (int i = 0; i < STACKS; i++) {
        Stack *x = &stacks.stacks[i];
        x->seen = x->gone = false;
        x->hopes_since = 0;
        x->status[0] = 0;
    }
    answers_hurry();
    client_rest(&stacks.client, 1000);
}

void stacks_end(void)
{
    stacks_verify();
    stacks.ending = true;
}
