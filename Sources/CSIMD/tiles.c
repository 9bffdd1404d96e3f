// Matrix products by Intel's AMX tiles.
//
// The tiles multiply bf16 numbers and add up in single precision. A float is split into a bf16 and what that leaves,
// again as bf16: 16 to 17 of its 24 bits in all, so that a factor errs by about 2^-17 (Henry, Tang & Heinecke 2019,
// https://arxiv.org/abs/1904.06376). Of the four products of two split numbers the caller may leave out that of the
// two low parts, about 2^-18 of the whole: training does; answers do not, as the logits of SmolLM2 just missed 1e-3
// with three.

#include "CSIMD.h"

#if defined(__x86_64__) && defined(__clang__) && defined(__linux__)

#include <immintrin.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#pragma clang attribute push( \
    __attribute__((target("amx-tile,amx-bf16,avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,f16c"))), apply_to = function)

// A tile has 16 rows of 64 bytes. Of the left side a tile is [16 rows][32 of inner]; of the right side, as the
// instruction wants it, [16 pairs of inner][16 columns][2 of the pair]. Seen as 16 x 16 words each is the other's
// transpose, so that one packing routine serves both sides.
enum { SIDE = 16, DEPTH = 32, TILE_BYTES = 1024, PANEL = 32, AHEAD = 2 * DEPTH };

typedef struct { uint8_t palette, start, reserved[14]; uint16_t row_bytes[16]; uint8_t rows[16]; } tile_shapes;

static void begin_tiles(void) {
    tile_shapes shapes = {.palette = 1};
    for (int i = 0; i < 8; i++) shapes.row_bytes[i] = 64, shapes.rows[i] = 16;
    _tile_loadconfig(&shapes);
}

static void end_tiles(void) { _tile_release(); }

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

// Asks for the numbers of the step at k, or, past the panel's end, of the next panel's: each line (or each number of
// inner) is in a page of its own, where the processor does not guess what comes next.
static inline __attribute__((always_inline)) void prefetch_step(
    const float *in, long line, long step, long lines, long depth, long k) {
    if (k >= depth) {
        k -= depth;
        in += lines * line;
    }
    if (step == 1) {
        for (long i = 0; i < lines; i++) {
            _mm_prefetch((const char *)(in + i * line + k), _MM_HINT_T0);
            _mm_prefetch((const char *)(in + i * line + k + 16), _MM_HINT_T0);
        }
    } else {
        for (long i = k; i < k + DEPTH; i++) {
            _mm_prefetch((const char *)(in + i * step), _MM_HINT_T0);
            _mm_prefetch((const char *)(in + i * step + 16), _MM_HINT_T0);
        }
    }
}

// A panel of up to 32 lines: [depth / 32][high, low][2][tile].
static void pack_panel(
    const float *in, long line, long step, long lines, long depth, float scale, int right, void *panel) {
    uint8_t *out = panel;
    const int neighbours = step == 1;
    for (long k = 0; k < depth; k += DEPTH, out += 4 * TILE_BYTES) {
        prefetch_step(in, line, step, lines, depth, k + AHEAD);
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

// Quantised blocks of 32 straight into tiles.

static inline __attribute__((always_inline)) float half_at(const uint8_t *p) {
    uint16_t bits;
    memcpy(&bits, p, 2);
    return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(bits)));
}

static inline __attribute__((always_inline)) void split(__m512 a, __m512 b, __m512i *high, __m512i *low) {
    __m512i h = (__m512i)_mm512_cvtne2ps_pbh(b, a);
    __m512 ha = _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm512_castsi512_si256(h)), 16));
    __m512 hb = _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(h, 1)), 16));
    *high = h;
    *low = (__m512i)_mm512_cvtne2ps_pbh(_mm512_sub_ps(b, hb), _mm512_sub_ps(a, ha));
}

// The high and low parts of a block's 32 values. A block of nibbles has but 16 different ones: they are looked up.
static inline __attribute__((always_inline)) void read_block(
    const int type, const uint8_t *p, __m512i *high, __m512i *low) {
    if (type == SIMD_Q8_0) {
        const __m512 d = _mm512_set1_ps(half_at(p));
        const __m512 a = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const void *)(p + 2))));
        const __m512 b = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const void *)(p + 18))));
        split(_mm512_mul_ps(a, d), _mm512_mul_ps(b, d), high, low);
        return;
    }
    __m512 values;
    if (type == SIMD_Q4_1) {
        const __m512 steps = _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        int32_t both;
        memcpy(&both, p, 4);
        const __m512 scales = _mm512_cvtph_ps(_mm256_set1_epi32(both));  // d, m, d, m, …
        // In two steps, as plain arithmetic has it.
        values = _mm512_add_ps(_mm512_mul_ps(steps, _mm512_moveldup_ps(scales)), _mm512_movehdup_ps(scales));
        p += 4;
    } else {
        const __m512 steps = _mm512_setr_ps(-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7);
        values = _mm512_mul_ps(steps, _mm512_set1_ps(half_at(p)));
        p += 2;
    }
    const __m256i high_table = (__m256i)_mm512_cvtneps_pbh(values);
    const __m512 rest =
        _mm512_sub_ps(values, _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(high_table), 16)));
    const __m256i low_table = (__m256i)_mm512_cvtneps_pbh(rest);
    const __m256i bytes = _mm256_cvtepu8_epi16(_mm_loadu_si128((const void *)p));
    const __m512i nibbles = _mm512_inserti64x4(
        _mm512_castsi256_si512(_mm256_and_si256(bytes, _mm256_set1_epi16(15))), _mm256_srli_epi16(bytes, 4), 1);
    *high = _mm512_permutexvar_epi16(nibbles, _mm512_castsi256_si512(high_table));
    *low = _mm512_permutexvar_epi16(nibbles, _mm512_castsi256_si512(low_table));
}

