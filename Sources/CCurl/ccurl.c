#define CURL_DISABLE_TYPECHECK
#include "ccurl.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

// The types are those of curl.h, so that the compiler checks every call.
static struct {
    int is_there;
    CURLcode (*global_init)(long);
    CURL *(*init)(void);
    CURLcode (*setopt)(CURL *, CURLoption, ...);
    CURLcode (*perform)(CURL *);
    CURLcode (*getinfo)(CURL *, CURLINFO, ...);
    void (*cleanup)(CURL *);
    const char *(*describe)(CURLcode);
    struct curl_slist *(*append)(struct curl_slist *, const char *);
    void (*free_all)(struct curl_slist *);
} curl;

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
    *(void **)&curl.cleanup = dlsym(library, "curl_easy_cleanup");
    *(void **)&curl.describe = dlsym(library, "curl_easy_strerror");
    *(void **)&curl.append = dlsym(library, "curl_slist_append");
    *(void **)&curl.free_all = dlsym(library, "curl_slist_free_all");
    curl.is_there = curl.global_init && curl.init && curl.setopt && curl.perform && curl.getinfo && curl.cleanup &&
                    curl.describe && curl.append && curl.free_all && curl.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *request_pointer) {
    const ccurl_request *request = request_pointer;
    return request->on_header(request->context, bytes, size * count) == 0 ? size * count : (size_t)-1;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *request_pointer) {
    const ccurl_request *request = request_pointer;
    return request->on_body(request->context, bytes, size * count) == 0 ? size * count : (size_t)-1;
}

static int look(void *request_pointer, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
    const ccurl_request *request = request_pointer;
    (void)a, (void)b, (void)c, (void)d;
    return request->is_cancelled(request->context);
}

static ccurl_outcome outcome(CURLcode code) {
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

ccurl_result ccurl_get(const ccurl_request *request) {
    ccurl_result result = {ccurl_missing, ""};
    pthread_once(&once, load);
    if (!curl.is_there) return result;
    CURL *handle = curl.init();
    if (!handle) {
        result.outcome = ccurl_other;
        return result;
    }
    char reason[CURL_ERROR_SIZE] = "";
    struct curl_slist *headers = NULL;
    for (long i = 0; i < request->header_count; i++) {
        struct curl_slist *longer = curl.append(headers, request->headers[i]);
        if (longer) headers = longer;
    }
    curl.setopt(handle, CURLOPT_URL, request->url);
    curl.setopt(handle, CURLOPT_HTTPHEADER, headers);
    curl.setopt(handle, CURLOPT_USERAGENT, request->user_agent);
    curl.setopt(handle, CURLOPT_ERRORBUFFER, reason);
    curl.setopt(handle, CURLOPT_CONNECTTIMEOUT, request->connect_seconds);
    curl.setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl.setopt(handle, CURLOPT_LOW_SPEED_TIME, request->stall_seconds);
    curl.setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl.setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl.setopt(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl.setopt(handle, CURLOPT_BUFFERSIZE, 1L << 18);
    curl.setopt(handle, CURLOPT_HEADERFUNCTION, take_header);
    curl.setopt(handle, CURLOPT_HEADERDATA, (void *)request);
    curl.setopt(handle, CURLOPT_WRITEFUNCTION, take_body);
    curl.setopt(handle, CURLOPT_WRITEDATA, (void *)request);
    curl.setopt(handle, CURLOPT_XFERINFOFUNCTION, look);
    curl.setopt(handle, CURLOPT_XFERINFODATA, (void *)request);
    curl.setopt(handle, CURLOPT_NOPROGRESS, 0L);
#if LIBCURL_VERSION_NUM >= 0x075500
    CURLcode limited = curl.setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    CURLcode limited = curl.setopt(handle, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
    // A library older than the header does not know the option; then nothing is sent rather than too much allowed.
    CURLcode code = limited == CURLE_OK ? curl.perform(handle) : limited;
    result.outcome = outcome(code);
    double connected = 0;
    if (code == CURLE_OPERATION_TIMEDOUT && curl.getinfo(handle, CURLINFO_CONNECT_TIME, &connected) == CURLE_OK &&
        connected == 0) {
        result.outcome = ccurl_unreachable;
    }
    if (code != CURLE_OK) {
        snprintf(result.reason, sizeof result.reason, "%s", reason[0] ? reason : curl.describe(code));
    }
    if (headers) curl.free_all(headers);
    curl.cleanup(handle);
    return result;
}
