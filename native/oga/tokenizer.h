// OgaTokenizer and OgaTokenizerStream with the lock they need. Plain C++, no Node-API.
//
// Any thread may call any method; one stream belongs to one reader. Before 0.16 concurrent use of one tokenizer
// crashes, so there calls take turns. From 0.16 on they run side by side: a long text that is being encoded must hold
// up neither the decode loops nor the JS thread. Only a change of the options is alone; who makes one waits, so not on
// a JS thread.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "config.h"

namespace oga {

// Rows of equal length, padded on the right with the pad token.
struct TokenBatch {
  std::vector<int32_t> tokens;
  size_t rows;
  size_t columns;
};

struct ChatTemplateCall {
  std::optional<std::string> template_text;  // none: the model's own
  std::string messages_json;
  std::optional<std::string> tools_json;
  bool add_generation_prompt;
  std::optional<std::string> kwargs_json;  // variables of this call; none: those of the options
};

class Tokenizer {
 public:
  // Reads the tokenizer files of the model; slow. Throws kModelInvalid.
  Tokenizer(const RuntimePtr& runtime, const Handle<OgaModel>& model);
  // Without a model; needs 0.16. Throw kModelInvalid, kUnsupportedByLibrary.
  Tokenizer(const RuntimePtr& runtime, const std::shared_ptr<const Config>& config);
  Tokenizer(const RuntimePtr& runtime, const std::string& folder);

  std::vector<int32_t> Encode(const std::string& text) const;
  std::string Decode(const std::vector<int32_t>& tokens) const;
  TokenBatch EncodeBatch(const std::vector<std::string>& texts) const;
  std::vector<std::string> DecodeBatch(TokenBatch batch) const;
  std::string ApplyChatTemplate(const ChatTemplateCall& call) const;

  // For all later calls; throws kInvalidArgument, and then some of them may be set.
  void UpdateOptions(const std::map<std::string, std::string>& options);

  int32_t ToTokenId(const std::string& token) const;  // -1: not in the vocabulary
  int32_t BosTokenId() const;
  int32_t PadTokenId() const;
  std::vector<int32_t> EosTokenIds() const;

  // Ids that most models do not have: none where the library says so.
  using OptionalIdGetter = OgaResult* (*Api::*)(const OgaTokenizer*, int32_t*);
  std::optional<int32_t> OptionalId(OptionalIdGetter getter) const;

  const RuntimePtr& runtime() const { return runtime_; }

 private:
  friend class TokenizerStream;
  const Api& api() const { return runtime_->api(); }
  explicit Tokenizer(const RuntimePtr& runtime, Handle<OgaTokenizer> handle);
  bool CallsMayOverlap() const;

  // Of a call that changes nothing, of one that does.
  class Lock;
  using ChangeLock = std::unique_lock<std::shared_mutex>;
  void Update(const std::map<std::string, std::string>& options) const;  // needs a ChangeLock
  std::string Render(const ChatTemplateCall& call) const;                // needs one of both

  RuntimePtr runtime_;
  Handle<OgaTokenizer> handle_;
  std::string kwargs_json_ = "{}";
  mutable std::shared_mutex mutex_;
};

class TokenizerStream {
 public:
  explicit TokenizerStream(std::shared_ptr<const Tokenizer> tokenizer);

  // Text that this token completes: "" while a character is incomplete, and for special tokens.
  std::string Decode(int32_t token);

 private:
  std::shared_ptr<const Tokenizer> tokenizer_;
  Handle<OgaTokenizerStream> handle_;
};

}  // namespace oga
