#include "library.h"

#include <stdio.h>

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

ccurl_result ccurl_get(const ccurl_request *request) {
    ccurl_result result = {ccurl_missing, ""};
    const curl_library *curl = ccurl_library();
    if (!curl->is_there) return result;
    CURL *handle = curl->init();
    if (!handle) {
        result.outcome = ccurl_other;
        return result;
    }
    char reason[CURL_ERROR_SIZE] = "";
    struct curl_slist *headers = NULL;
    for (long i = 0; i < request->header_count; i++) {
        struct curl_slist *longer = curl->append(headers, request->headers[i]);
        if (longer) headers = longer;
    }
    curl->setopt(handle, CURLOPT_URL, request->url);
    curl->setopt(handle, CURLOPT_HTTPHEADER, headers);
    curl->setopt(handle, CURLOPT_USERAGENT, request->user_agent);
    curl->setopt(handle, CURLOPT_ERRORBUFFER, reason);
    curl->setopt(handle, CURLOPT_CONNECTTIMEOUT, request->connect_seconds);
    curl->setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl->setopt(handle, CURLOPT_LOW_SPEED_TIME, request->stall_seconds);
    curl->setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl->setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl->setopt(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl->setopt(handle, CURLOPT_BUFFERSIZE, 1L << 18);
    curl->setopt(handle, CURLOPT_HEADERFUNCTION, take_header);
    curl->setopt(handle, CURLOPT_HEADERDATA, (void *)request);
    curl->setopt(handle, CURLOPT_WRITEFUNCTION, take_body);
    curl->setopt(handle, CURLOPT_WRITEDATA, (void *)request);
    curl->setopt(handle, CURLOPT_XFERINFOFUNCTION, look);
    curl->setopt(handle, CURLOPT_XFERINFODATA, (void *)request);
    curl->setopt(handle, CURLOPT_NOPROGRESS, 0L);
    CURLcode limited = ccurl_limit_protocols(curl, handle);
    // Rather is nothing sent than too much allowed.
    CURLcode code = limited == CURLE_OK ? curl->perform(handle) : limited;
    result.outcome = ccurl_outcome_of(code);
    double connected = 0;
    if (code == CURLE_OPERATION_TIMEDOUT && curl->getinfo(handle, CURLINFO_CONNECT_TIME, &connected) == CURLE_OK &&
        connected == 0) {
        result.outcome = ccurl_unreachable;
    }
    if (code != CURLE_OK) {
        snprintf(result.reason, sizeof result.reason, "%s", reason[0] ? reason : curl->describe(code));
    }
    if (headers) curl->free_all(headers);
    curl->cleanup(handle);
    return result;
}
