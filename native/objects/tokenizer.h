// Tokenizer: text <-> token ids, chat template. Wraps OgaTokenizer.
//
// What may take long (encode, decode, chat template) runs on the libuv pool; look-ups run on the JS thread. Running
// work holds the tokenizer, so dispose() meanwhile is harmless. Refuses every call after dispose().
#pragma once

#include "../napi/object.h"
#include "../oga/tokenizer.h"

namespace addon {

class Tokenizer : public Object<Tokenizer, std::shared_ptr<oga::Tokenizer>> {
 public:
  static constexpr const char* kName = "Tokenizer";
  static constexpr napi_type_tag kTag = {0x8b1f6e0e25d94c71, 0xa0d3c1d7a54b1f03};
  static std::vector<PropertyDescriptor> Properties();

  explicit Tokenizer(const Napi::CallbackInfo& info) : Object(info), tokenizer_(TakePayload(info)) {}
  ~Tokenizer() override;

  // createTokenizer(model: Model): Promise<Tokenizer>
  static Napi::Value CreateAsync(const Napi::CallbackInfo& info);
  // createTokenizerFromConfig(config: Config): Promise<Tokenizer>
  static Napi::Value CreateFromConfigAsync(const Napi::CallbackInfo& info);
  // createTokenizerFromFolder(folder: string): Promise<Tokenizer>
  static Napi::Value CreateFromFolderAsync(const Napi::CallbackInfo& info);

  const std::shared_ptr<oga::Tokenizer>& tokenizer() const;  // throws kDisposed

 private:
  Napi::Value Encode(const Napi::CallbackInfo& info);
  Napi::Value Decode(const Napi::CallbackInfo& info);
  Napi::Value EncodeBatch(const Napi::CallbackInfo& info);
  Napi::Value DecodeBatch(const Napi::CallbackInfo& info);
  Napi::Value ApplyChatTemplate(const Napi::CallbackInfo& info);
  Napi::Value UpdateOptions(const Napi::CallbackInfo& info);
  Napi::Value ToTokenId(const Napi::CallbackInfo& info);
  Napi::Value SpecialTokenIds(const Napi::CallbackInfo& info);
  Napi::Value CreateStream(const Napi::CallbackInfo& info);
  Napi::Value Dispose(const Napi::CallbackInfo& info);

  std::shared_ptr<oga::Tokenizer> tokenizer_;
};

}  // namespace addon
