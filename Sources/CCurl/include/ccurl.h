// One HTTP GET by libcurl, which is loaded with the first request: a program that fetches nothing does not pay for
// the thirty libraries that libcurl brings along (8 ms at every start).

#ifndef DISTNB_CCURL_H
#define DISTNB_CCURL_H

#include <stddef.h>

#if defined(__clang__)
#define CCURL_NONNULL _Nonnull
#define CCURL_NULLABLE _Nullable
#else
#define CCURL_NONNULL
#define CCURL_NULLABLE
#endif

/// How a request ended.
typedef enum ccurl_outcome {
    ccurl_done = 0,
    /// The host has no address, or nobody listens there.
    ccurl_unreachable = 1,
    /// The other side could not show who it is.
    ccurl_untrusted = 2,
    /// The connection was cut, or nothing came for too long: worth another try.
    ccurl_cut = 3,
    /// A callback said that it should stop.
    ccurl_stopped = 4,
    /// There is no libcurl on this machine.
    ccurl_missing = 5,
    ccurl_other = 6
} ccurl_outcome;

typedef struct ccurl_request {
    const char *CCURL_NONNULL url;
    /// "Name: value", each ending in a zero byte; `header_count` of them.
    const char *CCURL_NULLABLE const *CCURL_NULLABLE headers;
    long header_count;
    const char *CCURL_NONNULL user_agent;
    /// Seconds to wait for a connection, and for the next byte.
    long connect_seconds;
    long stall_seconds;
    /// Handed to the callbacks.
    void *CCURL_NULLABLE context;
    /// A line of the response's head. Anything but 0 stops.
    int (*CCURL_NONNULL on_header)(void *CCURL_NULLABLE context, const char *CCURL_NONNULL bytes, size_t count);
    /// A part of the body. Anything but 0 stops.
    int (*CCURL_NONNULL on_body)(void *CCURL_NULLABLE context, const char *CCURL_NONNULL bytes, size_t count);
    /// Asked at least once a second. Anything but 0 stops.
    int (*CCURL_NONNULL is_cancelled)(void *CCURL_NULLABLE context);
} ccurl_request;

typedef struct ccurl_result {
    ccurl_outcome outcome;
    /// libcurl's own words for what went wrong; empty where nothing did.
    char reason[256];
} ccurl_result;

/// Sends a GET and waits for its end. Redirects are not followed.
ccurl_result ccurl_get(const ccurl_request *CCURL_NONNULL request);

#endif
