#include "tokenizer_stream.h"

namespace addon {

std::vector<TokenizerStream::PropertyDescriptor> TokenizerStream::Properties() {
  return {Bind<&TokenizerStream::Decode>("decode"), Bind<&TokenizerStream::Dispose>("dispose")};
}

Napi::Value TokenizerStream::Decode(const Napi::CallbackInfo& info) {
  if (!stream_) throw oga::Error(oga::Code::kDisposed, "The TokenizerStream was disposed.");
  const double token = NumberArgument(info[0], "tokenId");
  return Napi::String::New(info.Env(), stream_->Decode(static_cast<int32_t>(token)));
}

Napi::Value TokenizerStream::Dispose(const Napi::CallbackInfo& info) {
  stream_.reset();
  return info.Env().Undefined();
}

}  // namespace addon
