/* parser.c - tokens into the raw tree, by operator precedence (Pratt). */
#include "core/jsonata/ast.h"

typedef struct Parser {
    Compiler *c;
    Lexer lexer;
    Token token; /* the one to come */
    int depth;
} Parser;

typedef bool Led(Parser *p, const Token *op, Node *left, Node **out);
typedef bool Nud(Parser *p, const Token *op, Node **out);

static Nud nud_array, nud_block, nud_object, nud_transform, nud_negate, nud_wildcard,
    nud_descendant, nud_parent, nud_name;
static Led led_binary, led_dot, led_filter, led_call, led_group, led_order, led_focus, led_index,
    led_condition, led_else, led_bind, led_apply;

/* The grammar: how tightly an operator binds to what is left of it, and what it does before and
 * after an operand. Operators that are missing here exist only inside the others. */
typedef struct Symbol {
    Str text;
    int power;
    Nud *nud;
    Led *led;
    Op op;
} Symbol;

#define SYMBOL(text, power, nud, led, op)                                                          \
    {                                                                                              \
        STR_INIT(text), power, nud, led, op                                                        \
    }
static const Symbol symbols[] = {
    SYMBOL(".", 75, NULL, led_dot, OP_NONE),
    SYMBOL("[", 80, nud_array, led_filter, OP_NONE),
    SYMBOL("{", 70, nud_object, led_group, OP_NONE),
    SYMBOL("(", 80, nud_block, led_call, OP_NONE),
    SYMBOL("@", 80, NULL, led_focus, OP_NONE),
    SYMBOL("#", 80, NULL, led_index, OP_NONE),
    SYMBOL("?", 20, NULL, led_condition, OP_NONE),
    SYMBOL("?:", 40, NULL, led_else, OP_NONE),
    SYMBOL("??", 40, NULL, led_else, OP_NONE),
    SYMBOL("+", 50, NULL, led_binary, OP_ADD),
    SYMBOL("-", 50, nud_negate, led_binary, OP_SUBTRACT),
    SYMBOL("*", 60, nud_wildcard, led_binary, OP_MULTIPLY),
    SYMBOL("/", 60, NULL, led_binary, OP_DIVIDE),
    SYMBOL("%", 60, nud_parent, led_binary, OP_MODULO),
    SYMBOL("**", 0, nud_descendant, NULL, OP_NONE),
    SYMBOL("|", 0, nud_transform, NULL, OP_NONE),
    SYMBOL("=", 40, NULL, led_binary, OP_EQUAL),
    SYMBOL("!=", 40, NULL, led_binary, OP_NOT_EQUAL),
    SYMBOL("<", 40, NULL, led_binary, OP_LESS),
    SYMBOL("<=", 40, NULL, led_binary, OP_LESS_EQUAL),
    SYMBOL(">", 40, NULL, led_binary, OP_GREATER),
    SYMBOL(">=", 40, NULL, led_binary, OP_GREATER_EQUAL),
    SYMBOL("&", 50, NULL, led_binary, OP_CONCAT),
    SYMBOL("^", 40, NULL, led_order, OP_NONE),
    SYMBOL("~>", 40, NULL, led_apply, OP_NONE),
    SYMBOL(":=", 10, NULL, led_bind, OP_NONE),
    SYMBOL("and", 30, nud_name, led_binary, OP_AND),
    SYMBOL("or", 25, nud_name, led_binary, OP_OR),
    SYMBOL("in", 40, nud_name, led_binary, OP_IN),
    SYMBOL(")", 0, NULL, NULL, OP_NONE),
    SYMBOL("]", 0, NULL, NULL, OP_NONE),
    SYMBOL("}", 0, NULL, NULL, OP_NONE),
    SYMBOL(",", 0, NULL, NULL, OP_NONE),
    SYMBOL(";", 0, NULL, NULL, OP_NONE),
    SYMBOL(":", 0, NULL, NULL, OP_NONE),
    SYMBOL("..", 0, NULL, NULL, OP_NONE),
};

static const Symbol *symbol_of(const Token *t)
{
    if (t->type != TOKEN_OPERATOR) return NULL;
    for (int i = 0; i < countof(symbols); i++)
        if (str_eq(symbols[i].text, t->text)) return &symbols[i];
    return NULL;
}

static bool refuse(Parser *p, const char *code, const Token *at, Str wanted)
{
    return jn_refuse(p->c, (Failure){.code = code,
                                     .position = at->position,
                                     .token = at->text,
                                     .value = wanted.p ? v_string(wanted) : UNDEFINED});
}

