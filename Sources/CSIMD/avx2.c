#include "CSIMD.h"

#if defined(__x86_64__) && defined(__clang__)

// The attribute is put on every function of the file rather than on the target's compiler flags: SwiftPM allows
// no instruction-set flags in a package that others depend on, and the rest of the program must run without AVX2.
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define KERNELS_NAME "AVX2"
#define KERNELS_SYMBOL avx2_kernels
#include "kernels.inc"
#pragma clang attribute pop

const simd_kernels *simd_kernels_avx2(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &avx2_kernels : 0;
}

#else

const simd_kernels *simd_kernels_avx2(void) { return 0; }

#endif
