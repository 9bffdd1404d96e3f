#include "CSIMD.h"

const simd_kernels *simd_kernels_best(void) {
    const simd_kernels *avx2 = simd_kernels_avx2();
    return avx2 ? avx2 : simd_kernels_portable();
}
