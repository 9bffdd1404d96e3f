// Many HTTP requests at once by libcurl, driven by whoever calls: no thread for each, nothing happens between calls.

#ifndef DISTNB_CCURL_POOL_H
#define DISTNB_CCURL_POOL_H

#include "ccurl.h"

#include <stddef.h>
#include <stdint.h>

typedef struct ccurl_pool ccurl_pool;

typedef struct ccurl_exchange {
    /// Comes back with the result.
    int64_t id;
    const char *CCURL_NONNULL method;
    const char *CCURL_NONNULL url;
    /// "Name: value", each ending in a zero byte; `header_count` of them.
    const char *CCURL_NULLABLE const *CCURL_NULLABLE headers;
    long header_count;
    const char *CCURL_NONNULL user_agent;
    /// NULL for a request without a body.
    const void *CCURL_NULLABLE body;
    size_t body_count;
    /// Milliseconds to wait for a connection, seconds to wait for the next byte, milliseconds for everything; 0 for no
    /// limit.
    long connect_milliseconds;
    long stall_seconds;
    long whole_milliseconds;
    /// The most bytes of the response's body.
    size_t answer_limit;
    /// Whether no proxy is asked, whatever the environment says.
    int is_direct;
} ccurl_exchange;

typedef struct ccurl_ended {
    int64_t id;
    ccurl_outcome outcome;
    /// libcurl's own `CURLcode`.
    int code;
    /// Whether the body is larger than was allowed.
    int is_too_large;
    /// Whether the whole request had left.
    int has_left;
    long status;
    /// From the request's first byte to the response's last.
    double seconds;
    /// The response's last head, its lines ending in "\r\n", and its body. They lie in the pool until the next call.
    const char *CCURL_NULLABLE head;
    size_t head_count;
    const char *CCURL_NULLABLE body;
    size_t body_count;
    /// libcurl's own words for what went wrong; empty where nothing did.
    char reason[256];
} ccurl_ended;

/// A pool; NULL where there is no libcurl, or one older than 7.66.
/// - Parameter connections: how many idle connections are kept open at the most.
ccurl_pool *CCURL_NULLABLE ccurl_pool_open(long connections);

/// Begins an exchange; everything is copied. 0 where it could not be begun.
int ccurl_pool_start(ccurl_pool *CCURL_NONNULL pool, const ccurl_exchange *CCURL_NONNULL exchange);

/// Lets the exchanges go on. Where none has ended it waits for the network, so many milliseconds at the most.
void ccurl_pool_run(ccurl_pool *CCURL_NONNULL pool, int milliseconds);

/// The next exchange that ended; 0 where there is none.
int ccurl_pool_next(ccurl_pool *CCURL_NONNULL pool, ccurl_ended *CCURL_NONNULL ended);

/// Ends an exchange that is under way; it gives no result.
void ccurl_pool_cancel(ccurl_pool *CCURL_NONNULL pool, int64_t id);

/// Ends all exchanges; their connections are closed, idle ones stay open.
void ccurl_pool_cancel_all(ccurl_pool *CCURL_NONNULL pool);

void ccurl_pool_close(ccurl_pool *CCURL_NONNULL pool);

#endif
