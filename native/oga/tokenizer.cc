#include "tokenizer.h"

#include <utility>

#include "fresh_thread.h"

namespace oga {

namespace {

constexpr const char* kKwargs = "chat_template_kwargs";

template <typename Create>
Handle<OgaTokenizer> Load(const RuntimePtr& runtime, Create create) {
  return OnFreshThread(
      [&] { return Make<OgaTokenizer>(runtime, &Api::OgaDestroyTokenizer, create, Code::kModelInvalid); });
}

Handle<OgaTokenizer> LoadFromConfig(const RuntimePtr& runtime, const std::shared_ptr<const Config>& config) {
  const auto create = OGA_OPTIONAL(runtime->api(), OgaCreateTokenizerFromConfig);
  const Config::Loading loading(config);
  return Load(runtime, [&](OgaTokenizer** out) { return create(loading.get(), out); });
}

Handle<OgaTokenizer> LoadFromFolder(const RuntimePtr& runtime, const std::string& folder) {
  const auto create = OGA_OPTIONAL(runtime->api(), OgaCreateTokenizerFromPath);
  return Load(runtime, [&](OgaTokenizer** out) { return create(folder.c_str(), out); });
}

}  // namespace

// Shared where calls may overlap.
class Tokenizer::Lock {
 public:
  explicit Lock(const Tokenizer& tokenizer) {
    if (tokenizer.CallsMayOverlap()) {
      shared_ = std::shared_lock<std::shared_mutex>(tokenizer.mutex_);
    } else {
      alone_ = ChangeLock(tokenizer.mutex_);
    }
  }

 private:
  std::shared_lock<std::shared_mutex> shared_;
  ChangeLock alone_;
};

Tokenizer::Tokenizer(const RuntimePtr& runtime, Handle<OgaTokenizer> handle)
    : runtime_(runtime), handle_(std::move(handle)) {}

Tokenizer::Tokenizer(const RuntimePtr& runtime, const Handle<OgaModel>& model)
    : Tokenizer(runtime, Load(runtime, [&](OgaTokenizer** out) {
                  return runtime->api().OgaCreateTokenizer(model.get(), out);
                })) {}

Tokenizer::Tokenizer(const RuntimePtr& runtime, const std::shared_ptr<const Config>& config)
    : Tokenizer(runtime, LoadFromConfig(runtime, config)) {}

Tokenizer::Tokenizer(const RuntimePtr& runtime, const std::string& folder)
    : Tokenizer(runtime, LoadFromFolder(runtime, folder)) {}

// Seen: 0.15.2 crashes in concurrent encodes, 0.16.0 to 0.18.0 do not. OgaEngineRun came with 0.16.
bool Tokenizer::CallsMayOverlap() const { return api().OgaEngineRun != nullptr; }

std::vector<int32_t> Tokenizer::Encode(const std::string& text) const {
  const auto sequences = Make<OgaSequences>(runtime_, &Api::OgaDestroySequences,
                                            [&](OgaSequences** out) { return api().OgaCreateSequences(out); });
  const Lock lock(*this);
  Check(api(), api().OgaTokenizerEncode(handle_.get(), text.c_str(), sequences.get()));
  const int32_t* tokens = api().OgaSequencesGetSequenceData(sequences.get(), 0);
  const size_t count = api().OgaSequencesGetSequenceCount(sequences.get(), 0);
  return tokens != nullptr ? std::vector<int32_t>(tokens, tokens + count) : std::vector<int32_t>();
}

std::string Tokenizer::Decode(const std::vector<int32_t>& tokens) const {
  if (tokens.empty()) return "";  // which 0.14 refuses
  const char* text = nullptr;
  const Lock lock(*this);
  Check(api(), api().OgaTokenizerDecode(handle_.get(), tokens.data(), tokens.size(), &text));
  return TakeString(api(), text);
}

TokenBatch Tokenizer::EncodeBatch(const std::vector<std::string>& texts) const {
  std::vector<const char*> pointers;
  pointers.reserve(texts.size());
  for (const std::string& text : texts) pointers.push_back(text.c_str());
  const Lock lock(*this);
  const auto tensor = Make<OgaTensor>(runtime_, &Api::OgaDestroyTensor, [&](OgaTensor** out) {
    return api().OgaTokenizerEncodeBatch(handle_.get(), pointers.data(), pointers.size(), out);
  });
  int64_t shape[2] = {0, 0};
  Check(api(), api().OgaTensorGetShape(tensor.get(), shape, 2));
  void* data = nullptr;
  Check(api(), api().OgaTensorGetData(tensor.get(), &data));
  const auto* tokens = static_cast<const int32_t*>(data);
  const auto rows = static_cast<size_t>(shape[0]);
  const auto columns = static_cast<size_t>(shape[1]);
  return {std::vector<int32_t>(tokens, tokens + rows * columns), rows, columns};
}

std::vector<std::string> Tokenizer::DecodeBatch(TokenBatch batch) const {
  const int64_t shape[2] = {static_cast<int64_t>(batch.rows), static_cast<int64_t>(batch.columns)};
  // The tensor borrows the tokens and is gone before them.
  const auto tensor = Make<OgaTensor>(runtime_, &Api::OgaDestroyTensor, [&](OgaTensor** out) {
    return api().OgaCreateTensorFromBuffer(batch.tokens.data(), shape, 2, kOgaInt32, out);
  });
  const Lock lock(*this);
  const auto array = Make<OgaStringArray>(runtime_, &Api::OgaDestroyStringArray, [&](OgaStringArray** out) {
    return api().OgaTokenizerDecodeBatch(handle_.get(), tensor.get(), out);
  });
  size_t count = 0;
  Check(api(), api().OgaStringArrayGetCount(array.get(), &count));
  std::vector<std::string> texts;
  texts.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    const char* text = nullptr;
    Check(api(), api().OgaStringArrayGetString(array.get(), i, &text));
    texts.emplace_back(text);
  }
  return texts;
}

