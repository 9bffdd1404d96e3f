#include "ccurl_pool.h"
#include "library.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct bytes {
    char *start;
    size_t count;
    size_t room;
} bytes;

// One exchange. Its handle stays with it when it is used again, so that libcurl's own memory is.
typedef struct transfer {
    struct transfer *next;
    struct transfer *previous;
    CURL *handle;
    int64_t id;
    bytes request;
    size_t sent;
    bytes head;
    bytes body;
    size_t answer_limit;
    int is_too_large;
    struct curl_slist *headers;
    char reason[CURL_ERROR_SIZE];
} transfer;

struct ccurl_pool {
    CURLM *multi;
    // A ring of those under way, and a list of those that wait to be used again.
    transfer *active;
    transfer *idle;
    // The last that was handed out; its bytes must live until the next call.
    transfer *shown;
};

static int append(bytes *to, const char *from, size_t count) {
    if (count > SIZE_MAX / 2 - to->count) return 0;
    if (to->count + count > to->room) {
        size_t room = to->room ? to->room : 1024;
        while (room < to->count + count) room *= 2;
        char *longer = realloc(to->start, room);
        if (!longer) return 0;
        to->start = longer;
        to->room = room;
    }
    if (count) memcpy(to->start + to->count, from, count);
    to->count += count;
    return 1;
}

static size_t give_body(char *room, size_t size, size_t count, void *pointer) {
    transfer *this = pointer;
    size_t left = this->request.count - this->sent;
    size_t given = size * count < left ? size * count : left;
    if (given) memcpy(room, this->request.start + this->sent, given);
    this->sent += given;
    return given;
}

static size_t take_head(char *from, size_t size, size_t count, void *pointer) {
    transfer *this = pointer;
    // A head after another one (100 Continue, a proxy's) replaces it.
    if (size * count >= 5 && memcmp(from, "HTTP/", 5) == 0) this->head.count = this->body.count = 0;
    if (this->head.count + size * count > 1 << 18) return 0;
    return append(&this->head, from, size * count) ? size * count : 0;
}

static size_t take_body(char *from, size_t size, size_t count, void *pointer) {
    transfer *this = pointer;
    if (size * count > this->answer_limit || this->body.count > this->answer_limit - size * count) {
        this->is_too_large = 1;
        return 0;
    }
    return append(&this->body, from, size * count) ? size * count : 0;
}

static void link_active(ccurl_pool *pool, transfer *this) {
    this->previous = NULL;
    this->next = pool->active;
    if (pool->active) pool->active->previous = this;
    pool->active = this;
}

static void unlink_active(ccurl_pool *pool, transfer *this) {
    if (this->previous) this->previous->next = this->next;
    if (this->next) this->next->previous = this->previous;
    if (pool->active == this) pool->active = this->next;
    this->next = this->previous = NULL;
}

// Keeps what can be used again; the room of an unusually long body is given back.
static void retire(ccurl_pool *pool, transfer *this) {
    const curl_library *curl = ccurl_library();
    if (this->headers) curl->free_all(this->headers);
    this->headers = NULL;
    bytes *const rooms[] = {&this->request, &this->head, &this->body};
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
        rooms[i]->count = 0;
        if (rooms[i]->room > 1 << 16) {
            free(rooms[i]->start);
            *rooms[i] = (bytes){NULL, 0, 0};
        }
    }
    curl->reset(this->handle);
    this->next = pool->idle;
    this->previous = NULL;
    pool->idle = this;
}

static void forget_shown(ccurl_pool *pool) {
    if (pool->shown) retire(pool, pool->shown);
    pool->shown = NULL;
}

static void destroy(transfer *this) {
    const curl_library *curl = ccurl_library();
    if (this->headers) curl->free_all(this->headers);
    curl->cleanup(this->handle);
    free(this->request.start);
    free(this->head.start);
    free(this->body.start);
    free(this);
}

