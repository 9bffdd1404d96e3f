// The few SIMD kernels of the embedded engine.
//
// All of them are written once, in `kernels.inc`, with the compiler's vector types, and compiled once per
// instruction set. A caller picks a table of functions at run time; there is no global state.
// Matrices are row-major and dense unless a stride (in floats) is given. Pointers need no alignment.

#ifndef DISTNB_CSIMD_H
#define DISTNB_CSIMD_H

#include <stdint.h>

#if defined(__clang__)
#define CSIMD_NONNULL _Nonnull
#define CSIMD_NULLABLE _Nullable
#else
#define CSIMD_NONNULL
#define CSIMD_NULLABLE
#endif

typedef struct simd_kernels {
    /// The instruction set's name, for reports.
    const char *CSIMD_NONNULL name;

    /// RMSNorm (Zhang & Sennrich 2019): out = weight * x * inverse, inverse = 1 / sqrt(mean(x^2) + epsilon).
    /// x and out are [rows, width]; `inverse` is [rows], or null when no backward pass needs it.
    void (*CSIMD_NONNULL rms_norm)(
        const float *CSIMD_NONNULL x, const float *CSIMD_NONNULL weight, float *CSIMD_NONNULL out,
        float *CSIMD_NULLABLE inverse, long rows, long width, float epsilon);

    /// Adds RMSNorm's gradient with respect to its input to dx. All but weight [width] and inverse [rows] are
    /// [rows, width].
    void (*CSIMD_NONNULL rms_norm_backward)(
        const float *CSIMD_NONNULL x, const float *CSIMD_NONNULL weight, const float *CSIMD_NONNULL inverse,
        const float *CSIMD_NONNULL dy, float *CSIMD_NONNULL dx, long rows, long width);

    /// Adds RMSNorm's gradient with respect to its weight, the sum over the rows of dy * x * inverse, to
    /// d_weight [width].
    void (*CSIMD_NONNULL rms_norm_weight_gradient)(
        const float *CSIMD_NONNULL x, const float *CSIMD_NONNULL inverse, const float *CSIMD_NONNULL dy,
        float *CSIMD_NONNULL d_weight, long rows, long width);

    /// Rotary embedding in place, in the "rotate half" order: element i of a head pairs with i + half.
    /// x is [rows, stride]; the first `heads` heads of 2 * half floats of each row are turned by the angles of
    /// that row's position. cosines and sines are [positions, half]. `direction` is 1, or -1 for the gradient.
    void (*CSIMD_NONNULL rotate)(
        float *CSIMD_NONNULL x, const int32_t *CSIMD_NONNULL positions, const float *CSIMD_NONNULL cosines,
        const float *CSIMD_NONNULL sines, long rows, long stride, long heads, long half, float direction);

    /// out = silu(gate) * up. gate_up is [rows, 2 * width], the gate first; out is [rows, width].
    void (*CSIMD_NONNULL silu_multiply)(
        const float *CSIMD_NONNULL gate_up, float *CSIMD_NONNULL out, long rows, long width);

    /// The gradient of silu_multiply: d_out [rows, width] to d_gate_up [rows, 2 * width] (overwritten), which may be
    /// gate_up itself.
    void (*CSIMD_NONNULL silu_multiply_backward)(
        const float *CSIMD_NONNULL gate_up, const float *CSIMD_NONNULL d_out, float *CSIMD_NONNULL d_gate_up,
        long rows, long width);

    /// The same with GELU, approximated by tanh (Hendrycks & Gimpel 2016), instead of SiLU.
    void (*CSIMD_NONNULL gelu_multiply)(
        const float *CSIMD_NONNULL gate_up, float *CSIMD_NONNULL out, long rows, long width);
    void (*CSIMD_NONNULL gelu_multiply_backward)(
        const float *CSIMD_NONNULL gate_up, const float *CSIMD_NONNULL d_out, float *CSIMD_NONNULL d_gate_up,
        long rows, long width);

    /// Layer normalisation (Ba et al. 2016): out = weight * (x - mean) / sqrt(variance + epsilon) + bias, the variance
    /// that of all values. x and out are [rows, width] and may be the same; weight and bias [width].
    void (*CSIMD_NONNULL layer_norm)(
        const float *CSIMD_NONNULL x, const float *CSIMD_NONNULL weight, const float *CSIMD_NONNULL bias,
        float *CSIMD_NONNULL out, long rows, long width, float epsilon);

    /// GELU (Hendrycks & Gimpel 2016) with the exact distribution function, x = x * Phi(x) in place over `count` floats;
    /// Phi errs by 1e-7 at most.
    void (*CSIMD_NONNULL gelu)(float *CSIMD_NONNULL x, long count);

    /// x *= factor over `count` floats.
    void (*CSIMD_NONNULL scale)(float *CSIMD_NONNULL x, long count, float factor);

    /// x = cap * tanh(x / cap) in place over `count` floats.
    void (*CSIMD_NONNULL softcap)(float *CSIMD_NONNULL x, long count, float cap);

    /// The gradient of softcap, d *= 1 - (y / cap)^2, where y is what softcap made. `count` floats each.
    void (*CSIMD_NONNULL softcap_backward)(
        const float *CSIMD_NONNULL y, float *CSIMD_NONNULL d, long count, float cap);

    /// y += x over `count` floats.
    void (*CSIMD_NONNULL add)(const float *CSIMD_NONNULL x, float *CSIMD_NONNULL y, long count);

    /// x = softmax(scale * x) in place over `count` floats.
    void (*CSIMD_NONNULL softmax)(float *CSIMD_NONNULL x, long count, float scale);

    /// ds = scale * p * (dp - sum(p * dp)): softmax(scale * s)'s gradient, written over dp. `count` floats each.
    void (*CSIMD_NONNULL softmax_backward)(
        const float *CSIMD_NONNULL p, float *CSIMD_NONNULL dp, long count, float scale);

    /// Cross-entropy of one row of logits [count] against the class `target`; returns the loss in nats and
    /// turns the logits into scale * (softmax - one hot), which is the loss's gradient times `scale`.
    float (*CSIMD_NONNULL cross_entropy)(float *CSIMD_NONNULL logits, long count, long target, float scale);

    /// KL(teacher, student) at a temperature, of a teacher of whom only the likeliest classes are known and the mass of
    /// all others, which count as one class; it is at most the whole divergence. With q = softmax(inverse_temperature *
    /// logits) [count] and S = `kept` [kept_count], distinct ids whose probabilities are p:
    ///     sum over S of p ln(p / q) + tail ln(tail / (1 - sum over S of q)).
    /// `gradient` [count] is overwritten with scale times the gradient with respect to the logits.
    float (*CSIMD_NONNULL truncated_divergence)(
        const float *CSIMD_NONNULL logits, float *CSIMD_NONNULL gradient, long count, float inverse_temperature,
        const int32_t *CSIMD_NONNULL kept, const float *CSIMD_NONNULL probabilities, long kept_count, float tail,
        float scale);

    /// The generalised Jensen-Shannon divergence (Agarwal et al. 2024, eq. 1) of p = softmax(inverse_temperature *
    /// teacher) and q = softmax(inverse_temperature * student), `count` floats each, with m = beta p + (1 - beta) q:
    ///     beta KL(p, m) + (1 - beta) KL(q, m);  KL(p, q) for beta = 0, KL(q, p) for beta = 1.
    /// `gradient` [count], which may be `teacher`, is overwritten with scale times the gradient with respect to
    /// `student`.
    float (*CSIMD_NONNULL generalized_jsd)(
        const float *CSIMD_NONNULL student, const float *CSIMD_NONNULL teacher, float *CSIMD_NONNULL gradient,
        long count, float inverse_temperature, float beta, float scale);

    /// The first index of the greatest of `count` floats; -1 when one of them is not a number or the greatest
    /// is infinite.
    long (*CSIMD_NONNULL greatest)(const float *CSIMD_NONNULL x, long count);

    /// out[r, j] = dot(queries[r], keys[j]) for few rows. queries [rows, width], keys [count, width],
    /// out [rows, out_stride].
    void (*CSIMD_NONNULL few_dots)(
        const float *CSIMD_NONNULL queries, const float *CSIMD_NONNULL keys, float *CSIMD_NONNULL out, long rows,
        long count, long width, long out_stride);

    /// out[r] += sum over j of weights[r, j] * values[j] for few rows. weights [rows, weights_stride],
    /// values [count, width], out [rows, width].
    void (*CSIMD_NONNULL few_sums)(
        const float *CSIMD_NONNULL weights, const float *CSIMD_NONNULL values, float *CSIMD_NONNULL out, long rows,
        long count, long width, long weights_stride);

    /// out = x W^T, or out += x W^T when `add` is not 0, for few rows of x: reads W once, without packing it, which
    /// is what a matrix product costs when x has few rows. x is [rows, inner], weights [outputs, inner], out
    /// [rows, out_stride].
    void (*CSIMD_NONNULL few_rows_linear)(
        const float *CSIMD_NONNULL x, const float *CSIMD_NONNULL weights, float *CSIMD_NONNULL out, long rows,
        long outputs, long inner, long out_stride, int add);

    /// out[o] = x · row o, or out[o] += it when `add` is not 0, for quantised rows of `blocks` blocks of 32, `row_bytes`
    /// apart. x is [32 * blocks]; sums are x's sums over each block, [blocks].
    void (*CSIMD_NONNULL dot_q4_0)(
        const float *CSIMD_NONNULL x, const float *CSIMD_NONNULL sums, const void *CSIMD_NONNULL rows, long row_bytes,
        float *CSIMD_NONNULL out, long outputs, long blocks, int add);
    void (*CSIMD_NONNULL dot_q4_1)(
        const float *CSIMD_NONNULL x, const float *CSIMD_NONNULL sums, const void *CSIMD_NONNULL rows, long row_bytes,
        float *CSIMD_NONNULL out, long outputs, long blocks, int add);
    void (*CSIMD_NONNULL dot_q8_0)(
        const float *CSIMD_NONNULL x, const float *CSIMD_NONNULL sums, const void *CSIMD_NONNULL rows, long row_bytes,
        float *CSIMD_NONNULL out, long outputs, long blocks, int add);

    /// Sum of squares of `count` floats, accumulated in double.
    double (*CSIMD_NONNULL sum_of_squares)(const float *CSIMD_NONNULL x, long count);

    /// One AdamW step (Loshchilov & Hutter 2019, as PyTorch orders it) over `count` parameters.
    /// step_size = learning rate / (1 - beta1^t); root_correction = sqrt(1 - beta2^t);
    /// decay = 1 - learning rate * weight decay; gradients are multiplied by `gradient_scale` (clipping) first.
    void (*CSIMD_NONNULL adamw)(
        float *CSIMD_NONNULL parameters, const float *CSIMD_NONNULL gradients, float *CSIMD_NONNULL first,
        float *CSIMD_NONNULL second, long count, float gradient_scale, float beta1, float beta2, float step_size,
        float root_correction, float epsilon, float decay);

    /// GGUF blocks to floats. `blocks` counts blocks of 32 values for the quantised formats and single values
    /// for f16 and bf16. Formats: ggml's `block_q4_0`, `block_q4_1`, `block_q8_0`, little-endian.
    void (*CSIMD_NONNULL from_q4_0)(const void *CSIMD_NONNULL in, float *CSIMD_NONNULL out, long blocks);
    void (*CSIMD_NONNULL from_q4_1)(const void *CSIMD_NONNULL in, float *CSIMD_NONNULL out, long blocks);
    void (*CSIMD_NONNULL from_q8_0)(const void *CSIMD_NONNULL in, float *CSIMD_NONNULL out, long blocks);
    void (*CSIMD_NONNULL from_f16)(const void *CSIMD_NONNULL in, float *CSIMD_NONNULL out, long count);
    void (*CSIMD_NONNULL from_bf16)(const void *CSIMD_NONNULL in, float *CSIMD_NONNULL out, long count);

    /// The same for more of ggml's formats. Q5_0 and Q5_1 have blocks of 32 values, the K formats of 256.
    void (*CSIMD_NONNULL from_q5_0)(const void *CSIMD_NONNULL in, float *CSIMD_NONNULL out, long blocks);
    void (*CSIMD_NONNULL from_q5_1)(const void *CSIMD_NONNULL in, float *CSIMD_NONNULL out, long blocks);
    void (*CSIMD_NONNULL from_q2_k)(const void *CSIMD_NONNULL in, float *CSIMD_NONNULL out, long blocks);
    void (*CSIMD_NONNULL from_q3_k)(const void *CSIMD_NONNULL in, float *CSIMD_NONNULL out, long blocks);
    void (*CSIMD_NONNULL from_q4_k)(const void *CSIMD_NONNULL in, float *CSIMD_NONNULL out, long blocks);
    void (*CSIMD_NONNULL from_q5_k)(const void *CSIMD_NONNULL in, float *CSIMD_NONNULL out, long blocks);
    void (*CSIMD_NONNULL from_q6_k)(const void *CSIMD_NONNULL in, float *CSIMD_NONNULL out, long blocks);
} simd_kernels;

