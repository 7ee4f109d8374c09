// The single include of node-addon-api, so that its switches cannot differ between files (they are set in
// CMakeLists.txt).
#pragma once

#include <napi.h>
