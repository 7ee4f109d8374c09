// The function table: one pointer per line of functions.def, resolved once. Plain C++, no Node-API.
#pragma once

#include <string>
#include <vector>

#include "error.h"
#include "library.h"
#include "types.h"

namespace oga {

struct Api {
#define OGA_FUNCTION(level, since, until, result, name, parameters) result(*name) parameters = nullptr;
#include "functions.def"
#undef OGA_FUNCTION
};

enum class Level { kRequired, kOptional };

struct FunctionInfo {
  const char* name;
  Level level;
  const char* since;
  const char* until;
};

// The rows of functions.def, in its order.
const std::vector<FunctionInfo>& Functions();

// Fills the table. Throws kRuntimeIncompatible naming what is missing when a required function is not exported.
// `absent` receives the optional ones that this library does not have.
Api ResolveApi(const Library& library, std::vector<std::string>* absent);

// The library has no version query: tells "0.14" ... "0.18" by which functions are there ("0.18" also for newer).
std::string DetectVersion(const Api& api);

// Returns an optional function, or throws kUnsupportedByLibrary naming the first version that has it.
#define OGA_OPTIONAL(api, name) ((api).name != nullptr ? (api).name : (::oga::ThrowUnsupported(#name), (api).name))
[[noreturn]] void ThrowUnsupported(const char* name);

}  // namespace oga
