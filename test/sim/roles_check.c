/* roles_check.c - the record of all calls, replayed against policies of our own: who might send what at each moment. */
#include "base/json.h"
#include "look.h"
#include "roles.h"

enum { MOMENTS_MAX = 2048, IDS_MAX = 256 };

/* A role as it is: -1: none. */
typedef struct Role {
    bool there;
    int64_t policy, trust;
} Role;

/* How it was from a time on. */
typedef struct Moment {
    int role;
    Role is;
    Millis at;
} Moment;

static struct {
    Role roles[ROLES];
    Moment moments[MOMENTS_MAX];
    int64_t moments_n;
    struct {
        char id[64];
        int role;
        bool gone;
    } ids[IDS_MAX]; /* of principals: one that was deleted never acts again */
    int64_t ids_n;
    int64_t messages[SENDS_MAX], sent[QUEUES];
} seen;

static bool lets_send(const Role *r, int queue)
{
    const Document *d = r->there ? roles_document(r->policy) : NULL;
    return d && d->send[queue] && !d->deny[queue];
}

/* ---- changes ---- */

/* The number in the Sid of a document's first statement. */
static int64_t number_of(const char *sid)
{
    return *sid ? strtoll(sid + 1, NULL, 10) : -1;
}

static void take_change(const char *what, int role, int64_t document, Millis at)
{
    Role *r = &seen.roles[role];
    promise(r->there || !strcmp(what, "CreateRole"), "%s of a role that is not there", what);
    promise(!r->there || strcmp(what, "CreateRole") != 0, "a role was created twice");
    bool has = strncmp(what, "Delete", 6) != 0;
    promise(!has || roles_document(document), "%s without its document", what);
    if (!strcmp(what, "CreateRole")) *r = (Role){true, -1, document};
    if (!strcmp(what, "PutRolePolicy")) r->policy = document;
    if (!strcmp(what, "DeleteRolePolicy")) r->policy = -1;
    if (!strcmp(what, "UpdateAssumeRolePolicy")) r->trust = document;
    if (!strcmp(what, "DeleteRole")) {
        promise(r->policy < 0, "a role was deleted with a policy");
        *r = (Role){0};
        for (int64_t i = 0; i < seen.ids_n; i++) seen.ids[i].gone |= seen.ids[i].role == role;
    }
    check(seen.moments_n < MOMENTS_MAX);
    seen.moments[seen.moments_n++] = (Moment){role, *r, at};
}

/* ---- calls ---- */

static void check_id(Str principal, int role)
{
    Str id = principal, rest = principal;
    str_cut(&rest, ':', &id);
    for (int64_t i = 0; i < seen.ids_n; i++) {
        if (!str_eq(str_from(seen.ids[i].id), id)) continue;
        promise(!seen.ids[i].gone && seen.ids[i].role == role,
                "a session of a deleted role r%d was let through", role);
        return;
    }
    check(seen.ids_n < IDS_MAX);
    snprintf(seen.ids[seen.ids_n].id, sizeof seen.ids[0].id, "%.*s", STR(id));
    seen.ids[seen.ids_n++].role = role;
}

/* Executions act under r0, the schedule under r1. */
static void take_send(int role, int queue, const char *sid, Str principal)
{
    const Role *r = &seen.roles[role];
    const Document *trust = roles_document(r->trust);
    promise(lets_send(r, queue), "r%d sent to q%d, and its policy v%" PRId64 " denies", role, queue,
            r->policy);
    promise(number_of(sid) == r->policy, "r%d sent to q%d by %s, and its policy is v%" PRId64, role,
            queue, sid, r->policy);
    bool service = str_ends(principal, S(":mayfly"));
    check_id(principal, role);
    promise(!service || (trust && (role == 0 ? trust->to_states : trust->to_scheduler)),
            "a service acted under r%d, which does not trust it", role);
    seen.sent[queue]++;
}

static void take_assumption(int role)
{
    const Document *trust = roles_document(seen.roles[role].trust);
    promise(seen.roles[role].there && trust && trust->to_user,
            "r%d was assumed, and does not trust the user", role);
}

static int last_digit(const char *text, int below)
{
    size_t n = strlen(text);
    int digit = n ? text[n - 1] - '0' : -1;
    return digit >= 0 && digit < below ? digit : -1;
}

