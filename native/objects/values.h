// C++ values -> plain JS values. JS thread only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "../napi/setup.h"

namespace addon {

Napi::Int32Array ToJs(Napi::Env env, const std::vector<int32_t>& tokens);
Napi::Float32Array ToJs(Napi::Env env, const std::vector<float>& values);
Napi::Array ToJs(Napi::Env env, const std::vector<std::string>& texts);
Napi::Array ShapeToJs(Napi::Env env, const std::vector<int64_t>& shape);

}  // namespace addon
