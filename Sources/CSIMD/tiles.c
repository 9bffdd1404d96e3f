// Matrix products by Intel's AMX tiles.
//
// The tiles multiply bf16 numbers and add up in single precision. A float is split into a bf16 and what that leaves,
// again as bf16 (16 of its 24 bits in all); of the four products of two split numbers the three greatest are made. So
// a product costs three tile products and errs by about 2^-17 of its size, close to single precision's sums (Henry,
// Tang & Heinecke 2019, https://arxiv.org/abs/1904.06376).

#include "CSIMD.h"

#if defined(__x86_64__) && defined(__clang__) && defined(__linux__)

#include <immintrin.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#pragma clang attribute push( \
    __attribute__((target("amx-tile,amx-bf16,avx512f,avx512bw,avx512vl,avx512dq,avx512bf16"))), apply_to = function)

// A tile has 16 rows of 64 bytes. Of the left side a tile is [16 rows][32 of inner]; of the right side, as the
// instruction wants it, [16 pairs of inner][16 columns][2 of the pair]. Seen as 16 x 16 words each is the other's
// transpose, so that one packing routine serves both sides.
enum { SIDE = 16, DEPTH = 32, TILE_BYTES = 1024, PANEL = 32 };
// What is held packed in the second-level cache, in floats' count: rows (or columns) times depth.
enum { DEPTH_BLOCK = 768, RESIDENT_ROWS = 512 };

typedef struct { uint8_t palette, start, reserved[14]; uint16_t row_bytes[16]; uint8_t rows[16]; } tile_shapes;

typedef struct {
    // [panels][depth / 32][high, low][2 sides][16][64 bytes]
    uint8_t *resident, *streamed;
    float *edge;
} workspace;

static pthread_key_t workspace_key;
static pthread_once_t workspace_once = PTHREAD_ONCE_INIT;

static void free_workspace(void *p) { free(p); }
static void make_key(void) { pthread_key_create(&workspace_key, free_workspace); }

enum {
    RESIDENT_BYTES = RESIDENT_ROWS * DEPTH_BLOCK * 4,
    STREAMED_BYTES = PANEL * DEPTH_BLOCK * 4,
    EDGE_BYTES = PANEL * PANEL * 4
};

static int own_workspace(workspace *w) {
    pthread_once(&workspace_once, make_key);
    uint8_t *memory = pthread_getspecific(workspace_key);
    if (!memory) {
        memory = aligned_alloc(64, RESIDENT_BYTES + STREAMED_BYTES + EDGE_BYTES);
        if (!memory) return 0;
        pthread_setspecific(workspace_key, memory);
    }
    w->resident = memory;
    w->streamed = memory + RESIDENT_BYTES;
    w->edge = (float *)(memory + RESIDENT_BYTES + STREAMED_BYTES);
    return 1;
}

// The 16 x 16 words in r, transposed.
static inline __attribute__((always_inline)) void transpose(__m512i r[16]) {
    __m512i t[16];
    for (int i = 0; i < 16; i += 2) {
        t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
        t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
    }
    for (int i = 0; i < 16; i += 4) {
        r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
        r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
        r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
        r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
    }
    for (int i = 0; i < 4; i++) {
        t[i] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88);
        t[i + 4] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xdd);
        t[i + 8] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0x88);
        t[i + 12] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0xdd);
    }
    for (int i = 0; i < 4; i++) {
        r[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88);
        r[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0xdd);
        r[i + 4] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0x88);
        r[i + 12] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0xdd);
    }
}

// 16 floats as bf16 in the low halves of words, and what they leave.
static inline __attribute__((always_inline)) __m512i high_part(__m512 x, __m512 *rest) {
    __m512i high = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(x));
    *rest = _mm512_sub_ps(x, _mm512_castsi512_ps(_mm512_slli_epi32(high, 16)));
    return high;
}

static inline __attribute__((always_inline)) __m512i low_part(__m512 rest) {
    return _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(rest));
}