static inline __attribute__((always_inline)) void transpose_tile(uint8_t *tile) {
    __m512i words[16];
    for (int i = 0; i < 16; i++) words[i] = _mm512_load_si512(tile + i * 64);
    transpose(words);
    for (int i = 0; i < 16; i++) _mm512_store_si512(tile + i * 64, words[i]);
}

static inline __attribute__((always_inline)) void pack_block_rows(
    const int type, const uint8_t *in, long row_bytes, long rows, long blocks, int right, uint8_t *out) {
    const long block_bytes = type == SIMD_Q8_0 ? 34 : type == SIMD_Q4_1 ? 20 : 18;
    // The next panel's rows come from memory meanwhile, a share with each step.
    const char *next = (const char *)in + rows * row_bytes;
    const long share = (rows * row_bytes / blocks + 63) / 64;
    for (long k = 0; k < blocks; k++, in += block_bytes, out += 4 * TILE_BYTES) {
        for (long i = 0; i < share; i++) _mm_prefetch(next + (k * share + i) * 64, _MM_HINT_T1);
        for (long side = 0; side < 2 && (side == 0 || rows > SIDE); side++) {
            const long lines = rows - side * SIDE < SIDE ? rows - side * SIDE : SIDE;
            const uint8_t *from = in + side * SIDE * row_bytes;
            uint8_t *to = out + side * TILE_BYTES;
            for (long i = 0; i < lines; i++) {
                __m512i high, low;
                read_block(type, from + i * row_bytes, &high, &low);
                _mm512_store_si512(to + i * 64, high);
                _mm512_store_si512(to + 2 * TILE_BYTES + i * 64, low);
            }
            for (long i = lines; i < SIDE; i++) {
                _mm512_store_si512(to + i * 64, _mm512_setzero_si512());
                _mm512_store_si512(to + 2 * TILE_BYTES + i * 64, _mm512_setzero_si512());
            }
            if (right) transpose_tile(to), transpose_tile(to + 2 * TILE_BYTES);
        }
    }
}

static inline __attribute__((always_inline)) void pack_block_columns(
    const int type, const uint8_t *in, long row_bytes, long rows, uint8_t *out) {
    // Words of a tile of the right side: the first and the second row of a pair, by column.
    __m512i first, second;
    {
        uint16_t a[32], b[32];
        for (int i = 0; i < 16; i++) {
            a[2 * i] = (uint16_t)i, a[2 * i + 1] = (uint16_t)(32 + i);
            b[2 * i] = (uint16_t)(16 + i), b[2 * i + 1] = (uint16_t)(48 + i);
        }
        first = _mm512_loadu_si512(a);
        second = _mm512_loadu_si512(b);
    }
    for (long k = 0; k < rows; k += DEPTH, out += 4 * TILE_BYTES) {
        for (long pair = 0; pair < 16; pair++) {
            const long row = k + 2 * pair;
            __m512i high0 = _mm512_setzero_si512(), low0 = high0, high1 = high0, low1 = high0;
            if (row < rows) read_block(type, in + row * row_bytes, &high0, &low0);
            if (row + 1 < rows) read_block(type, in + (row + 1) * row_bytes, &high1, &low1);
            uint8_t *to = out + pair * 64;
            _mm512_store_si512(to, _mm512_permutex2var_epi16(high0, first, high1));
            _mm512_store_si512(to + TILE_BYTES, _mm512_permutex2var_epi16(high0, second, high1));
            _mm512_store_si512(to + 2 * TILE_BYTES, _mm512_permutex2var_epi16(low0, first, low1));
            _mm512_store_si512(to + 3 * TILE_BYTES, _mm512_permutex2var_epi16(low0, second, low1));
        }
    }
}

