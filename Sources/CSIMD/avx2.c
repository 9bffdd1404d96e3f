#include "CSIMD.h"

#if defined(__x86_64__) && defined(__clang__)

#include <immintrin.h>

// The attribute is put on every function of the file rather than on the target's compiler flags: SwiftPM allows
// no instruction-set flags in a package that others depend on, and the rest of the program must run without AVX2.
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#define KERNELS_NAME "AVX2"
#define KERNELS_SYMBOL avx2_kernels
#define FROM_HALF(bits) _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(bits)))
#include "kernels.inc"
#pragma clang attribute pop

const simd_kernels *simd_kernels_avx2(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c") ? &avx2_kernels : 0;
}

#else

const simd_kernels *simd_kernels_avx2(void) { return 0; }

#endif
