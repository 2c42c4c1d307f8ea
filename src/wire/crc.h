/* crc.h - the cyclic redundancy checks S3 knows: fast over bytes, and joined without them. */
#pragma once
#include "base/str.h"

/* As zlib's crc32: begin with 0, feed the last result. */
uint32_t crc32_add(uint32_t crc, Str bytes);
uint32_t crc32c_add(uint32_t crc, Str bytes);
uint64_t crc64nvme_add(uint64_t crc, Str bytes);

/* The check of A then B, from the checks of each and the length of B. */
uint32_t crc32_join(uint32_t a, uint32_t b, int64_t b_bytes);
uint32_t crc32c_join(uint32_t a, uint32_t b, int64_t b_bytes);
uint64_t crc64nvme_join(uint64_t a, uint64_t b, int64_t b_bytes);

/* The way without special instructions; the tests compare both. */
uint32_t crc32c_add_portable(uint32_t crc, Str bytes);
uint64_t crc64nvme_add_portable(uint64_t crc, Str bytes);
