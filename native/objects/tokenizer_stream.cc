#include "tokenizer_stream.h"

#include "../oga/error.h"

namespace addon {

std::vector<TokenizerStream::PropertyDescriptor> TokenizerStream::Properties() {
  return {Bind<&TokenizerStream::Decode>("decode"), Bind<&TokenizerStream::Dispose>("dispose")};
}

Napi::Value TokenizerStream::Decode(const Napi::CallbackInfo& info) {
  if (!decode_) throw oga::Error(oga::Code::kDisposed, "The TokenizerStream was disposed.");
  const double token = NumberArgument(info[0], "tokenId");
  return Napi::String::New(info.Env(), decode_(static_cast<int32_t>(token)));
}

Napi::Value TokenizerStream::Dispose(const Napi::CallbackInfo& info) {
  decode_ = nullptr;
  return info.Env().Undefined();
}

}  // namespace addon
