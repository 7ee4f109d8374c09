// OgaRuntimeSettings: pointers of the host that a load is given by name. Plain C++, no Node-API.
#pragma once

#include <map>
#include <string>

#include "handle.h"

namespace oga {

// Plain values until a model is loaded with them. The pointers are the caller's; nothing here looks at what they are.
struct RuntimeSettings {
  std::map<std::string, void*> handles;

  // Throws kUnsupportedByLibrary.
  Handle<OgaRuntimeSettings> Create(const RuntimePtr& runtime) const;
};

}  // namespace oga
