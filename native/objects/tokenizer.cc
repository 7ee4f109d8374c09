#include "tokenizer.h"

#include <algorithm>
#include <utility>

#include "../napi/owner_thread.h"
#include "../napi/promise_worker.h"
#include "config.h"
#include "model.h"
#include "runtime.h"
#include "tokenizer_stream.h"
#include "values.h"

namespace addon {

namespace {

Napi::Value OptionalIdToJs(Napi::Env env, std::optional<int32_t> id) {
  return id ? Napi::Number::New(env, *id).As<Napi::Value>() : env.Null();
}

oga::TokenBatch PadRows(const std::vector<std::vector<int32_t>>& rows, int32_t pad) {
  oga::TokenBatch batch{{}, rows.size(), 0};
  for (const auto& row : rows) batch.columns = std::max(batch.columns, row.size());
  batch.tokens.reserve(batch.rows * batch.columns);
  for (const auto& row : rows) {
    batch.tokens.insert(batch.tokens.end(), row.begin(), row.end());
    batch.tokens.insert(batch.tokens.end(), batch.columns - row.size(), pad);
  }
  return batch;
}

}  // namespace

std::vector<Tokenizer::PropertyDescriptor> Tokenizer::Properties() {
  return {Bind<&Tokenizer::Encode>("encode"),
          Bind<&Tokenizer::Decode>("decode"),
          Bind<&Tokenizer::EncodeBatch>("encodeBatch"),
          Bind<&Tokenizer::DecodeBatch>("decodeBatch"),
          Bind<&Tokenizer::ApplyChatTemplate>("applyChatTemplate"),
          Bind<&Tokenizer::UpdateOptions>("updateOptions"),
          Bind<&Tokenizer::ToTokenId>("toTokenId"),
          Bind<&Tokenizer::SpecialTokenIds>("specialTokenIds"),
          Bind<&Tokenizer::CreateStream>("createStream"),
          Bind<&Tokenizer::Dispose>("dispose")};
}

// A vocabulary takes milliseconds to free.
Tokenizer::~Tokenizer() {
  if (tokenizer_) Reap(std::move(tokenizer_));
}

namespace {

// `std::shared_ptr<oga::Tokenizer> load()` on the pool.
template <typename Load>
Napi::Value CreateBy(Napi::Env env, Load load) {
  return RunOnPool(env, std::move(load), [](Napi::Env js, std::shared_ptr<oga::Tokenizer>& made) -> Napi::Value {
    return Tokenizer::Create(js, made);
  });
}

}  // namespace

Napi::Value Tokenizer::CreateAsync(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&] {
    return CreateBy(info.Env(), [runtime = RuntimeOf(info.Env()), model = Model::From(info[0], "model").handle()] {
      return std::make_shared<oga::Tokenizer>(runtime, model);
    });
  });
}

Napi::Value Tokenizer::CreateFromConfigAsync(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&] {
    return CreateBy(info.Env(), [runtime = RuntimeOf(info.Env()), config = Config::From(info[0], "config").config()] {
      return std::make_shared<oga::Tokenizer>(runtime, config);
    });
  });
}

Napi::Value Tokenizer::CreateFromFolderAsync(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&] {
    return CreateBy(info.Env(), [runtime = RuntimeOf(info.Env()), folder = StringArgument(info[0], "folder")] {
      return std::make_shared<oga::Tokenizer>(runtime, folder);
    });
  });
}

const std::shared_ptr<oga::Tokenizer>& Tokenizer::tokenizer() const {
  if (!tokenizer_) throw oga::Error(oga::Code::kDisposed, "The Tokenizer was disposed.");
  return tokenizer_;
}

Napi::Value Tokenizer::Encode(const Napi::CallbackInfo& info) {
  return RunOnPool(
      info.Env(), [self = tokenizer(), text = StringArgument(info[0], "text")] { return self->Encode(text); },
      [](Napi::Env env, std::vector<int32_t>& tokens) -> Napi::Value { return ToJs(env, tokens); });
}

Napi::Value Tokenizer::Decode(const Napi::CallbackInfo& info) {
  return RunOnPool(
      info.Env(), [self = tokenizer(), tokens = TokensArgument(info[0], "tokens")] { return self->Decode(tokens); },
      [](Napi::Env env, std::string& text) -> Napi::Value { return Napi::String::New(env, text); });
}