static bool next(Parser *p, bool infix)
{
    if (!jn_next_token(&p->lexer, infix, &p->token)) return false;
    if (p->token.type != TOKEN_OPERATOR || symbol_of(&p->token)) return true;
    return refuse(p, "S0204", &p->token, (Str){0});
}

static bool is_next(const Parser *p, const char *text)
{
    bool may = p->token.type == TOKEN_OPERATOR;
    return may && str_eq(p->token.text, str_from(text));
}

static bool expect_then(Parser *p, const char *text, bool infix)
{
    if (is_next(p, text)) return next(p, infix);
    return refuse(p, p->token.type == TOKEN_END ? "S0203" : "S0202", &p->token, str_from(text));
}

static bool expect(Parser *p, const char *text)
{
    return expect_then(p, text, false);
}

/* The closing bracket of an operand: a slash behind it divides. */
static bool expect_last(Parser *p, const char *text)
{
    return expect_then(p, text, true);
}

/* Takes the token when it is there; *taken says so. */
static bool accept(Parser *p, const char *text, bool *taken)
{
    *taken = is_next(p, text);
    return !*taken || next(p, false);
}

static Node *make(Parser *p, NodeType type, const Token *t)
{
    Node *n = new (p->c->a, Node);
    n->type = type;
    n->text = t->text;
    n->position = t->position;
    return n;
}

static int32_t height_of(const Node *n)
{
    return n ? n->height : 0;
}

/* Every finished node passes here: the height of the tree is what later walks recurse into. */
static bool finish(Parser *p, Node *n, Node **out)
{
    int32_t height = height_of(n->lhs);
    if (height_of(n->rhs) > height) height = n->rhs->height;
    if (height_of(n->third) > height) height = n->third->height;
    for (int32_t i = 0; i < n->items.n; i++)
        if (n->items.p[i]->height > height) height = n->items.p[i]->height;
    n->height = height + 1;
    *out = n;
    if (n->height <= JSONATA_NESTING_MAX) return true;
    return jn_refuse(p->c,
                     (Failure){.code = "U1001", .position = n->position, .text = S("nesting")});
}

static bool leaf(Parser *p, const Token *t, Node **out)
{
    static const NodeType types[] = {[TOKEN_END] = NODE_END,           [TOKEN_NAME] = NODE_NAME,
                                     [TOKEN_VARIABLE] = NODE_VARIABLE, [TOKEN_STRING] = NODE_STRING,
                                     [TOKEN_NUMBER] = NODE_NUMBER,     [TOKEN_VALUE] = NODE_VALUE,
                                     [TOKEN_REGEX] = NODE_REGEX};
    Node *n = make(p, types[t->type], t);
    n->value = t->type == TOKEN_STRING   ? v_string(t->text)
               : t->type == TOKEN_NUMBER ? v_number(t->number)
                                         : t->value;
    n->number = t->number;
    n->regex = t->regex;
    return finish(p, n, out);
}

static bool operand(Parser *p, const Token *t, Node **out)
{
    if (t->type != TOKEN_OPERATOR) return leaf(p, t, out);
    const Symbol *s = symbol_of(t);
    if (!s->nud) return refuse(p, "S0211", t, (Str){0});
    return s->nud(p, t, out);
}

static int power_of_next(const Parser *p)
{
    const Symbol *s = symbol_of(&p->token);
    return s ? s->power : 0;
}

static bool expression_at(Parser *p, int power, Node **out)
{
    Token t = p->token;
    Node *left = NULL;
    if (!next(p, true) || !operand(p, &t, &left)) return false;
    while (power < power_of_next(p)) {
        t = p->token;
        if (!next(p, false) || !symbol_of(&t)->led(p, &t, left, &left)) return false;
    }
    *out = left;
    return true;
}

static bool expression(Parser *p, int power, Node **out)
{
    if (p->depth >= JSONATA_NESTING_MAX)
        return jn_refuse(
            p->c, (Failure){.code = "U1001", .position = p->token.position, .text = S("nesting")});
    p->depth++;
    bool good = expression_at(p, power, out);
    p->depth--;
    return good;
}

static bool add_expression(Parser *p, NodeVec *list)
{
    Node *item = NULL;
    if (!expression(p, 0, &item)) return false;
    jn_node_push(p->c->a, list, item);
    return true;
}

static bool nud_name(Parser *p, const Token *op, Node **out)
{
    return finish(p, make(p, NODE_NAME, op), out);
}

static bool nud_wildcard(Parser *p, const Token *op, Node **out)
{
    return finish(p, make(p, NODE_WILDCARD, op), out);
}

static bool nud_descendant(Parser *p, const Token *op, Node **out)
{
    return finish(p, make(p, NODE_DESCENDANT, op), out);
}

static bool nud_parent(Parser *p, const Token *op, Node **out)
{
    return finish(p, make(p, NODE_PARENT, op), out);
}

