/* text.h - code points, UTF-16 units and letter case of UTF-8 text that may hold lone surrogates. */
#pragma once
#include "base/str.h"

/* JSONata texts are JavaScript's: a lone surrogate may stand in them. Here it is three bytes, as
 * WTF-8 has it. Ill-formed bytes count as one character each. */
int32_t jn_decode_rune(Str s, int *bytes);     /* of the character at the front; s.n > 0 */
int jn_encode_rune(int32_t rune, char out[4]); /* bytes written */
int64_t jn_runes(Str s);                       /* code points */
int64_t jn_units(Str s);                       /* UTF-16 units */
int64_t
jn_rune_offset(Str s, int64_t n); /* byte offset of the n-th code point; s.n when there are fewer */
int64_t jn_unit_offset(Str s, int64_t n); /* ... of the n-th unit */
int jn_compare(Str x, Str y);             /* by UTF-16 units, as JavaScript's < does */
bool jn_has_lone_surrogate(Str s);

/* Letter case: one rune becomes up to three; the count is returned. */
enum { CASE_RUNES_MAX = 3 };
int jn_rune_upper(int32_t rune, int32_t out[CASE_RUNES_MAX]);
int jn_rune_lower(int32_t rune, int32_t out[CASE_RUNES_MAX]);