ccurl_pool *ccurl_pool_open(long connections) {
    const curl_library *curl = ccurl_library();
    if (!curl->has_many) return NULL;
    ccurl_pool *pool = calloc(1, sizeof *pool);
    if (!pool) return NULL;
    pool->multi = curl->multi_init();
    if (!pool->multi) {
        free(pool);
        return NULL;
    }
    curl->multi_setopt(pool->multi, CURLMOPT_MAXCONNECTS, connections);
    return pool;
}

static transfer *fresh(ccurl_pool *pool) {
    transfer *this = pool->idle;
    if (this) {
        pool->idle = this->next;
        this->next = NULL;
    } else {
        this = calloc(1, sizeof *this);
        if (!this) return NULL;
        this->handle = ccurl_library()->init();
        if (!this->handle) {
            free(this);
            return NULL;
        }
    }
    this->sent = 0;
    this->is_too_large = 0;
    this->reason[0] = 0;
    return this;
}

static CURLcode prepare(const curl_library *curl, transfer *this, const ccurl_exchange *exchange) {
    CURL *handle = this->handle;
    curl->setopt(handle, CURLOPT_URL, exchange->url);
    curl->setopt(handle, CURLOPT_PRIVATE, (void *)this);
    curl->setopt(handle, CURLOPT_HTTPHEADER, this->headers);
    curl->setopt(handle, CURLOPT_USERAGENT, exchange->user_agent);
    curl->setopt(handle, CURLOPT_ERRORBUFFER, this->reason);
    curl->setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, exchange->connect_milliseconds);
    curl->setopt(handle, CURLOPT_TIMEOUT_MS, exchange->whole_milliseconds);
    curl->setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl->setopt(handle, CURLOPT_LOW_SPEED_TIME, exchange->stall_seconds);
    curl->setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl->setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl->setopt(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl->setopt(handle, CURLOPT_HEADERFUNCTION, take_head);
    curl->setopt(handle, CURLOPT_HEADERDATA, (void *)this);
    curl->setopt(handle, CURLOPT_WRITEFUNCTION, take_body);
    curl->setopt(handle, CURLOPT_WRITEDATA, (void *)this);
    // HTTP/2 where TLS offers it; then one connection carries many, and is waited for.
    curl->setopt(handle, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    curl->setopt(handle, CURLOPT_PIPEWAIT, 1L);
    if (exchange->is_direct) curl->setopt(handle, CURLOPT_PROXY, "");
    if (exchange->body) {
        // The body comes from a function that cannot begin anew. So libcurl can send a request again by itself, as it
        // does where a connection that was used before breaks, only while no byte of the body has left: whether
        // something that is paid for is asked twice is decided elsewhere.
        curl->setopt(handle, CURLOPT_POST, 1L);
        curl->setopt(handle, CURLOPT_READFUNCTION, give_body);
        curl->setopt(handle, CURLOPT_READDATA, (void *)this);
        curl->setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)exchange->body_count);
    }
    curl->setopt(handle, CURLOPT_CUSTOMREQUEST, exchange->method);
    // Rather is nothing sent than too much allowed.
    return ccurl_limit_protocols(curl, handle);
}

int ccurl_pool_start(ccurl_pool *pool, const ccurl_exchange *exchange) {
    const curl_library *curl = ccurl_library();
    forget_shown(pool);
    transfer *this = fresh(pool);
    if (!this) return 0;
    this->id = exchange->id;
    this->answer_limit = exchange->answer_limit;
    int is_copied = !exchange->body || append(&this->request, exchange->body, exchange->body_count);
    for (long i = 0; i < exchange->header_count && is_copied; i++) {
        struct curl_slist *longer = curl->append(this->headers, exchange->headers[i]);
        if (longer) this->headers = longer;
        is_copied = longer != NULL;
    }
    if (!is_copied || prepare(curl, this, exchange) != CURLE_OK ||
        curl->multi_add(pool->multi, this->handle) != CURLM_OK) {
        retire(pool, this);
        return 0;
    }
    link_active(pool, this);
    return 1;
}

