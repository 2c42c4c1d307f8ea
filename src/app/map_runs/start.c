/* start.c - a portion of a Map Run's children: items off the file, their inputs, and the executions. */
#include "app/map_runs/items.h"
#include "app/map_runs/map_runs.h"
#include "core/asl/asl.h"
#include "core/asl/map_run.h"

enum {
    CHILDREN_AT_ONCE = 512,
    CHUNK_BYTES = 128 * 1024,           /* read at first */
    CHUNK_BYTES_MAX = 64 * 1024 * 1024, /* for a batch of large items */
    BYTES_AT_ONCE = 2 * 1024 * 1024,    /* of inputs: after that the next event goes on */
};

/* Items at the place where the run stands. */
typedef struct Chunk {
    ItemLine *lines;
    int64_t n;
    bool last; /* no item follows */
} Chunk;

static bool read_chunk(Server *s, const MapRunRow *row, int64_t bytes, int64_t lines_max,
                       Chunk *out, Error *err)
{
    int fd;
    int64_t got = 0;
    char *text = new_array(&s->turn, char, bytes);
    if (!file_open(s->data, map_runs_file(&s->turn, row->n), FILE_READ, &fd, err)) return false;
    bool good = file_read(fd, row->offset, text, bytes, &got, err);
    file_close(fd);
    *out = (Chunk){0};
    if (!good) return false;
    out->n = item_lines((Str){text, got}, lines_max, &s->turn, &out->lines);
    out->last = row->next_item + out->n >= row->items;
    return true;
}

/* ---- executions ---- */

/* A UUID that grows with the children: the indexes of their names and ARNs are written at one
 * place, not all over. */
static Str child_name(Server *s, const MapRunRow *row)
{
    Str uuid = server_new_uuid(s, &s->turn);
    return str_printf(&s->turn, "%08" PRIx64 "%.*s", row->next_child & 0xffffffff,
                      STR(str_slice(uuid, 8, uuid.n)));
}

static ExecutionRow new_child(Server *s, const MapRunRow *row, const ExecutionRow *parent,
                              Str input)
{
    Arena *a = &s->turn;
    const AslIdentity *id = &parent->asl.id;
    Str name = child_name(s, row);
    Str place = str_printf(a, "%.*s/%.*s", STR(id->machine_name), STR(row->label));
    Str arn = str_printf(a, "arn:aws:states:%.*s:%.*s:%s:%.*s:%.*s", STR(id->region),
                         STR(parent->account), row->express ? "express" : "execution", STR(place),
                         STR(name));
    if (row->express) arn = str_printf(a, "%.*s:%.*s", STR(arn), STR(server_new_uuid(s, a)));
    return (ExecutionRow){
        .account = parent->account,
        .machine = -row->n,
        .revision = parent->revision,
        .version = parent->version,
        .asl = {.id = {.arn = arn,
                       .name = name,
                       .role_arn = id->role_arn,
                       .machine_arn =
                           str_printf(a, "%.*s/%.*s", STR(id->machine_arn), STR(row->label)),
                       .machine_name = place,
                       .region = id->region,
                       .started = s->now,
                       .flow = row->flow,
                       .express = row->express,
                       .map_run_arn = row->arn},
                .input = input},
    };
}

static void count_started(MapRunRow *row, const MapChild *child, const ExecutionRow *x)
{
    if (x->asl.status != ASL_RUNNING) {
        map_runs_count(row, child, x);
        return;
    }
    row->children.by[ASL_RUNNING]++;
    row->counts.by[ASL_RUNNING] += child->items;
}

static void start_child(Server *s, MapRunRow *row, const ExecutionRow *parent, Str input,
                        int64_t items)
{
    ExecutionRow x = new_child(s, row, parent, input);
    executions_start(s, &x);
    MapChild child = {.run = row->n,
                      .i = row->next_child++,
                      .execution = x.n,
                      .items = items,
                      .status = (int)x.asl.status};
    map_child_add(s->db, &child);
    count_started(row, &child, &x);
}

/* A STANDARD child goes on from where it failed; an EXPRESS one is a new execution. */
static void try_again(Server *s, MapRunRow *row, const ExecutionRow *parent, MapChild *child)
{
    ExecutionRow x;
    if (!execution_row_get(s->db, child->execution, &s->turn, &x)) return;
    if (row->express) {
        x = new_child(s, row, parent, x.asl.input);
        executions_start(s, &x);
        child->execution = x.n;
    } else {
        executions_event(s, x.n, &(AslEvent){.kind = ASL_REDRIVE});
        if (!execution_row_get(s->db, child->execution, &s->turn, &x)) return;
    }
    child->status = (int)x.asl.status;
    map_child_set(s->db, child);
    row->children.redrive--;
    row->counts.redrive -= child->items;
    count_started(row, child, &x);
}

static int64_t try_some_again(Server *s, MapRunRow *row, const ExecutionRow *parent, int64_t room)
{
    MapChild *children;
    if (!row->children.redrive) return 0;
    int64_t n = map_child_list(s->db, row->n, MAP_CHILD_REDRIVE, room, &s->turn, &children);
    for (int64_t i = 0; i < n; i++) try_again(s, row, parent, &children[i]);
    return n;
}

/* ---- inputs ---- */