// The variables belong to the tokenizer and not to a call: they are put in place for it, and taken back.
std::string Tokenizer::ApplyChatTemplate(const ChatTemplateCall& call) const {
  if (!call.kwargs_json) {
    const Lock lock(*this);
    return Render(call);
  }
  const ChangeLock lock(mutex_);
  Update({{kKwargs, *call.kwargs_json}});
  const auto restore = [&] { Update({{kKwargs, kwargs_json_}}); };
  try {
    std::string text = Render(call);
    restore();
    return text;
  } catch (const Error&) {
    restore();
    throw;
  }
}

std::string Tokenizer::Render(const ChatTemplateCall& call) const {
  const char* text = nullptr;
  Check(api(),
        api().OgaTokenizerApplyChatTemplate(
            handle_.get(), call.template_text ? call.template_text->c_str() : nullptr, call.messages_json.c_str(),
            call.tools_json ? call.tools_json->c_str() : nullptr, call.add_generation_prompt, &text),
        Code::kInvalidArgument);
  return TakeString(api(), text);
}

void Tokenizer::UpdateOptions(const std::map<std::string, std::string>& options) {
  if (options.empty()) return;  // the library refuses that
  const ChangeLock lock(mutex_);
  Update(options);
  const auto kwargs = options.find(kKwargs);
  if (kwargs != options.end()) kwargs_json_ = kwargs->second;
}

void Tokenizer::Update(const std::map<std::string, std::string>& options) const {
  const auto update = OGA_OPTIONAL(api(), OgaUpdateTokenizerOptions);
  if (options.count(kKwargs) != 0 && api().OgaEngineRun == nullptr) {
    throw Error(Code::kUnsupportedByLibrary, std::string(kKwargs) + " need onnxruntime-genai 0.16.0 or newer.");
  }
  std::vector<const char*> keys;
  std::vector<const char*> values;
  for (const auto& [key, value] : options) {
    keys.push_back(key.c_str());
    values.push_back(value.c_str());
  }
  Check(api(), update(handle_.get(), keys.data(), values.data(), keys.size()), Code::kInvalidArgument);
}

int32_t Tokenizer::ToTokenId(const std::string& token) const {
  int32_t id = -1;
  const Lock lock(*this);
  Check(api(), api().OgaTokenizerToTokenId(handle_.get(), token.c_str(), &id));
  return id;
}

int32_t Tokenizer::BosTokenId() const {
  int32_t id = 0;
  const Lock lock(*this);
  Check(api(), api().OgaTokenizerGetBosTokenId(handle_.get(), &id));
  return id;
}

int32_t Tokenizer::PadTokenId() const {
  int32_t id = 0;
  const Lock lock(*this);
  Check(api(), api().OgaTokenizerGetPadTokenId(handle_.get(), &id));
  return id;
}

std::vector<int32_t> Tokenizer::EosTokenIds() const {
  const int32_t* ids = nullptr;
  size_t count = 0;
  const Lock lock(*this);
  Check(api(), api().OgaTokenizerGetEosTokenIds(handle_.get(), &ids, &count));
  return {ids, ids + count};
}

std::optional<int32_t> Tokenizer::OptionalId(OptionalIdGetter getter) const {
  if (api().*getter == nullptr) return std::nullopt;
  int32_t id = 0;
  const Lock lock(*this);
  OgaResult* result = (api().*getter)(handle_.get(), &id);
  if (result == nullptr) return id;
  api().OgaDestroyResult(result);
  return std::nullopt;
}

TokenizerStream::TokenizerStream(std::shared_ptr<const Tokenizer> tokenizer)
    : tokenizer_(std::move(tokenizer)), handle_([this] {
        const Tokenizer::Lock lock(*tokenizer_);
        return Make<OgaTokenizerStream>(
            tokenizer_->runtime_, &Api::OgaDestroyTokenizerStream, [this](OgaTokenizerStream** out) {
              return tokenizer_->api().OgaCreateTokenizerStream(tokenizer_->handle_.get(), out);
            });
      }()) {}

std::string TokenizerStream::Decode(int32_t token) {
  const char* text = nullptr;
  const Api& api = tokenizer_->api();
  const Tokenizer::Lock lock(*tokenizer_);
  Check(api, api.OgaTokenizerStreamDecode(handle_.get(), token, &text));
  return text != nullptr ? text : "";
}

}  // namespace oga
