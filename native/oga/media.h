// OgaImages and OgaAudios: encoded files, decoded when they are processed. Plain C++, no Node-API.
//
// The library ends the process, or never comes back, when it decodes a broken JPEG (seen on Linux, 0.15.2 and 0.18.0):
// src/core checks the bytes before they come here.
#pragma once

#include <string>
#include <vector>

#include "handle.h"

namespace oga {

// Whole files, one after the other; the library copies them. Throws kInvalidArgument when there are none.
Handle<OgaImages> LoadImages(const RuntimePtr& runtime, const std::vector<std::string>& files);
Handle<OgaAudios> LoadAudios(const RuntimePtr& runtime, const std::vector<std::string>& files);

}  // namespace oga
