/* moves.c - the portions of a move task: which messages, to which queue, and when the next are due. */
#include "app/messages/moves.h"

#include "app/messages/queues_inner.h"
#include "store/timers.h"

static Str subject_of(Server *s, const MoveTaskRow *row)
{
    return str_printf(&s->turn, "%" PRId64, row->n);
}

void moves_begin(Server *s, MoveTaskRow *row)
{
    move_task_add(s->db, row);
    timer_set(s->db, S("queue-move"), subject_of(s, row), s->now);
}

static void end(Server *s, MoveTaskRow *row, Str status, Str reason)
{
    row->status = status;
    row->reason = reason;
    move_task_set(s->db, row);
    log_recorded(s, "move-task-ended", "source=%.*s status=%.*s moved=%" PRId64 " reason=%.*s",
                 STR(row->source_arn), STR(status), row->moved,
                 STR(str_absent(reason) ? S("none") : reason));
}

/* The queue a message goes to. false: it cannot be known, or is not there. */
static bool target_of(Server *s, const MoveTaskRow *row, const MessageRow *m, QueueRow *out)
{
    Str arn = str_absent(row->destination_arn) ? m->source : row->destination_arn;
    return !str_absent(arn) && queues_by_arn(s, arn, &s->turn, out);
}

static void move(Server *s, MessageRow *m, const QueueRow *to)
{
    m->id = server_new_uuid(s, &s->turn);
    m->source = (Str){0};
    m->receives = m->first_received = 0;
    m->sent = m->visible_at = s->now;
    message_move(s->db, m, to->n);
    queues_changed(s, to->n);
}

/* false: the task has failed. */
static bool move_some(Server *s, MoveTaskRow *row, MessageRow *messages, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        QueueRow to;
        if (messages[i].n > row->last) continue;
        if (!target_of(s, row, &messages[i], &to)) {
            bool unknown = str_absent(row->destination_arn) && str_absent(messages[i].source);
            end(s, row, S("FAILED"),
                unknown ? S("CouldNotDetermineMessageSource")
                        : S("AWS.SimpleQueueService.NonExistentQueue"));
            return false;
        }
        move(s, &messages[i], &to);
        row->moved++;
    }
    return true;
}

/* Messages of the beginning that are hidden now, or behind others. */
static bool some_left(Server *s, const MoveTaskRow *row, const MessageView *view)
{
    return row->moved < row->to_move && message_next_visible(s->db, view) != INT64_MAX;
}

static int64_t portion(const MoveTaskRow *row)
{
    int64_t n = row->per_second * MOVES_TICK_MS / 1000;
    return !row->per_second ? MOVES_AT_ONCE : n < 1 ? 1 : n;
}

static Millis pause_of(const MoveTaskRow *row)
{
    if (!row->per_second) return 0;
    return portion(row) * 1000 / row->per_second;
}

static void go_on(Server *s, MoveTaskRow *row, const QueueRow *q)
{
    MessageRow *messages;
    QueueSettings set = queues_settings(q, &s->turn);
    MessageView view = queues_view(s, q, &set);
    int64_t before = row->moved, n = message_ready(s->db, &view, portion(row), &s->turn, &messages);
    if (!move_some(s, row, messages, n)) return;
    bool any = row->moved > before;
    if (!any && !some_left(s, row, &view)) {
        end(s, row, S("COMPLETED"), (Str){0});
        return;
    }
    move_task_set(s->db, row);
    timer_set(s->db, S("queue-move"), subject_of(s, row),
              s->now + (any ? pause_of(row) : MOVES_WAIT_MS));
}

void moves_due(Server *s, Str subject)
{
    int64_t n;
    QueueRow q;
    MoveTaskRow row;
    if (!str_to_int(subject, &n) || !move_task_get(s->db, n, &s->turn, &row)) return;
    if (str_eq(row.status, S("CANCELLING")))
        end(s, &row, S("CANCELLED"), (Str){0});
    else if (!queue_row_get(s->db, row.queue, &s->turn, &q))
        end(s, &row, S("FAILED"), S("AWS.SimpleQueueService.NonExistentQueue"));
    else
        go_on(s, &row, &q);
}
