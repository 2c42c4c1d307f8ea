/* cloudformation_templates.c - templates told, summarised and validated. */
#include "api/cloudformation.h"
#include "app/stacks/template_text.h"
#include "core/stack/rules.h"
#include "core/stack/transform.h"

/* ---- GetTemplate ---- */

static Str stage_text(Call *call, const StackRow *row)
{
    if (str_eq(cfn_text(call, "TemplateStage"), S("Processed")) && !str_absent(row->body))
        return row->body;
    return str_absent(row->text) ? S("") : row->text;
}

CallResult cfn_get_template(Call *call, Error *err)
{
    StackRow row;
    ChangeSetRow set;
    JsonObject out = {.a = call->arena};
    JsonArray stages = {.a = call->arena};
    Str name = cfn_text(call, "ChangeSetName");
    if (str_absent(cfn_text(call, "StackName")) &&
        change_set_of_id(call->server->db, name, call->arena, &set)) {
        if (!stack_row_get(call->server->db, set.stack, call->arena, &row)) return CALL_FAILED;
    } else if (!cfn_stack(call, &row, err)) {
        return CALL_FAILED;
    }
    Str text = stage_text(call, &row);
    if (!str_absent(name) && change_set_find(call->server->db, row.n, name, call->arena, &set)) {
        Json next;
        Error ignored = {0};
        if (json_parse(set.next, call->arena, &next, &ignored))
            text = json_text(json_get(&next, S("text")));
    }
    json_put_text(&out, S("TemplateBody"), text);
    json_add(&stages, json_string(S("Original")));
    json_add(&stages, json_string(S("Processed")));
    json_put(&out, S("StagesAvailable"), json_array(&stages));
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- what a template says ---- */

static Json texts(Arena *a, const StrVec *v)
{
    JsonArray list = {.a = a};
    for (int64_t i = 0; i < v->n; i++) json_add(&list, json_string(v->p[i]));
    return json_array(&list);
}

static void put_capabilities(Call *call, const Template *t, JsonObject *out)
{
    Str types;
    JsonArray list = {.a = call->arena};
    const char *need = cfn_capability(t, call->arena, &types);
    if (need) json_add(&list, json_string(str_from(need)));
    if (t->transforms.n) json_add(&list, json_string(S("CAPABILITY_AUTO_EXPAND")));
    if (!list.n) return;
    json_put(out, S("Capabilities"), json_array(&list));
    json_put_text(out, S("CapabilitiesReason"),
                  need ? str_printf(call->arena,
                                    "The following resource(s) require capabilities: [%.*s]",
                                    STR(types))
                       : S("The template uses transforms."));
}

static Json parameter_json(Call *call, const TemplateParameter *p, bool summary)
{
    JsonObject o = {.a = call->arena}, rules = {.a = call->arena};
    const Json *allowed = json_get(p->body, S("AllowedValues"));
    json_put_text(&o, S("ParameterKey"), p->name);
    json_put_text(&o, S("DefaultValue"), parameter_default(p, call->arena));
    if (summary) json_put_text(&o, S("ParameterType"), p->type);
    json_put(&o, S("NoEcho"), json_bool(p->no_echo));
    json_put_text(&o, S("Description"), p->description);
    if (summary && json_is(allowed, JSON_ARRAY)) {
        JsonArray list = {.a = call->arena};
        for (int32_t i = 0; i < allowed->n; i++)
            if (!str_absent(json_text(&allowed->items[i])))
                json_add(&list, json_string(json_text(&allowed->items[i])));
        json_put(&rules, S("AllowedValues"), json_array(&list));
        json_put(&o, S("ParameterConstraints"), json_object(&rules));
    }
    return json_object(&o);
}

static void put_common(Call *call, const Template *t, bool summary, JsonObject *out)
{
    JsonArray list = {.a = call->arena};
    for (int64_t i = 0; i < t->parameters.n; i++)
        json_add(&list, parameter_json(call, &t->parameters.p[i], summary));
    json_put(out, S("Parameters"), json_array(&list));
    json_put_text(out, S("Description"), t->description);
    put_capabilities(call, t, out);
    if (t->transforms.n) json_put(out, S("DeclaredTransforms"), texts(call->arena, &t->transforms));
}

/* Of a template with transforms only the head is what it says already. */
static bool read_sections(Call *call, const Json *root, Template *t, Error *err)
{
    return template_has_transforms(root) ? template_check_head(root, call->arena, t, err)
                                         : template_check(root, call->arena, t, err);
}

CallResult cfn_validate_template(Call *call, Error *err)
{
    bool given;
    Str text;
    Json root;
    Template t;
    StackGraph graph;
    JsonObject out = {.a = call->arena};
    if (!cfn_template(call, &given, &text, &root, err)) return CALL_FAILED;
    if (!given) {
        error_set(err, ERR_VALIDATION, "Either Template URL or Template Body must be specified.");
        return CALL_FAILED;
    }
    if (!read_sections(call, &root, &t, err) || !parameters_check(&t, call->arena, err))
        return CALL_FAILED;
    if (!template_has_transforms(&root) &&
        (!intrinsic_check(&t, call->arena, err) || !rules_check(&t, call->arena, err) ||
         !stack_graph(&t, NULL, call->arena, &graph, err)))
        return CALL_FAILED;
    put_common(call, &t, false, &out);
    call->out = json_object(&out);
    return CALL_DONE;
}

/* ---- GetTemplateSummary ---- */

/* As the text names them: what loops make is not known yet. */
static StrVec types_of(Call *call, const Json *root)
{
    StrVec types = {0};
    const Json *resources = json_get(root, S("Resources"));
    for (int32_t i = 0; i < json_count(resources); i++) {
        Str type = json_text(json_get(&resources->members[i].value, S("Type")));
        bool seen = str_absent(type);
        for (int64_t k = 0; k < types.n && !seen; k++) seen = str_eq(types.p[k], type);
        if (!seen) *vec_push(call->arena, &types) = type;
    }
    return types;
}

static bool summary_template(Call *call, Json *root, Error *err)
{
    bool given;
    Str text;
    StackRow row;
    if (!cfn_template(call, &given, &text, root, err)) return false;
    if (given) return true;
    if (str_absent(cfn_text(call, "StackName")))
        return error_set(err, ERR_VALIDATION,
                         "Either Template URL or Template Body must be specified.");
    return cfn_stack(call, &row, err) && template_text_read(row.text, call->arena, root, err);
}

/* By what resources of the template are named when they are imported. */
static Json identifiers(Call *call, const Json *root, const StrVec *types)
{
    JsonArray list = {.a = call->arena};
    const Json *resources = json_get(root, S("Resources"));
    for (int64_t i = 0; i < types->n; i++) {
        JsonObject o = {.a = call->arena};
        JsonArray names = {.a = call->arena}, keys = {.a = call->arena};
        const ResourceType *type = resource_type(types->p[i]);
        if (!type || !type->import) continue;
        for (int32_t k = 0; k < json_count(resources); k++)
            if (str_eq(json_text(json_get(&resources->members[k].value, S("Type"))), types->p[i]))
                json_add(&names, json_string(resources->members[k].key));
        json_add(&keys, json_string(str_from(type->identifier)));
        json_put_text(&o, S("ResourceType"), types->p[i]);
        json_put(&o, S("LogicalResourceIds"), json_array(&names));
        json_put(&o, S("ResourceIdentifiers"), json_array(&keys));
        json_add(&list, json_object(&o));
    }
    return json_array(&list);
}

CallResult cfn_template_summary(Call *call, Error *err)
{
    Json root;
    Template t;
    JsonObject out = {.a = call->arena};
    if (!summary_template(call, &root, err) || !read_sections(call, &root, &t, err))
        return CALL_FAILED;
    StrVec types = types_of(call, &root);
    put_common(call, &t, true, &out);
    json_put(&out, S("ResourceTypes"), texts(call->arena, &types));
    json_put(&out, S("ResourceIdentifierSummaries"), identifiers(call, &root, &types));
    json_put_json(&out, S("Version"), json_get(&root, S("AWSTemplateFormatVersion")));
    if (t.metadata) json_put_text(&out, S("Metadata"), json_to_str(call->arena, t.metadata));
    call->out = json_object(&out);
    return CALL_DONE;
}