#define P "json_extract(event, '$.requestParameters."
static void read_record(void)
{
    Look l =
        look("SELECT name, at, " P "RoleName'), json_extract(coalesce(" P "PolicyDocument'), " P
             "AssumeRolePolicyDocument')), '$.Statement[0].Sid'), " P "QueueUrl'), " P
             "RoleArn'), json_extract(event, '$.userIdentity.sessionContext.sessionIssuer.arn'), "
             "json_extract(event, '$.additionalEventData.statement'), json_extract(event, "
             "'$.userIdentity.principalId') FROM trail WHERE json_extract(event, '$.errorCode') IS "
             "NULL ORDER BY n");
    while (look_next(&l)) {
        const char *what = look_text(&l, 0);
        int role = last_digit(look_text(&l, 2), ROLES),
            queue = last_digit(look_text(&l, 4), QUEUES), by = last_digit(look_text(&l, 6), ROLES);
        if (role >= 0) take_change(what, role, number_of(look_text(&l, 3)), look_int(&l, 1));
        if (!strcmp(what, "AssumeRole")) take_assumption(last_digit(look_text(&l, 5), ROLES));
        if (!strcmp(what, "SendMessage") && by >= 0 && queue >= 0)
            take_send(by, queue, look_text(&l, 7), str_from(look_text(&l, 8)));
    }
}

/* ---- messages ---- */

static void read_messages(void)
{
    int64_t n[QUEUES] = {0};
    Look l = look("SELECT m.body, q.name FROM message m JOIN queue q ON q.n = m.queue");
    while (look_next(&l)) {
        const char *body = look_text(&l, 0);
        int64_t i = *body == 'm' ? strtoll(body + 1, NULL, 10) : -1;
        n[last_digit(look_text(&l, 1), QUEUES)]++;
        if (i >= 0 && i < roles_sends()) seen.messages[i]++;
    }
    for (int q = 0; q < QUEUES; q++)
        promise(n[q] == seen.sent[q],
                "q%d has %" PRId64 " messages, and the record knows of %" PRId64, q, n[q],
                seen.sent[q]);
}

/* Whether the role let this be sent, and was the same, all the while. */
static bool let_all_the_while(const Send *s)
{
    Role is = {0};
    bool lets = false, began = false;
    for (int64_t i = 0; i < seen.moments_n; i++) {
        const Moment *m = &seen.moments[i];
        if (m->role != s->role || m->at > s->answered_at) continue;
        if (m->at >= s->session_at && !m->is.there) return false;
        if (m->at >= s->asked_at && !began) lets = lets_send(&is, s->queue), began = true;
        is = m->is;
        if (m->at >= s->asked_at) lets = lets && lets_send(&is, s->queue);
    }
    return began ? lets : lets_send(&is, s->queue);
}

/* The role of its session was deleted before it. */
static bool outlived(const Send *s)
{
    for (int64_t i = 0; i < seen.moments_n; i++) {
        const Moment *m = &seen.moments[i];
        if (m->role == s->role && !m->is.there && m->at > s->session_since && m->at < s->asked_at)
            return true;
    }
    return false;
}

static void check_send(int64_t i)
{
    const Send *s = roles_send(i);
    promise(seen.messages[i] <= 1, "message m%" PRId64 " is there twice", i);
    promise(s->fate != FATE_YES || seen.messages[i] == 1,
            "message m%" PRId64 " was acknowledged and is not there", i);
    promise(!seen.messages[i] || !outlived(s),
            "message m%" PRId64 " was sent by a session of r%d, which was deleted before", i,
            s->role);
    promise(s->fate != FATE_NO || seen.messages[i] == 0,
            "message m%" PRId64 " was refused and is there", i);
    promise(s->fate != FATE_NO || !let_all_the_while(s),
            "message m%" PRId64 " to q%d was refused, and r%d let it be sent all the while", i,
            s->queue, s->role);
}

void roles_check(void)
{
    if (world.broken || !look_open()) return;
    memset(&seen, 0, sizeof seen);
    read_record();
    if (!world.broken) read_messages();
    for (int64_t i = 0; i < roles_sends() && !world.broken; i++) check_send(i);
    look_close();
}
