// OgaTokenizer and OgaTokenizerStream with the lock they need. Plain C++, no Node-API.
//
// Any thread may call any method; one stream belongs to one reader. Before 0.16 concurrent use of one tokenizer
// crashes, so there calls take turns. From 0.16 on they run side by side: a long text that is being encoded must hold
// up neither the decode loops nor the JS thread.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "handle.h"

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
};

class Tokenizer {
 public:
  // Reads the tokenizer files of the model; slow. Throws kModelInvalid.
  Tokenizer(const RuntimePtr& runtime, const Handle<OgaModel>& model);

  std::vector<int32_t> Encode(const std::string& text) const;
  std::string Decode(const std::vector<int32_t>& tokens) const;
  TokenBatch EncodeBatch(const std::vector<std::string>& texts) const;
  std::vector<std::string> DecodeBatch(TokenBatch batch) const;
  std::string ApplyChatTemplate(const ChatTemplateCall& call) const;

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
  std::unique_lock<std::mutex> Lock() const;  // holds nothing where calls may overlap

  RuntimePtr runtime_;
  Handle<OgaTokenizer> handle_;
  mutable std::mutex mutex_;
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