void ccurl_pool_run(ccurl_pool *pool, int milliseconds) {
    const curl_library *curl = ccurl_library();
    forget_shown(pool);
    int running = 0;
    long before = 0;
    for (transfer *this = pool->active; this; this = this->next) before++;
    curl->multi_perform(pool->multi, &running);
    // Something ended already: nobody should wait.
    if (running < before) return;
    int ready = 0;
    curl->multi_poll(pool->multi, NULL, 0, milliseconds, &ready);
    curl->multi_perform(pool->multi, &running);
}

static void fill(const curl_library *curl, transfer *this, CURLcode code, ccurl_ended *ended) {
    memset(ended, 0, sizeof *ended);
    ended->id = this->id;
    ended->outcome = ccurl_outcome_of(code);
    ended->code = (int)code;
    ended->is_too_large = this->is_too_large;
    double before = 0, whole = 0;
    curl->getinfo(this->handle, CURLINFO_PRETRANSFER_TIME, &before);
    curl->getinfo(this->handle, CURLINFO_TOTAL_TIME, &whole);
    curl->getinfo(this->handle, CURLINFO_RESPONSE_CODE, &ended->status);
    // Too late is not cut, which it is for a download that goes on where it was.
    if (code == CURLE_OPERATION_TIMEDOUT) ended->outcome = ccurl_other;
    // No TLS was agreed on: nothing has left.
    if (code == CURLE_SSL_CONNECT_ERROR) ended->outcome = ccurl_untrusted;
    curl_off_t uploaded = 0;
    curl->getinfo(this->handle, CURLINFO_SIZE_UPLOAD_T, &uploaded);
    ended->has_left = before > 0 && (size_t)uploaded >= this->request.count;
    // It broke after part of the body had left, and was about to be sent anew.
    if (code == CURLE_SEND_FAIL_REWIND) {
        ended->outcome = ccurl_cut;
        ended->has_left = 1;
    }
    ended->seconds = before > 0 && whole > before ? whole - before : 0;
    ended->head = this->head.start;
    ended->head_count = this->head.count;
    ended->body = this->body.start;
    ended->body_count = this->body.count;
    if (code != CURLE_OK) {
        snprintf(ended->reason, sizeof ended->reason, "%s", this->reason[0] ? this->reason : curl->describe(code));
    }
}

int ccurl_pool_next(ccurl_pool *pool, ccurl_ended *ended) {
    const curl_library *curl = ccurl_library();
    forget_shown(pool);
    int left = 0;
    for (CURLMsg *message; (message = curl->multi_read(pool->multi, &left));) {
        if (message->msg != CURLMSG_DONE) continue;
        // The message is gone with the handle's removal.
        CURL *handle = message->easy_handle;
        CURLcode code = message->data.result;
        transfer *this = NULL;
        if (curl->getinfo(handle, CURLINFO_PRIVATE, (char **)&this) != CURLE_OK || !this) continue;
        fill(curl, this, code, ended);
        curl->multi_remove(pool->multi, handle);
        unlink_active(pool, this);
        pool->shown = this;
        return 1;
    }
    return 0;
}

static void end(ccurl_pool *pool, transfer *this) {
    ccurl_library()->multi_remove(pool->multi, this->handle);
    unlink_active(pool, this);
    retire(pool, this);
}

void ccurl_pool_cancel(ccurl_pool *pool, int64_t id) {
    forget_shown(pool);
    for (transfer *this = pool->active; this; this = this->next) {
        if (this->id != id) continue;
        end(pool, this);
        return;
    }
}

void ccurl_pool_cancel_all(ccurl_pool *pool) {
    forget_shown(pool);
    while (pool->active) end(pool, pool->active);
}

void ccurl_pool_close(ccurl_pool *pool) {
    ccurl_pool_cancel_all(pool);
    for (transfer *this = pool->idle; this;) {
        transfer *following = this->next;
        destroy(this);
        this = following;
    }
    ccurl_library()->multi_cleanup(pool->multi);
    free(pool);
}
