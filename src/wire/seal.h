/* seal.h - a text encrypted and authenticated under a key: AES-256-GCM (NIST SP 800-38D), written in Base64. */
#pragma once
#include "base/str.h"

/* The nonce must never come again under the same key: the caller draws it at random (96 bits). What
 * the text is about (an ARN and a version) is authenticated with it, so that one sealed text does
 * not pass for another. The Base64 is of: one byte of the form (1), the nonce, the ciphertext, the
 * tag of 16 bytes. */
enum { SEAL_KEY_BYTES = 32, SEAL_NONCE_BYTES = 12, SEAL_TAG_BYTES = 16 };

Str seal(Arena *a, const unsigned char key[SEAL_KEY_BYTES],
         const unsigned char nonce[SEAL_NONCE_BYTES], Str about, Str plain);
/* false: not sealed under this key about this, or damaged. */
must_use bool unseal(Arena *a, const unsigned char key[SEAL_KEY_BYTES], Str about, Str sealed,
                     Str *plain);
