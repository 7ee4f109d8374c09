// OgaStringArray <-> vectors. Plain C++, no Node-API.
#pragma once

#include <string>
#include <vector>

#include "handle.h"

namespace oga {

inline std::vector<std::string> ReadStrings(const Api& api, const OgaStringArray* array) {
  size_t count = 0;
  Check(api, api.OgaStringArrayGetCount(array, &count));
  std::vector<std::string> texts;
  texts.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    const char* text = nullptr;
    Check(api, api.OgaStringArrayGetString(array, i, &text));
    texts.emplace_back(text);
  }
  return texts;
}

// The library copies the texts.
inline Handle<OgaStringArray> MakeStrings(const RuntimePtr& runtime, const std::vector<std::string>& texts) {
  std::vector<const char*> pointers;
  pointers.reserve(texts.size());
  for (const std::string& text : texts) pointers.push_back(text.c_str());
  return Make<OgaStringArray>(runtime, &Api::OgaDestroyStringArray, [&](OgaStringArray** out) {
    return OGA_OPTIONAL(runtime->api(), OgaCreateStringArrayFromStrings)(pointers.data(), pointers.size(), out);
  });
}

}  // namespace oga