/// Formats of quantised blocks of 32 values that are packed without a detour: ggml's `block_q4_0` and so on.
typedef enum simd_block { SIMD_Q4_0, SIMD_Q4_1, SIMD_Q8_0 } simd_block;

/// Matrix products by the processor's tiles, block by block of 32 x 32. Each side is packed in panels of up to 32 lines
/// (rows of the left side, columns of the right one); a panel takes 4096 bytes for each 32 of inner, begun ones included,
/// aligned to 64. Floats go in as the sum of two bf16; a product errs by about 2^-17 of its size, and sums are made in
/// single precision, in the order of inner.
typedef struct simd_tiles {
    /// Prepares the calling thread for `multiply`, and lets go again.
    void (*CSIMD_NONNULL begin)(void);
    void (*CSIMD_NONNULL end)(void);

    /// Packs up to 32 lines of `inner` floats, multiplied by `scale`. `line` and `step` are the strides from line to line
    /// and along inner; one of them is 1. `right` is not 0 for the right side.
    void (*CSIMD_NONNULL pack)(
        const float *CSIMD_NONNULL in, long line, long step, long lines, long inner, float scale, int right,
        void *CSIMD_NONNULL panel);

    /// Packs up to 32 rows of `blocks` quantised blocks each, `row_bytes` apart; the rows are the lines.
    void (*CSIMD_NONNULL pack_quantized_rows)(
        simd_block type, const void *CSIMD_NONNULL in, long row_bytes, long rows, long blocks, int right,
        void *CSIMD_NONNULL panel);

    /// Packs one block of each of `rows` rows, `row_bytes` apart, for the right side; the blocks' 32 columns are the
    /// lines, the rows are inner.
    void (*CSIMD_NONNULL pack_quantized_columns)(
        simd_block type, const void *CSIMD_NONNULL in, long row_bytes, long rows, void *CSIMD_NONNULL panel);

    /// out [rows, columns] = left * right, or out += left * right when `adding` is not 0; rows and columns are those of
    /// the panels, `steps` their length in units of 32 of inner. When `low_low` is 0, the products of the low parts are
    /// left out. When `transposed` is not 0, out is [columns, rows].
    void (*CSIMD_NONNULL multiply)(
        const void *CSIMD_NONNULL left, const void *CSIMD_NONNULL right, long steps, float *CSIMD_NONNULL out,
        long stride, long rows, long columns, int adding, int low_low, int transposed);
} simd_tiles;

/// The tiles of this processor (Intel's AMX); null where it has none for bf16 or the system does not lend them.
const simd_tiles *CSIMD_NULLABLE simd_tiles_best(void);

/// Tells the processor that a loop waits for another thread.
static inline void simd_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/// Kernels that run on any machine.
const simd_kernels *CSIMD_NONNULL simd_kernels_portable(void);

/// Kernels for AVX2 with FMA; null where the processor lacks them.
const simd_kernels *CSIMD_NULLABLE simd_kernels_avx2(void);

/// The fastest kernels that this processor runs.
const simd_kernels *CSIMD_NONNULL simd_kernels_best(void);

#endif
