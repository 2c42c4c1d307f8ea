/* ast.h - the tree of an expression, as the parser builds it and as the resolver leaves it for the evaluator. */
#pragma once
#include "core/jsonata/ev.h"

typedef enum NodeType {
    NODE_NAME,
    NODE_STRING,
    NODE_NUMBER,
    NODE_VALUE, /* true, false, null */
    NODE_VARIABLE,
    NODE_REGEX,
    NODE_WILDCARD,
    NODE_DESCENDANT,
    NODE_PARENT,
    NODE_HOLE, /* ? as an argument */
    NODE_END,  /* where an operand should have been */
    NODE_BINARY,
    NODE_NEGATE,
    NODE_ARRAY,
    NODE_OBJECT,
    NODE_BLOCK,
    NODE_CONDITION,
    NODE_ELSE,     /* x ?: y */
    NODE_COALESCE, /* x ?? y */
    NODE_BIND,
    NODE_CALL,
    NODE_PARTIAL,
    NODE_LAMBDA,
    NODE_APPLY, /* ~> */
    NODE_TRANSFORM,
    /* from the resolver */
    NODE_PATH,
    NODE_SORT,
    /* only until the resolver has been there */
    NODE_DOT,
    NODE_FILTER,
    NODE_GROUP,
    NODE_ORDER,
    NODE_FOCUS,
    NODE_INDEX,
    NODE_TYPES
} NodeType;

typedef enum Op {
    OP_NONE,
    OP_ADD,
    OP_SUBTRACT,
    OP_MULTIPLY,
    OP_DIVIDE,
    OP_MODULO,
    OP_EQUAL,
    OP_NOT_EQUAL,
    OP_LESS,
    OP_LESS_EQUAL,
    OP_GREATER,
    OP_GREATER_EQUAL,
    OP_CONCAT,
    OP_AND,
    OP_OR,
    OP_IN,
    OP_RANGE,
    OP_COUNT
} Op;

/* A use of %: the step it means is found by counting steps backward; that step then stores, under
 * the label, what it was applied to. Uses that mean the same step share its label. */
typedef struct Slot {
    Str label;
    int32_t level;
} Slot;

typedef struct SlotVec {
    Slot **p;
    int32_t n, cap;
} SlotVec;

typedef struct NodeVec {
    Node **p;
    int32_t n, cap;
} NodeVec;

/* What follows a step in brackets, or names the position of its items (`index`, with @). */
typedef struct Stage {
    Node *filter; /* NULL: an index */
    Str index;
} Stage;

typedef struct StageVec {
    Stage *p;
    int32_t n, cap;
} StageVec;

/* A function's signature: what its arguments may be. */
enum { PARAMS_MAX = 32 };
typedef struct Param {
    char types[12]; /* letters of the types accepted; "(sf)" gives "sf" */
    char item[4];   /* what an array must hold; "" anything */
    char repeat;    /* 0, '?' or '+' */
    bool context;   /* the context stands in when it is missing */
    bool array;     /* a single value becomes an array of one */
} Param;

typedef struct Signature {
    Param p[PARAMS_MAX];
    int n;
} Signature;

struct Node {
    NodeType type;
    Op op;
    int32_t position; /* of the token it was made from */
    int32_t height;   /* levels below and including this one */
    Str text;         /* name, string, variable; the operator as written */
    double number;
    Value value; /* of NODE_VALUE, NODE_STRING, NODE_NUMBER */
    Node *lhs, *rhs,
        *third; /* condition: if, then, else; call: the procedure in lhs; transform: all three */
    NodeVec
        items; /* steps, expressions, arguments, parameters; objects: key, value, key, value... */
    bool *descending; /* of a sort's terms */
    const Regex *regex;
    const Function *builtin;    /* what a variable means when nothing is bound to it */
    const Signature *signature; /* of a lambda */

    bool keep_array;      /* [] */
    bool keep_singleton;  /* a path with such a step */
    bool cons;            /* an array constructor at either end of a path */
    bool tuple;           /* a step that makes tuples; a path that hands them on */
    bool tail;            /* a call in tail position */
    Node *group;          /* {...} behind it: a NODE_OBJECT */
    StageVec predicates;  /* applied to the value of the node */
    StageVec stages;      /* applied to what the node gives as a step of a path */
    Str focus, index;     /* @$name, #$name */
    const Slot *ancestor; /* some % means what this step is applied to */
    Slot *slot;           /* NODE_PARENT */
    SlotVec seeking;      /* uses of % inside that mean something outside */
};

/* ast pushes: lists in a program's arena grow by doubling. */
void jn_node_push(Arena *a, NodeVec *list, Node *node);

struct JsonataProgram {
    Node *root;
    JsonataDialect dialect;
};

typedef struct Compiler {
    Arena *a;
    Str source;
    JsonataDialect dialect;
    int32_t labels; /* handed out to uses of % */
    Failure failure;
} Compiler;

/* lexer.c */
typedef enum TokenType {
    TOKEN_END,
    TOKEN_NAME,
    TOKEN_VARIABLE,
    TOKEN_OPERATOR,
    TOKEN_STRING,
    TOKEN_NUMBER,
    TOKEN_VALUE,
    TOKEN_REGEX
} TokenType;

typedef struct Token {
    TokenType type;
    Str text; /* decoded */
    double number;
    Value value;
    const Regex *regex;
    int32_t position; /* just behind it, in UTF-16 units */
} Token;

typedef struct Lexer {
    Compiler *compiler;
    int64_t at;
    int64_t counted; /* bytes of the source, and the UTF-16 units they are */
    int32_t units;
} Lexer;

/* infix: a slash here divides; elsewhere it begins a regular expression. */
must_use bool jn_next_token(Lexer *lexer, bool infix, Token *out);

/* parser.c: the raw tree. */
must_use bool jn_parse(Compiler *c, Node **out);
/* resolver.c: paths, predicates, groupings, ancestors, tail calls. */
must_use bool jn_resolve(Compiler *c, Node *raw, Node **out);
/* signature.c */
must_use bool jn_parse_signature(Str text, Signature *out, const char **code, int32_t *offset);
/* Arguments as the signature has them: the context filled in, single values made arrays. */
must_use bool jn_validate(Ev *ev, const Signature *s, const Value *args, int32_t n, Value context,
                          const Value **out, int32_t *out_n);

bool jn_refuse(Compiler *c, Failure failure);
must_use bool jn_compile(Compiler *c, Node **root);