static bool nud_negate(Parser *p, const Token *op, Node **out)
{
    Node *n = make(p, NODE_NEGATE, op);
    return expression(p, 70, &n->lhs) && finish(p, n, out);
}

static bool range(Parser *p, Node *first, Node **out)
{
    Node *n = make(p, NODE_BINARY, &p->token);
    n->op = OP_RANGE;
    n->lhs = first;
    return expect(p, "..") && expression(p, 0, &n->rhs) && finish(p, n, out);
}

static bool array_item(Parser *p, NodeVec *list)
{
    Node *item = NULL;
    if (!expression(p, 0, &item)) return false;
    if (is_next(p, "..") && !range(p, item, &item)) return false;
    jn_node_push(p->c->a, list, item);
    return true;
}

static bool nud_array(Parser *p, const Token *op, Node **out)
{
    Node *n = make(p, NODE_ARRAY, op);
    for (bool more = !is_next(p, "]"); more;)
        if (!array_item(p, &n->items) || !accept(p, ",", &more)) return false;
    return expect_last(p, "]") && finish(p, n, out);
}

static bool nud_block(Parser *p, const Token *op, Node **out)
{
    Node *n = make(p, NODE_BLOCK, op);
    for (bool more = true; more && !is_next(p, ")");)
        if (!add_expression(p, &n->items) || !accept(p, ";", &more)) return false;
    return expect_last(p, ")") && finish(p, n, out);
}

static bool pairs(Parser *p, Node *n)
{
    for (bool more = !is_next(p, "}"); more;)
        if (!add_expression(p, &n->items) || !expect(p, ":") || !add_expression(p, &n->items) ||
            !accept(p, ",", &more))
            return false;
    return expect_last(p, "}");
}

static bool nud_object(Parser *p, const Token *op, Node **out)
{
    Node *n = make(p, NODE_OBJECT, op);
    return pairs(p, n) && finish(p, n, out);
}

static bool nud_transform(Parser *p, const Token *op, Node **out)
{
    bool deletes;
    Node *n = make(p, NODE_TRANSFORM, op);
    if (!expression(p, 0, &n->lhs) || !expect(p, "|") || !expression(p, 0, &n->rhs)) return false;
    if (!accept(p, ",", &deletes) || (deletes && !expression(p, 0, &n->third))) return false;
    return expect_last(p, "|") && finish(p, n, out);
}

static bool led_binary(Parser *p, const Token *op, Node *left, Node **out)
{
    const Symbol *s = symbol_of(op);
    Node *n = make(p, NODE_BINARY, op);
    n->op = s->op;
    n->lhs = left;
    return expression(p, s->power, &n->rhs) && finish(p, n, out);
}

static bool two_sided(Parser *p, NodeType type, const Token *op, Node *left, int power, Node **out)
{
    Node *n = make(p, type, op);
    n->lhs = left;
    return expression(p, power, &n->rhs) && finish(p, n, out);
}

static bool led_dot(Parser *p, const Token *op, Node *left, Node **out)
{
    return two_sided(p, NODE_DOT, op, left, 75, out);
}

static bool led_apply(Parser *p, const Token *op, Node *left, Node **out)
{
    return two_sided(p, NODE_APPLY, op, left, 40, out);
}

static bool led_else(Parser *p, const Token *op, Node *left, Node **out)
{
    NodeType type = str_eq(op->text, S("??")) ? NODE_COALESCE : NODE_ELSE;
    return two_sided(p, type, op, left, 0, out);
}

static bool led_bind(Parser *p, const Token *op, Node *left, Node **out)
{
    if (left->type != NODE_VARIABLE)
        return jn_refuse(
            p->c, (Failure){.code = "S0212", .position = left->position, .token = left->text});
    return two_sided(p, NODE_BIND, op, left, 9, out);
}

static bool named(Parser *p, NodeType type, const Token *op, Node *left, Node **out)
{
    if (!two_sided(p, type, op, left, 80, out)) return false;
    const Node *name = (*out)->rhs;
    if (name->type == NODE_VARIABLE) return true;
    return jn_refuse(p->c,
                     (Failure){.code = "S0214", .position = name->position, .token = op->text});
}

static bool led_focus(Parser *p, const Token *op, Node *left, Node **out)
{
    return named(p, NODE_FOCUS, op, left, out);
}

static bool led_index(Parser *p, const Token *op, Node *left, Node **out)
{
    return named(p, NODE_INDEX, op, left, out);
}

/* x[]: the step in front of all its predicates shall keep its array. */
static bool keep_array(Parser *p, Node *left, Node **out)
{
    Node *step = left;
    while (step->type == NODE_FILTER) step = step->lhs;
    step->keep_array = true;
    *out = left;
    return expect_last(p, "]");
}

