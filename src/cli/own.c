/* own.c - a server of the command's own, and the end of all that it was made to do. */
#include "cli/own.h"

#include "sys/clock.h"
#include "sys/file.h"
#include "sys/wall.h"

enum { OWN_LOOK_MS = 50 };

static Str temporary_root(void)
{
    Str root = str_from(getenv("TMPDIR"));
    return root.n ? root : S("/tmp");
}

static bool start(Own *own, Str data, bool lift_quotas, Error *err)
{
    Str line, arguments[] = {
                  S("serve"),     S("--port"),  S("0"),        S("--data"),
                  data,           S("--quiet"), S("--quotas"), lift_quotas ? S("none") : S("aws"),
                  S("--attached")};
    if (!attached_start(arguments, countof(arguments), &own->server, &line, &own->kept, err))
        return false;
    own->client.endpoint = str_slice(line, S("ready ").n, line.n);
    return true;
}

bool own_open(Own *own, Str port, Str data, bool lift_quotas, Error *err)
{
    *own = (Own){.client = client_of_environment(port, S(""))};
    if (port.n) return true;
    if (!data.n) {
        own->temporary = str_printf(&own->kept, "mayfly-run-%016" PRIx64, wall_chance());
        data = str_printf(&own->kept, "%.*s/%.*s", STR(temporary_root()), STR(own->temporary));
    }
    if (start(own, data, lift_quotas, err)) return true;
    own->server = (Attached){0};
    own_close(own);
    return false;
}

/* ---- the end ---- */

static bool live_clusters(Own *own, Arena *a, Json *out)
{
    static const ClientList all = {CLIENT_EMR, STR_INIT("ListClusters"), STR_INIT("Clusters")};
    static const Str states[] = {STR_INIT("STARTING"), STR_INIT("BOOTSTRAPPING"),
                                 STR_INIT("RUNNING"), STR_INIT("WAITING"), STR_INIT("TERMINATING")};
    Error err = {0};
    JsonObject request = {.a = a};
    JsonArray wanted = {.a = a};
    for (int i = 0; i < countof(states); i++) json_add(&wanted, json_string(states[i]));
    json_put(&request, S("ClusterStates"), json_array(&wanted));
    return client_list(&own->client, &all, &request, a, out, &err) && out->n > 0;
}

/* What cannot be ended so is ended with the server. */
static void terminate(Own *own, const Json *cluster)
{
    Arena a = {0};
    Error err = {0};
    Json out;
    JsonObject open = {.a = &a}, end = {.a = &a};
    JsonArray ids = {.a = &a};
    Str id = json_text(json_get(cluster, S("Id")));
    json_add(&ids, json_string(id));
    json_put(&open, S("JobFlowIds"), json_array(&ids));
    json_put(&open, S("TerminationProtected"), json_bool(false));
    json_put(&end, S("JobFlowIds"), json_array(&ids));
    Json first = json_object(&open), second = json_object(&end);
    if (client_call(&own->client, CLIENT_EMR, S("SetTerminationProtection"), &first, &a, &out,
                    &err) &&
        client_call(&own->client, CLIENT_EMR, S("TerminateJobFlows"), &second, &a, &out, &err))
        fprintf(stderr, "ended   cluster %.*s (%.*s), which the machine had left %.*s\n", STR(id),
                STR(json_text(json_get(cluster, S("Name")))),
                STR(json_text(json_find(cluster, "Status.State"))));
    arena_free(&a);
}

static void end_clusters(Own *own)
{
    Millis until = clock_now() + OWN_TEARDOWN_MS_MAX;
    for (bool first = true, live = true; live && clock_now() < until; first = false) {
        Arena a = {0};
        Json clusters;
        live = live_clusters(own, &a, &clusters);
        for (int32_t i = 0; live && first && i < clusters.n; i++)
            terminate(own, &clusters.items[i]);
        arena_free(&a);
        if (live) wall_sleep(OWN_LOOK_MS);
    }
}

static void remove_temporary(Own *own)
{
    Folder *root;
    Error err = {0};
    if (!folder_open(temporary_root(), false, &root, &err)) return;
    if (!folder_remove_tree(root, own->temporary, &err))
        fprintf(stderr, "mayfly run: %s\n", err.text);
    folder_close(root);
}

void own_close(Own *own)
{
    if (own->server.pid) end_clusters(own);
    if (own->server.pid) attached_stop(&own->server);
    if (own->temporary.n) remove_temporary(own);
    arena_free(&own->kept);
}
