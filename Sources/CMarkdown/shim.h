// cmark-gfm's own headers; the extensions (tables, autolinks, strikethrough) are a second library.
#pragma once
#include <stdlib.h>
#include <cmark-gfm.h>
#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm-extension_api.h>
