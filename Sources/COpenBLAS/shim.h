#ifndef DISTNB_COPENBLAS_SHIM_H
#define DISTNB_COPENBLAS_SHIM_H

#include <cblas.h>

#endif