static void pack_quantized_rows(
    simd_block type, const void *in, long row_bytes, long rows, long blocks, int right, void *panel) {
    switch (type) {
    case SIMD_Q4_0: pack_block_rows(SIMD_Q4_0, in, row_bytes, rows, blocks, right, panel); break;
    case SIMD_Q4_1: pack_block_rows(SIMD_Q4_1, in, row_bytes, rows, blocks, right, panel); break;
    case SIMD_Q8_0: pack_block_rows(SIMD_Q8_0, in, row_bytes, rows, blocks, right, panel); break;
    }
}

static void pack_quantized_columns(simd_block type, const void *in, long row_bytes, long rows, void *panel) {
    switch (type) {
    case SIMD_Q4_0: pack_block_columns(SIMD_Q4_0, in, row_bytes, rows, panel); break;
    case SIMD_Q4_1: pack_block_columns(SIMD_Q4_1, in, row_bytes, rows, panel); break;
    case SIMD_Q8_0: pack_block_columns(SIMD_Q8_0, in, row_bytes, rows, panel); break;
    }
}

// out [up to 32, up to 32] (+)= panel of the left side times panel of the right side.
static inline __attribute__((always_inline)) void multiply_panels(
    const uint8_t *a, const uint8_t *b, long steps, float *out, long stride, int adding, int low_low,
    const int two_rows, const int two_columns) {
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
        if (!low_low) continue;
        // low · low
        _tile_loadd(6, b + 2 * TILE_BYTES, 64);
        _tile_dpbf16ps(0, 4, 6);
        if (two_rows) _tile_dpbf16ps(2, 5, 6);
        if (two_columns) {
            _tile_loadd(7, b + 3 * TILE_BYTES, 64);
            _tile_dpbf16ps(1, 4, 7);
            if (two_rows) _tile_dpbf16ps(3, 5, 7);
        }
    }
    _tile_stored(0, out, bytes);
    if (two_columns) _tile_stored(1, out + SIDE, bytes);
    if (two_rows) _tile_stored(2, out + SIDE * stride, bytes);
    if (two_rows && two_columns) _tile_stored(3, out + SIDE * stride + SIDE, bytes);
}

static void multiply_block(
    const void *left, const void *right, long steps, float *out, long stride, long rows, long columns, int adding,
    int low_low, int transposed) {
    if (rows == PANEL && columns == PANEL && !transposed) {
        multiply_panels(left, right, steps, out, stride, adding, low_low, 1, 1);
        return;
    }
    // At the edges, and where the result is wanted transposed, the tiles are stored whole in memory of their own.
    _Alignas(64) float edge[PANEL * PANEL];
    const int adds_here = adding && !transposed;
    if (adds_here)
        for (long r = 0; r < rows; r++) memcpy(edge + r * PANEL, out + r * stride, (size_t)columns * 4);
    if (rows > SIDE && columns > SIDE) multiply_panels(left, right, steps, edge, PANEL, adds_here, low_low, 1, 1);
    else if (rows > SIDE) multiply_panels(left, right, steps, edge, PANEL, adds_here, low_low, 1, 0);
    else if (columns > SIDE) multiply_panels(left, right, steps, edge, PANEL, adds_here, low_low, 0, 1);
    else multiply_panels(left, right, steps, edge, PANEL, adds_here, low_low, 0, 0);
    if (!transposed) {
        for (long r = 0; r < rows; r++) memcpy(out + r * stride, edge + r * PANEL, (size_t)columns * 4);
        return;
    }
    for (long c = 0; c < columns; c += SIDE) {
        for (long r = 0; r < rows; r += SIDE) {
            __m512i words[16];
            for (int i = 0; i < 16; i++) words[i] = _mm512_load_si512(edge + (r + i) * PANEL + c);
            transpose(words);
            const __mmask16 mask = rows - r >= SIDE ? 0xffff : (__mmask16)((1u << (rows - r)) - 1);
            const long lines = columns - c < SIDE ? columns - c : SIDE;
            float *to = out + c * stride + r;
            for (int i = 0; i < 16; i++) {
                if (i >= lines) break;
                __m512 value = _mm512_castsi512_ps(words[i]);
                if (adding) value = _mm512_add_ps(value, _mm512_maskz_loadu_ps(mask, to + i * stride));
                _mm512_mask_storeu_ps(to + i * stride, mask, value);
            }
        }
    }
}

static const simd_tiles amx_tiles = {
    begin_tiles, end_tiles, pack_panel, pack_quantized_rows, pack_quantized_columns, multiply_block};

#pragma clang attribute pop

const simd_tiles *simd_tiles_best(void) {
    static const int ask_for_tiles = 0x1023, tile_data = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("amx-tile") || !__builtin_cpu_supports("amx-bf16") ||
        !__builtin_cpu_supports("avx512bf16") || !__builtin_cpu_supports("avx512dq"))
        return 0;
    if (syscall(SYS_arch_prctl, ask_for_tiles, tile_data) != 0) return 0;
    return &amx_tiles;
}

#else

const simd_tiles *simd_tiles_best(void) { return 0; }

#endif
