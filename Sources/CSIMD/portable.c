#define KERNELS_NAME "portable"
#define KERNELS_SYMBOL portable_kernels
#include "kernels.inc"

const simd_kernels *simd_kernels_portable(void) { return &portable_kernels; }