static bool led_filter(Parser *p, const Token *op, Node *left, Node **out)
{
    if (is_next(p, "]")) return keep_array(p, left, out);
    Node *n = make(p, NODE_FILTER, op);
    n->lhs = left;
    return expression(p, 0, &n->rhs) && expect_last(p, "]") && finish(p, n, out);
}

static bool led_group(Parser *p, const Token *op, Node *left, Node **out)
{
    Node *n = make(p, NODE_GROUP, op);
    n->lhs = left;
    n->rhs = make(p, NODE_OBJECT, op);
    return pairs(p, n->rhs) && finish(p, n->rhs, &n->rhs) && finish(p, n, out);
}

static bool order_term(Parser *p, Node *n, bool *descending)
{
    bool ascending;
    if (!accept(p, "<", &ascending)) return false;
    *descending = false;
    if (!ascending && !accept(p, ">", descending)) return false;
    return add_expression(p, &n->items);
}

static bool led_order(Parser *p, const Token *op, Node *left, Node **out)
{
    struct {
        bool *p;
        int64_t n, cap;
    } descending = {0};
    Node *n = make(p, NODE_ORDER, op);
    n->lhs = left;
    if (!expect(p, "(")) return false;
    for (bool more = true; more;)
        if (!order_term(p, n, vec_push(p->c->a, &descending)) || !accept(p, ",", &more))
            return false;
    n->descending = descending.p;
    return expect_last(p, ")") && finish(p, n, out);
}

static bool led_condition(Parser *p, const Token *op, Node *left, Node **out)
{
    bool otherwise;
    Node *n = make(p, NODE_CONDITION, op);
    n->lhs = left;
    if (!expression(p, 0, &n->rhs) || !accept(p, ":", &otherwise)) return false;
    if (otherwise && !expression(p, 0, &n->third)) return false;
    return finish(p, n, out);
}

static bool argument(Parser *p, Node *call)
{
    if (!is_next(p, "?")) return add_expression(p, &call->items);
    Node *hole = make(p, NODE_HOLE, &p->token);
    call->type = NODE_PARTIAL;
    if (!finish(p, hole, &hole)) return false;
    jn_node_push(p->c->a, &call->items, hole);
    return next(p, false);
}

/* <...> behind the parameters, put together from tokens, which takes the blanks out of it. */
static bool signature(Parser *p, Node *lambda)
{
    Buf text = {.a = p->c->a};
    int depth = 0;
    int32_t position = p->token.position;
    do {
        depth += is_next(p, "<") - is_next(p, ">");
        buf_put(&text, p->token.text);
        if (depth > 0 && !next(p, false)) return false;
    } while (depth > 0 && !is_next(p, "{") && p->token.type != TOKEN_END);
    Signature *s = new (p->c->a, Signature);
    const char *code;
    int32_t offset;
    if (!expect(p, ">")) return false;
    if (!jn_parse_signature(buf_str(&text), s, &code, &offset))
        return jn_refuse(
            p->c, (Failure){.code = code, .position = position + offset, .token = buf_str(&text)});
    lambda->signature = s;
    return true;
}

static bool lambda(Parser *p, Node *n, Node **out)
{
    n->type = NODE_LAMBDA;
    for (int32_t i = 0; i < n->items.n; i++) {
        const Node *parameter = n->items.p[i];
        if (parameter->type != NODE_VARIABLE)
            return jn_refuse(p->c, (Failure){.code = "S0208",
                                             .position = parameter->position,
                                             .token = parameter->text,
                                             .value = v_number(i + 1)});
    }
    if (is_next(p, "<") && !signature(p, n)) return false;
    return expect(p, "{") && expression(p, 0, &n->rhs) && expect_last(p, "}") && finish(p, n, out);
}

static bool led_call(Parser *p, const Token *op, Node *left, Node **out)
{
    Node *n = make(p, NODE_CALL, op);
    n->lhs = left;
    for (bool more = !is_next(p, ")"); more;)
        if (!argument(p, n) || !accept(p, ",", &more)) return false;
    if (!expect_last(p, ")")) return false;
    bool defines = left->type == NODE_NAME &&
                   (str_eq(left->text, S("function")) || str_eq(left->text, S("λ")));
    return defines ? lambda(p, n, out) : finish(p, n, out);
}

bool jn_parse(Compiler *c, Node **out)
{
    Parser p = {.c = c, .lexer = {.compiler = c}};
    if (!next(&p, false) || !expression(&p, 0, out)) return false;
    return p.token.type == TOKEN_END || refuse(&p, "S0201", &p.token, (Str){0});
}