typedef struct Portion {
    Server *s;
    MapRunRow *row; /* next_item and offset are moved on */
    Json order;
    bool given; /* the items came with the order, and have been through ItemSelector */
    bool batched;
    int64_t room; /* inputs that are wanted */
    int64_t made;
    AslFault fault;
    InputTaker *take;
    void *owner;
} Portion;

static bool inputs_of(Portion *p, const Chunk *c, Json *out)
{
    Error err = {0};
    AslItem *items = new_array(&p->s->turn, AslItem, c->n);
    for (int64_t i = 0; i < c->n; i++) {
        items[i] = (AslItem){
            .index = p->row->next_item + i, .key = c->lines[i].key, .source = c->lines[i].source};
        check(json_parse(c->lines[i].text, &p->s->turn, &items[i].value, &err));
        out[i] = items[i].value;
    }
    return p->given || executions_map_items(p->s, p->row->execution, p->row->token.frame, items,
                                            c->n, out, &p->fault);
}

static bool too_large(Portion *p, Str input)
{
    if (p->s->config.lift_quotas || input.n <= ASL_PAYLOAD_BYTES_MAX) return false;
    p->fault = (AslFault){
        S("States.DataLimitExceeded"),
        S("The input of a child workflow execution exceeds the maximum number of bytes service "
          "limit.")};
    return true;
}

static void move_on(MapRunRow *row, const ItemLine *lines, int64_t n)
{
    for (int64_t i = 0; i < n; i++) row->offset += lines[i].bytes;
    row->next_item += n;
}

/* false: a fault. Stops short of a batch that might hold more items than this chunk. */
static bool take_chunk(Portion *p, const Chunk *c, bool whole)
{
    Json *inputs = new_array(&p->s->turn, Json, c->n), input;
    int64_t bytes = 0, n;
    if (!inputs_of(p, c, inputs)) return false;
    Json all = {.type = JSON_ARRAY, .n = (int32_t)c->n, .items = inputs};
    for (int64_t from = 0; from < c->n && p->made < p->room && bytes < BYTES_AT_ONCE; from += n) {
        n = asl_map_run_input(&p->order, &all, from, &p->s->turn, &input);
        check(n > 0);
        if (p->batched && from + n == c->n && !whole && !c->last) return true;
        Str text = json_to_str(&p->s->turn, &input);
        if (too_large(p, text)) return false;
        p->take(p->owner, text, n);
        move_on(p->row, c->lines + from, n);
        p->made++;
        bytes += text.n;
    }
    return true;
}

static int64_t lines_wanted(const Portion *p)
{
    const Json *batcher = json_get(&p->order, S("ItemBatcher"));
    int64_t each = json_int_or(json_get(batcher, S("MaxItemsPerBatch")), INT32_MAX);
    if (!p->batched) return p->room;
    return each < 1 || each > INT32_MAX / CHILDREN_AT_ONCE ? INT32_MAX : each * p->room + 1;
}

/* A batch that reaches the end of what was read is looked at again in a larger piece. */
static bool take_items(Portion *p, Error *err)
{
    for (int64_t bytes = CHUNK_BYTES;; bytes *= 2) {
        Chunk c;
        bool whole = bytes >= CHUNK_BYTES_MAX;
        if (!read_chunk(p->s, p->row, bytes, lines_wanted(p), &c, err)) return false;
        if (c.n && !take_chunk(p, &c, whole)) return false;
        if (p->made) return true;
        if (whole)
            return error_set(err, ERR_IO, "the items of %.*s end before the last of them",
                             STR(p->row->arn));
    }
}

bool map_runs_inputs(Server *s, MapRunRow *row, int64_t max, InputTaker *take, void *owner,
                     AslFault *fault)
{
    Error err = {0};
    Portion p = {.s = s, .row = row, .room = max, .take = take, .owner = owner};
    if (row->next_item >= row->items || max <= 0) return true;
    check(json_parse(row->order, &s->turn, &p.order, &err));
    p.given = !json_get(&p.order, S("ItemReader"));
    p.batched = json_get(&p.order, S("ItemBatcher")) != NULL;
    if (take_items(&p, &err)) return true;
    *fault = p.fault;
    if (err.code)
        *fault = (AslFault){S("States.ItemReaderFailed"), str_copy(&s->turn, error_text(&err))};
    return false;
}

/* ---- a portion ---- */

typedef struct Starting {
    Server *s;
    MapRunRow *row;
    const ExecutionRow *parent;
} Starting;

static void start_next(void *owner, Str input, int64_t items)
{
    Starting *x = owner;
    start_child(x->s, x->row, x->parent, input, items);
}

bool map_runs_start_some(Server *s, MapRunRow *row)
{
    ExecutionRow parent;
    AslFault fault;
    AslMapRun run = map_runs_decision(row);
    int64_t room = asl_map_run_may_start(&run);
    if (room > CHILDREN_AT_ONCE) room = CHILDREN_AT_ONCE;
    if (!execution_row_get(s->db, row->execution, &s->turn, &parent)) return true;
    s->map_runs->starting = true;
    room -= try_some_again(s, row, &parent, room);
    bool good = map_runs_inputs(s, row, room, start_next, &(Starting){s, row, &parent}, &fault);
    s->map_runs->starting = false;
    if (!good) map_runs_fail(s, row, fault.error, fault.cause);
    return good;
}
