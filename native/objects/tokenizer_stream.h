// TokenizerStream: token ids -> text, piece by piece. Wraps OgaTokenizerStream.
//
// One stream per answer: the library has no reset. Decoding one token takes microseconds and runs on the JS thread.
#pragma once

#include <functional>
#include <string>

#include "../napi/object.h"

namespace addon {

// Of a tokenizer or of a multimodal processor.
using DecodeToken = std::function<std::string(int32_t)>;

class TokenizerStream : public Object<TokenizerStream, DecodeToken> {
 public:
  static constexpr const char* kName = "TokenizerStream";
  static constexpr napi_type_tag kTag = {0x8b1f6e0e25d94c71, 0xa0d3c1d7a54b1f04};
  static std::vector<PropertyDescriptor> Properties();

  explicit TokenizerStream(const Napi::CallbackInfo& info) : Object(info), decode_(TakePayload(info)) {}

 private:
  Napi::Value Decode(const Napi::CallbackInfo& info);
  Napi::Value Dispose(const Napi::CallbackInfo& info);

  DecodeToken decode_;  // null after dispose()
};

}  // namespace addon