// One tile of 16 lines (rows of the left side, columns of the right one) and 32 of inner, high part at `out`, low part
// two tiles further. `line` and `step` are the strides along lines and along inner, one of them 1.
// `lines` and `depth` say how much there is; the rest is zero.
static inline __attribute__((always_inline)) void pack_tile(
    const float *in, long line, long step, long lines, long depth, float scale, int transposed, uint8_t *out) {
    __m512i high[16], low[16];
    const __m512 factor = _mm512_set1_ps(scale);
    if (step == 1) {
        // Along inner the floats are neighbours: a register is a line.
        const __mmask16 first = depth >= 16 ? 0xffff : (__mmask16)((1u << depth) - 1);
        const __mmask16 second = depth >= 32 ? 0xffff : depth > 16 ? (__mmask16)((1u << (depth - 16)) - 1) : 0;
        for (int i = 0; i < 16; i++) {
            __m512 a = _mm512_setzero_ps(), b = a;
            if (i < lines) {
                a = _mm512_mul_ps(_mm512_maskz_loadu_ps(first, in + i * line), factor);
                b = _mm512_mul_ps(_mm512_maskz_loadu_ps(second, in + i * line + 16), factor);
            }
            __m512i h = (__m512i)_mm512_cvtne2ps_pbh(b, a);
            __m512 ha = _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm512_castsi512_si256(h)), 16));
            __m512 hb =
                _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(h, 1)), 16));
            high[i] = h;
            low[i] = (__m512i)_mm512_cvtne2ps_pbh(_mm512_sub_ps(b, hb), _mm512_sub_ps(a, ha));
        }
    } else {
        // Along the lines the floats are neighbours: a register is a pair of inner.
        const __mmask16 mask = lines >= 16 ? 0xffff : (__mmask16)((1u << lines) - 1);
        for (int i = 0; i < 16; i++) {
            __m512 a = _mm512_setzero_ps(), b = a;
            if (2 * i < depth) a = _mm512_mul_ps(_mm512_maskz_loadu_ps(mask, in + 2 * i * step), factor);
            if (2 * i + 1 < depth) b = _mm512_mul_ps(_mm512_maskz_loadu_ps(mask, in + (2 * i + 1) * step), factor);
            __m512 rest_a, rest_b;
            __m512i high_a = high_part(a, &rest_a), high_b = high_part(b, &rest_b);
            high[i] = _mm512_or_si512(high_a, _mm512_slli_epi32(high_b, 16));
            low[i] = _mm512_or_si512(low_part(rest_a), _mm512_slli_epi32(low_part(rest_b), 16));
        }
    }
    if (transposed) {
        transpose(high);
        transpose(low);
    }
    for (int i = 0; i < 16; i++) _mm512_store_si512(out + i * 64, high[i]);
    for (int i = 0; i < 16; i++) _mm512_store_si512(out + 2 * TILE_BYTES + i * 64, low[i]);
}

// A panel of up to 32 lines: [depth / 32][high, low][2][tile].
static void pack_panel(
    const float *in, long line, long step, long lines, long depth, float scale, int right, uint8_t *out) {
    const int neighbours = step == 1;
    for (long k = 0; k < depth; k += DEPTH, out += 4 * TILE_BYTES) {
        for (long side = 0; side < 2 && (side == 0 || lines > SIDE); side++) {
            const float *from = in + side * SIDE * line + k * step;
            uint8_t *to = out + side * TILE_BYTES;
            const long count = lines - side * SIDE < SIDE ? lines - side * SIDE : SIDE;
            const long deep = depth - k < DEPTH ? depth - k : DEPTH;
            if (neighbours) pack_tile(from, line, 1, count, deep, scale, right, to);
            else pack_tile(from, 1, step, count, deep, scale, !right, to);
        }
    }
}

// out [up to 32, up to 32] (+)= panel of the left side times panel of the right side.
static inline __attribute__((always_inline)) void multiply_panels(
    const uint8_t *a, const uint8_t *b, long steps, float *out, long stride, int adding, const int two_rows,
    const int two_columns) {
    const long bytes = stride * 4;
    if (adding) {
        _tile_loadd(0, out, bytes);
        if (two_columns) _tile_loadd(1, out + SIDE, bytes);
        if (two_rows) _tile_loadd(2, out + SIDE * stride, bytes);
        if (two_rows && two_columns) _tile_loadd(3, out + SIDE * stride + SIDE, bytes);
    } else {
        _tile_zero(0);
        if (two_columns) _tile_zero(1);
        if (two_rows) _tile_zero(2);
        if (two_rows && two_columns) _tile_zero(3);
    }
    for (long k = 0; k < steps; k++, a += 4 * TILE_BYTES, b += 4 * TILE_BYTES) {
        // high · high
        _tile_loadd(4, a, 64);
        _tile_loadd(6, b, 64);
        _tile_dpbf16ps(0, 4, 6);
        if (two_columns) {
            _tile_loadd(7, b + TILE_BYTES, 64);
            _tile_dpbf16ps(1, 4, 7);
        }
        if (two_rows) {
            _tile_loadd(5, a + TILE_BYTES, 64);
            _tile_dpbf16ps(2, 5, 6);
            if (two_columns) _tile_dpbf16ps(3, 5, 7);
        }
        // high · low
        _tile_loadd(6, b + 2 * TILE_BYTES, 64);
        _tile_dpbf16ps(0, 4, 6);
        if (two_rows) _tile_dpbf16ps(2, 5, 6);
        if (two_columns) {
            _tile_loadd(7, b + 3 * TILE_BYTES, 64);
            _tile_dpbf16ps(1, 4, 7);
            if (two_rows) _tile_dpbf16ps(3, 5, 7);
        }
        // low · high
        _tile_loadd(4, a + 2 * TILE_BYTES, 64);
        _tile_loadd(6, b, 64);
        _tile_dpbf16ps(0, 4, 6);
        if (two_columns) {
            _tile_loadd(7, b + TILE_BYTES, 64);
            _tile_dpbf16ps(1, 4, 7);
        }
        if (two_rows) {
            _tile_loadd(5, a + 3 * TILE_BYTES, 64);
            _tile_dpbf16ps(2, 5, 6);
            if (two_columns) _tile_dpbf16ps(3, 5, 7);
        }
    }
    _tile_stored(0, out, bytes);
    if (two_columns) _tile_stored(1, out + SIDE, bytes);
    if (two_rows) _tile_stored(2, out + SIDE * stride, bytes);
    if (two_rows && two_columns) _tile_stored(3, out + SIDE * stride + SIDE, bytes);
}

