/* topics_post.c - posts to subscribers' servers: after the commit, again when nobody took them, and given up in the end. */
#include "app/events/targets.h"
#include "app/http_client.h"
#include "app/messages/topics.h"
#include "store/timers.h"

enum { ANSWER_BYTES_MAX = 64 * 1024 };

typedef struct Post {
    Job job; /* first: the pool gives it back */
    Arena arena;
    PostRow row; /* in the arena */
    HttpExchange exchange;
} Post;

static Str subject_of(Server *s, int64_t n)
{
    return str_printf(&s->turn, "%" PRId64, n);
}

static void work(Job *job)
{
    http_client_run(&((Post *)job)->exchange);
}

static void release(Job *job)
{
    Post *p = (Post *)job;
    arena_free(&p->arena);
    free(p);
}

/* Of a subscription: "{\"deadLetterTargetArn\": ..}". */
static void to_dead_letters(Server *s, const PostRow *row, const SubscriptionRow *sub, Str why)
{
    Json policy = {0};
    TopicRow topic;
    Error unread = {0};
    Str text = topics_attribute(&s->turn, sub->attributes, S("RedrivePolicy"));
    if (text.n && json_parse(text, &s->turn, &policy, &unread) &&
        topic_row_get(s->db, sub->topic, &s->turn, &topic)) {
        Target t = {.arn = json_text(json_get(&policy, S("deadLetterTargetArn"))),
                    .service = S("sns.amazonaws.com"),
                    .account = topic.account,
                    .region = topic.region,
                    .source_arn = topics_arn(&s->turn, &topic),
                    .input = row->body};
        bool given = targets_deliver(s, &t).end == TARGET_DELIVERED;
        topics_count(s, &topic,
                     given ? "NumberOfNotificationsRedrivenToDlq"
                           : "NumberOfNotificationsFailedToRedriveToDlq");
        if (given) return;
    }
    log_recorded(s, "notification-lost", "subscription=%.*s endpoint=%.*s error=\"%.*s\"",
                 STR(sub->id), STR(sub->endpoint), STR(why));
}

static Str why_not(Server *s, const HttpExchange *x)
{
    return x->failure ? x->why : str_printf(&s->turn, "status %d", x->status);
}

static void done(Server *s, Job *job)
{
    Post *p = (Post *)job;
    PostRow row;
    SubscriptionRow sub;
    TopicRow topic;
    const HttpExchange *x = &p->exchange;
    bool taken = !x->failure && x->status >= 200 && x->status < 300;
    if (!post_get(s->db, p->row.n, &s->turn, &row)) return;
    if (!taken && row.attempts < TOPIC_RETRIES_MAX) {
        post_set_attempts(s->db, row.n, row.attempts + 1);
        timer_set(s->db, S("topic-post"), subject_of(s, row.n), s->now + TOPIC_RETRY_MS);
        return;
    }
    post_remove(s->db, row.n);
    timer_clear(s->db, S("topic-post"), subject_of(s, row.n));
    if (!str_eq(row.kind, S("Notification")) ||
        !subscription_get(s->db, row.subscription, &s->turn, &sub) ||
        !topic_row_get(s->db, sub.topic, &s->turn, &topic))
        return;
    topics_count(s, &topic,
                 taken ? "NumberOfNotificationsDelivered" : "NumberOfNotificationsFailed");
    if (!taken) to_dead_letters(s, &row, &sub, why_not(s, x));
}

/* "HTTP/HTTPS headers" in the developer guide. */
static void put_headers(HttpExchange *x, const PostRow *row, const TopicRow *t,
                        const SubscriptionRow *sub)
{
    http_client_header(x, S("x-amz-sns-message-type"), row->kind);
    http_client_header(x, S("x-amz-sns-message-id"), row->message_id);
    http_client_header(x, S("x-amz-sns-topic-arn"), topics_arn(x->arena, t));
    if (sub->confirmed)
        http_client_header(x, S("x-amz-sns-subscription-arn"),
                           topics_subscription_arn(x->arena, t, sub));
    if (row->raw) http_client_header(x, S("x-amz-sns-rawdelivery"), S("true"));
    http_client_header(x, S("Content-Type"), S("text/plain; charset=UTF-8"));
    http_client_header(x, S("User-Agent"), S("Amazon Simple Notification Service Agent"));
}

/* The timer is set again, for when the server should end before the answer is there. */
void topics_post_due(Server *s, Str subject)
{
    int64_t n;
    PostRow row;
    SubscriptionRow sub;
    TopicRow topic;
    if (!str_to_int(subject, &n) || !post_get(s->db, n, &s->turn, &row) ||
        !subscription_get(s->db, row.subscription, &s->turn, &sub) ||
        !topic_row_get(s->db, sub.topic, &s->turn, &topic))
        return;
    Post *p = calloc(1, sizeof *p);
    check(p);
    check(post_get(s->db, n, &p->arena, &p->row));
    p->job = (Job){.work = work, .done = done, .release = release};
    p->exchange = (HttpExchange){.arena = &p->arena,
                                 .method = S("POST"),
                                 .url = str_copy(&p->arena, sub.endpoint),
                                 .body = p->row.body,
                                 .deadline = s->now + TOPIC_POST_MS_MAX,
                                 .body_bytes_max = ANSWER_BYTES_MAX};
    put_headers(&p->exchange, &p->row, &topic, &sub);
    timer_set(s->db, S("topic-post"), subject, s->now + TOPIC_POST_MS_MAX + TOPIC_RETRY_MS);
    server_start_slow_job(s, &p->job);
}

void topics_recover(Server *s)
{
    timer_bring_forward(s->db, S("topic-post"), s->now);
}
