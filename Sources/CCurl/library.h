// libcurl as it was found when the first request was made; see ccurl.h for why it is not linked.

#ifndef DISTNB_CCURL_LIBRARY_H
#define DISTNB_CCURL_LIBRARY_H

#define CURL_DISABLE_TYPECHECK
#include "ccurl.h"

#include <curl/curl.h>

// The types are those of curl.h, so that the compiler checks every call.
typedef struct curl_library {
    int is_there;
    CURLcode (*global_init)(long);
    CURL *(*init)(void);
    CURLcode (*setopt)(CURL *, CURLoption, ...);
    CURLcode (*perform)(CURL *);
    CURLcode (*getinfo)(CURL *, CURLINFO, ...);
    void (*reset)(CURL *);
    void (*cleanup)(CURL *);
    const char *(*describe)(CURLcode);
    struct curl_slist *(*append)(struct curl_slist *, const char *);
    void (*free_all)(struct curl_slist *);
    // Many at once; older libraries may lack them (curl_multi_poll is of 7.66).
    int has_many;
    CURLM *(*multi_init)(void);
    CURLMcode (*multi_setopt)(CURLM *, CURLMoption, ...);
    CURLMcode (*multi_add)(CURLM *, CURL *);
    CURLMcode (*multi_remove)(CURLM *, CURL *);
    CURLMcode (*multi_perform)(CURLM *, int *);
    CURLMcode (*multi_poll)(CURLM *, struct curl_waitfd *, unsigned int, int, int *);
    CURLMsg *(*multi_read)(CURLM *, int *);
    CURLMcode (*multi_cleanup)(CURLM *);
} curl_library;

/// Loads it the first time; `is_there` is 0 where this machine has none.
const curl_library *ccurl_library(void);

/// What a code of libcurl means here.
ccurl_outcome ccurl_outcome_of(CURLcode code);

/// Allows http and https and nothing else. Where that cannot be said to the library, nothing may be sent.
CURLcode ccurl_limit_protocols(const curl_library *curl, CURL *handle);

#endif
