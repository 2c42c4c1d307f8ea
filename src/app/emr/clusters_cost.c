/* clusters_cost.c - the instances a cluster asked for, and what they would have cost. */
#include "app/emr/clusters.h"
#include "core/cluster/instance.h"
#include "store/ledger.h"

bool clusters_doc(Server *s, const ClusterRow *row, ClusterDoc doc, Arena *a, Json *out)
{
    Error err = {0};
    Str text = cluster_row_doc(s->db, row->n, doc, a);
    if (db_failed(s->db)) return false;
    check(json_parse(text, a, out, &err));
    return true;
}

bool clusters_uses(Server *s, const ClusterRow *row, Arena *a, InstanceUse **out, int64_t *n)
{
    Json doc = {0};
    if (!clusters_doc(s, row, CLUSTER_DOC_INSTANCES, a, &doc)) return false;
    const Json *groups = json_get(&doc, S("Groups"));
    InstanceUse *uses = new_array(a, InstanceUse, json_count(groups));
    for (int32_t i = 0; i < json_count(groups); i++) {
        const Json *g = json_at(groups, i);
        uses[i] = (InstanceUse){.type = instance_find(json_text(json_get(g, S("InstanceType")))),
                                .count = json_int_or(json_get(g, S("Count")), 1)};
        check(uses[i].type && instance_role_from(json_text(json_get(g, S("Role"))), &uses[i].role));
    }
    *out = uses;
    *n = json_count(groups);
    return true;
}

bool clusters_cost(Server *s, const ClusterRow *row, Millis until, Arena *a, int64_t *micro)
{
    InstanceUse *uses;
    int64_t n;
    if (ledger_cost(s->db, row->n, micro)) return true;
    Json doc = {0};
    if (!clusters_uses(s, row, a, &uses, &n) ||
        !clusters_doc(s, row, CLUSTER_DOC_INSTANCES, a, &doc))
        return false;
    Millis since = json_int_or(json_get(&doc, S("PaidUntil")), row->state.created);
    *micro = json_int_or(json_get(&doc, S("PaidMicro")), 0) +
             instance_cost_micro(uses, n, until - since);
    return true;
}
