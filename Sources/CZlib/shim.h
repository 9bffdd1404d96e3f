// zlib starts its streams by macros, which do not import into Swift: each has a wrapper here.
#pragma once
#include <zlib.h>

// 15 bits of window, +16: gzip's header and checksum (RFC 1952) instead of zlib's.
static inline int distnb_gzip_write_start(z_stream *stream, int level) {
    return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}

static inline int distnb_gzip_read_start(z_stream *stream) { return inflateInit2(stream, 15 + 16); }

// Nothing around the compressed bytes (RFC 1951), as in a zip file.
static inline int distnb_raw_read_start(z_stream *stream) { return inflateInit2(stream, -15); }
