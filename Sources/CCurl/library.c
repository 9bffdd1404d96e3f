#include "library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

static curl_library curl;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
    static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.4.dylib"};
    void *library = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names && !library; i++) {
        library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    }
    if (!library) return;
    *(void **)&curl.global_init = dlsym(library, "curl_global_init");
    *(void **)&curl.init = dlsym(library, "curl_easy_init");
    *(void **)&curl.setopt = dlsym(library, "curl_easy_setopt");
    *(void **)&curl.perform = dlsym(library, "curl_easy_perform");
    *(void **)&curl.getinfo = dlsym(library, "curl_easy_getinfo");
    *(void **)&curl.reset = dlsym(library, "curl_easy_reset");
    *(void **)&curl.cleanup = dlsym(library, "curl_easy_cleanup");
    *(void **)&curl.describe = dlsym(library, "curl_easy_strerror");
    *(void **)&curl.append = dlsym(library, "curl_slist_append");
    *(void **)&curl.free_all = dlsym(library, "curl_slist_free_all");
    *(void **)&curl.multi_init = dlsym(library, "curl_multi_init");
    *(void **)&curl.multi_setopt = dlsym(library, "curl_multi_setopt");
    *(void **)&curl.multi_add = dlsym(library, "curl_multi_add_handle");
    *(void **)&curl.multi_remove = dlsym(library, "curl_multi_remove_handle");
    *(void **)&curl.multi_perform = dlsym(library, "curl_multi_perform");
    *(void **)&curl.multi_poll = dlsym(library, "curl_multi_poll");
    *(void **)&curl.multi_read = dlsym(library, "curl_multi_info_read");
    *(void **)&curl.multi_cleanup = dlsym(library, "curl_multi_cleanup");
    curl.is_there = curl.global_init && curl.init && curl.setopt && curl.perform && curl.getinfo && curl.reset &&
                    curl.cleanup && curl.describe && curl.append && curl.free_all &&
                    curl.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    curl.has_many = curl.is_there && curl.multi_init && curl.multi_setopt && curl.multi_add && curl.multi_remove &&
                    curl.multi_perform && curl.multi_poll && curl.multi_read && curl.multi_cleanup;
}

const curl_library *ccurl_library(void) {
    pthread_once(&once, load);
    return &curl;
}

ccurl_outcome ccurl_outcome_of(CURLcode code) {
    switch (code) {
    case CURLE_OK: return ccurl_done;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT: return ccurl_unreachable;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR: return ccurl_untrusted;
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM: return ccurl_cut;
    case CURLE_WRITE_ERROR:
    case CURLE_ABORTED_BY_CALLBACK: return ccurl_stopped;
    default: return ccurl_other;
    }
}

CURLcode ccurl_limit_protocols(const curl_library *curl, CURL *handle) {
    // A library older than the header does not know the option.
#if LIBCURL_VERSION_NUM >= 0x075500
    return curl->setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    return curl->setopt(handle, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
}
