#ifndef DISTNB_CCAIRO_SHIM_H
#define DISTNB_CCAIRO_SHIM_H

#include <cairo.h>

#endif
