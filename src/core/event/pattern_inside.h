/* pattern_inside.h - shared by the checker and the matcher of event patterns. */
#pragma once
#include "core/event/pattern.h"

typedef enum PatternOp {
    PATTERN_PREFIX,
    PATTERN_SUFFIX,
    PATTERN_SAME_LETTERS,
    PATTERN_WILDCARD,
    PATTERN_ANYTHING_BUT,
    PATTERN_NUMERIC,
    PATTERN_CIDR,
    PATTERN_EXISTS,
    PATTERN_UNKNOWN,
} PatternOp;
PatternOp pattern_op(Str name);

/* An address with its prefix: "10.1.2.3" or "10.1.2.0/24" or IPv6; false: neither. */
typedef struct PatternAddress {
    unsigned char bytes[16];
    int size, prefix; /* 4 or 16; bits */
} PatternAddress;
must_use bool pattern_address(Str text, PatternAddress *out);