static void block(
    const uint8_t *a, const uint8_t *b, long steps, float *out, long stride, int adding, long rows, long columns,
    float *edge) {
    if (rows == PANEL && columns == PANEL) {
        multiply_panels(a, b, steps, out, stride, adding, 1, 1);
        return;
    }
    // At the edges the tiles are whole all the same, in memory of their own.
    if (adding)
        for (long r = 0; r < rows; r++) memcpy(edge + r * PANEL, out + r * stride, (size_t)columns * 4);
    if (rows > SIDE && columns > SIDE) multiply_panels(a, b, steps, edge, PANEL, adding, 1, 1);
    else if (rows > SIDE) multiply_panels(a, b, steps, edge, PANEL, adding, 1, 0);
    else if (columns > SIDE) multiply_panels(a, b, steps, edge, PANEL, adding, 0, 1);
    else multiply_panels(a, b, steps, edge, PANEL, adding, 0, 0);
    for (long r = 0; r < rows; r++) memcpy(out + r * stride, edge + r * PANEL, (size_t)columns * 4);
}

static inline long least(long a, long b) { return a < b ? a : b; }

static int tile_product(
    const float *a, long a_row, long a_step, const float *b, long b_step, long b_column, float *out, long stride,
    long rows, long columns, long inner, float scale, int adding) {
    workspace w;
    if (!own_workspace(&w)) return 0;
    tile_shapes shapes = {.palette = 1};
    for (int i = 0; i < 8; i++) shapes.row_bytes[i] = 64, shapes.rows[i] = 16;
    _tile_loadconfig(&shapes);
    // The side with fewer lines is packed once and held, the other goes by in panels.
    const int holds_left = rows <= columns;
    const long held = holds_left ? rows : columns, passing = holds_left ? columns : rows;
    for (long k = 0; k < inner; k += DEPTH_BLOCK) {
        const long depth = least(inner - k, DEPTH_BLOCK), steps = (depth + DEPTH - 1) / DEPTH;
        const long panel_bytes = steps * 4 * TILE_BYTES;
        const int adds = adding || k > 0;
        const long most = RESIDENT_BYTES / panel_bytes * PANEL;
        for (long h = 0; h < held; h += most) {
            const long count = least(held - h, most);
            for (long i = 0; i < count; i += PANEL) {
                uint8_t *to = w.resident + i / PANEL * panel_bytes;
                const long lines = least(count - i, PANEL);
                if (holds_left) pack_panel(a + (h + i) * a_row + k * a_step, a_row, a_step, lines, depth, scale, 0, to);
                else pack_panel(b + (h + i) * b_column + k * b_step, b_column, b_step, lines, depth, 1, 1, to);
            }
            for (long p = 0; p < passing; p += PANEL) {
                const long lines = least(passing - p, PANEL);
                if (holds_left) pack_panel(b + p * b_column + k * b_step, b_column, b_step, lines, depth, 1, 1, w.streamed);
                else pack_panel(a + p * a_row + k * a_step, a_row, a_step, lines, depth, scale, 0, w.streamed);
                for (long i = 0; i < count; i += PANEL) {
                    const uint8_t *own = w.resident + i / PANEL * panel_bytes;
                    const long others = least(count - i, PANEL);
                    if (holds_left)
                        block(own, w.streamed, steps, out + (h + i) * stride + p, stride, adds, others, lines, w.edge);
                    else
                        block(w.streamed, own, steps, out + p * stride + h + i, stride, adds, lines, others, w.edge);
                }
            }
        }
    }
    _tile_release();
    return 1;
}

#pragma clang attribute pop

simd_tile_product *simd_tile_product_best(void) {
    static const int ask_for_tiles = 0x1023, tile_data = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("amx-tile") || !__builtin_cpu_supports("amx-bf16") ||
        !__builtin_cpu_supports("avx512bf16") || !__builtin_cpu_supports("avx512dq"))
        return 0;
    if (syscall(SYS_arch_prctl, ask_for_tiles, tile_data) != 0) return 0;
    return tile_product;
}

#else

simd_tile_product *simd_tile_product_best(void) { return 0; }

#endif
