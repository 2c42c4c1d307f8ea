/* stacks_answers.c - who stands behind custom resources: reads what is asked from a queue, and answers well, badly, late or never. */
#include "base/json.h"
#include "stacks.h"

enum {
    ASKED_MAX = 512,
    ASKED_ID = 40,
    LATE_MS_MAX = 1200 * 1000, /* half of them too late: templates say 600 s */
};

/* A request, by its RequestId: it may be read several times. */
typedef struct Asked {
    char id[ASKED_ID], stack[160], name[16], value[32], type[8];
    Millis answer_at; /* INT64_MAX: never */
} Asked;

/* A message in hand. */
typedef struct Hand {
    bool full, answered;
    Asked *asked;
    char receipt[256], url[256], physical[128];
} Hand;

static struct {
    Client client; /* first */
    Asked asked[ASKED_MAX];
    int n;
    Hand hand;
    bool hurry;
} answers;

static void ask(const char *target, Str body, Answered *answered)
{
    aws_ask(&(AwsAsk){.client = &answers.client,
                      .service = "sqs",
                      .target = target,
                      .body = body,
                      .answered = answered});
}

/* ---- what is asked ---- */

static void keep(char *out, size_t n, const Json *o, const char *member)
{
    snprintf(out, n, "%.*s", STR(json_text(json_find(o, member))));
}

/* A resource of one version is created once, whatever happens meanwhile. */
static void check_once(const Asked *x)
{
    for (int i = 0; i < answers.n; i++) {
        const Asked *y = &answers.asked[i];
        promise(strcmp(x->type, "Create") != 0 || strcmp(y->type, "Create") != 0 ||
                    strcmp(x->stack, y->stack) != 0 || strcmp(x->name, y->name) != 0 ||
                    strcmp(x->value, y->value) != 0,
                "%s of %s is created twice with %s", x->name, x->stack, x->value);
    }
}

static Millis when_to_answer(const Asked *x)
{
    bool slow = strchr(x->value, '~') != NULL;
    if (!slow) return world.now + (chance_in(3) ? chance_below(20000) : 0);
    return chance_in(4) ? INT64_MAX : world.now + chance_below(LATE_MS_MAX);
}

static Asked *asked_by(const Json *request)
{
    Asked x = {0};
    keep(x.id, sizeof x.id, request, "RequestId");
    for (int i = 0; i < answers.n; i++)
        if (!strcmp(answers.asked[i].id, x.id)) return &answers.asked[i];
    check(answers.n < ASKED_MAX);
    keep(x.stack, sizeof x.stack, request, "StackId");
    keep(x.name, sizeof x.name, request, "LogicalResourceId");
    keep(x.value, sizeof x.value, request, "ResourceProperties.Value");
    keep(x.type, sizeof x.type, request, "RequestType");
    check_once(&x);
    x.answer_at = when_to_answer(&x);
    answers.asked[answers.n] = x;
    return &answers.asked[answers.n++];
}

static void received(Request *r, const Answer *a)
{
    (void)r;
    Arena arena = {0};
    Json doc, request;
    Error err = {0};
    const Json *message = NULL;
    if (aws_fate(a) == FATE_YES && json_parse(a->body, &arena, &doc, &err))
        message = json_at(json_get(&doc, S("Messages")), 0);
    if (message) {
        Hand *h = &answers.hand;
        check(json_parse(json_text(json_get(message, S("Body"))), &arena, &request, &err));
        *h = (Hand){.full = true, .asked = asked_by(&request)};
        keep(h->receipt, sizeof h->receipt, message, "ReceiptHandle");
        keep(h->url, sizeof h->url, &request, "ResponseURL");
        keep(h->physical, sizeof h->physical, &request, "PhysicalResourceId");
    }
    arena_free(&arena);
}

/* ---- what is answered ---- */

static void was_answered(Request *r, const Answer *a)
{
    (void)r;
    Fate fate = aws_fate(a);
    promise(fate != FATE_NO, "the answer of a custom resource is refused: %.*s", STR(a->body));
    if (fate == FATE_YES)
        answers.hand.answered = true;
    else
        answers.hand.full = false; /* the message comes again */
}

/* An update gives another id now and then: what had the former one is then deleted. */
static void answer(void)
{
    Arena a = {0};
    const Hand *h = &answers.hand;
    const Asked *x = h->asked;
    bool bad = strchr(x->value, '!') && strcmp(x->type, "Delete") != 0;
    bool same = h->physical[0] && (!strcmp(x->type, "Delete") || x->id[0] % 2);
    Str path = str_from(h->url);
    path = str_slice(path, str_find(path, S("/_mayfly")), path.n);
    Str physical = same ? str_from(h->physical) : str_printf(&a, "thing-%s", x->id);
    Str body =
        str_printf(&a,
                   "{\"Status\":\"%s\",\"Reason\":\"as told\",\"RequestId\":\"%s\","
                   "\"StackId\":\"%s\",\"LogicalResourceId\":\"%s\","
                   "\"PhysicalResourceId\":\"%.*s\",\"Data\":{\"Value\":\"%s\"}}",
                   bad ? "FAILED" : "SUCCESS", x->id, x->stack, x->name, STR(physical), x->value);
    aws_ask(&(AwsAsk){.client = &answers.client,
                      .service = "cloudformation",
                      .method = "PUT",
                      .path = str_z(&a, path),
                      .body = body,
                      .answered = was_answered});
    arena_free(&a);
}

static void removed(Request *r, const Answer *a)
{
    (void)r;
    if (aws_fate(a) != FATE_PERHAPS) answers.hand.full = false;
}

static void remove_message(void)
{
    Arena a = {0};
    ask("AmazonSQS.DeleteMessage",
        str_printf(&a,
                   "{\"QueueUrl\":\"http://localhost:4566/000000000000/custom\","
                   "\"ReceiptHandle\":\"%s\"}",
                   answers.hand.receipt),
        removed);
    arena_free(&a);
}

static void act(Client *client)
{
    Hand *h = &answers.hand;
    if (!client_can_ask(client)) return;
    bool due = h->full && (answers.hurry || h->asked->answer_at <= world.now);
    if (h->full && !due) h->full = false; /* comes again when it is visible again */
    if (!h->full)
        ask("AmazonSQS.ReceiveMessage",
            S("{\"QueueUrl\":\"http://localhost:4566/000000000000/custom\"}"), received);
    else if (h->answered)
        remove_message();
    else
        answer();
    client_rest(client, h->full ? 500 : 5000);
}

void answers_open(void)
{
    memset(&answers, 0, sizeof answers);
    client_open(&answers.client, "answers-", 0, act);
}

void answers_close(void)
{
    client_close(&answers.client);
}

void answers_hurry(void)
{
    answers.hurry = true;
}