// Rows of equal length in one buffer: { tokens: Int32Array, rows, columns }.
Napi::Value Tokenizer::EncodeBatch(const Napi::CallbackInfo& info) {
  return RunOnPool(
      info.Env(), [self = tokenizer(), texts = StringsArgument(info[0], "texts")] { return self->EncodeBatch(texts); },
      [](Napi::Env env, oga::TokenBatch& batch) -> Napi::Value {
        auto result = Napi::Object::New(env);
        result.Set("tokens", ToJs(env, batch.tokens));
        result.Set("rows", Napi::Number::New(env, static_cast<double>(batch.rows)));
        result.Set("columns", Napi::Number::New(env, static_cast<double>(batch.columns)));
        return result;
      });
}

Napi::Value Tokenizer::DecodeBatch(const Napi::CallbackInfo& info) {
  return RunOnPool(
      info.Env(),
      [self = tokenizer(), rows = TokenRowsArgument(info[0], "rows")] {
        return self->DecodeBatch(PadRows(rows, self->PadTokenId()));
      },
      [](Napi::Env env, std::vector<std::string>& texts) -> Napi::Value { return ToJs(env, texts); });
}

Napi::Value Tokenizer::ApplyChatTemplate(const Napi::CallbackInfo& info) {
  const oga::ChatTemplateCall call{OptionalStringArgument(info[0], "template"), StringArgument(info[1], "messages"),
                                   OptionalStringArgument(info[2], "tools"),
                                   BooleanArgument(info[3], "addGenerationPrompt"),
                                   OptionalStringArgument(info[4], "kwargs")};
  return RunOnPool(
      info.Env(), [self = tokenizer(), call] { return self->ApplyChatTemplate(call); },
      [](Napi::Env env, std::string& text) -> Napi::Value { return Napi::String::New(env, text); });
}

// Options by their names in the library.
Napi::Value Tokenizer::UpdateOptions(const Napi::CallbackInfo& info) {
  if (!info[0].IsObject()) Refuse("options", "an object");
  const auto object = info[0].As<Napi::Object>();
  const Napi::Array names = object.GetPropertyNames();
  std::map<std::string, std::string> options;
  for (uint32_t i = 0; i < names.Length(); ++i) {
    const std::string name = StringArgument(names.Get(i), "options");
    options[name] = StringArgument(object.Get(name), name.c_str());
  }
  return RunOnPool(
      info.Env(),
      [self = tokenizer(), options] {
        self->UpdateOptions(options);
        return true;
      },
      [](Napi::Env env, bool&) -> Napi::Value { return env.Undefined(); });
}

Napi::Value Tokenizer::ToTokenId(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), tokenizer()->ToTokenId(StringArgument(info[0], "token")));
}

// { bos, pad, eos: Int32Array, bot, eot, bor, eor }; the last four null where the model has none.
Napi::Value Tokenizer::SpecialTokenIds(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const oga::Tokenizer& self = *tokenizer();
  auto result = Napi::Object::New(env);
  result.Set("bos", Napi::Number::New(env, self.BosTokenId()));
  result.Set("pad", Napi::Number::New(env, self.PadTokenId()));
  result.Set("eos", ToJs(env, self.EosTokenIds()));
  result.Set("bot", OptionalIdToJs(env, self.OptionalId(&oga::Api::OgaTokenizerGetBotTokenId)));
  result.Set("eot", OptionalIdToJs(env, self.OptionalId(&oga::Api::OgaTokenizerGetEotTokenId)));
  result.Set("bor", OptionalIdToJs(env, self.OptionalId(&oga::Api::OgaTokenizerGetBorTokenId)));
  result.Set("eor", OptionalIdToJs(env, self.OptionalId(&oga::Api::OgaTokenizerGetEorTokenId)));
  return result;
}

Napi::Value Tokenizer::CreateStream(const Napi::CallbackInfo& info) {
  return TokenizerStream::Create(info.Env(), [stream = std::make_shared<oga::TokenizerStream>(tokenizer())](
                                                 int32_t token) { return stream->Decode(token); });
}

Napi::Value Tokenizer::Dispose(const Napi::CallbackInfo& info) {
  if (tokenizer_) Reap(std::move(tokenizer_));
  return info.Env().Undefined();
}

}  // namespace addon
