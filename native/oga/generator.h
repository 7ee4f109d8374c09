// OgaGenerator with cancellation and the rules that the library leaves to its caller. Plain C++, no Node-API.
//
// Threads: one at a time may call the methods that run or read (the owner thread, or the JS thread while that is
// idle). RequestCancel, ClearCancel, SetRuntimeOption and IsSessionTerminated may be called from any thread at any
// time.
//
// Cancellation: between tokens by a flag, inside a prefill by the library's terminate_session. A cancelled prefill is
// undone (rewound to the length before it), so that the generator stays usable. IsDone throws a C++ exception through
// the C boundary while a session is terminated; one lock around both makes that impossible.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include "adapters.h"
#include "model.h"
#include "speculative_stats.h"
#include "tensor.h"

namespace oga {

struct Logits {
  std::vector<float> values;
  std::vector<int64_t> shape;  // [rows, 1, vocabulary]
};

class Generator {
 public:
  // Allocates the KV cache for max_length tokens; slow for long ones. Throws kInvalidArgument (an option out of range).
  Generator(const RuntimePtr& runtime, const Handle<OgaModel>& model, const Handle<OgaGeneratorParams>& params);
  ~Generator();
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;

  // Both run the prefill. Throw Cancelled after RequestCancel, with the generator as it was before.
  void AppendTokens(const std::vector<int32_t>& tokens);
  void AppendTokenSequences(const std::vector<std::vector<int32_t>>& sequences);

  // The inputs of a multimodal or speech model; input_ids among them are appended and run as by AppendTokens. Copied.
  // Throws kInvalidArgument also for what the model cannot run over.
  void SetInputs(const NamedViews& inputs);

  void GenerateNextToken();  // nothing when IsDone

  // To the present length: takes back an end-of-sequence token, which is not part of the sequence.
  void RewindTo(size_t length);

  bool IsDone() const;
  size_t TokenCount() const;
  size_t RowCount() const { return rows_; }         // batch_size * num_return_sequences
  std::vector<int32_t> NextTokens() const;          // the last token of each row
  int32_t NextToken() const;                        // of the first row, without a copy
  std::vector<int32_t> Sequence(size_t row) const;  // throws kInvalidArgument: the library does not check the row

  Logits GetLogits();
  void SetLogits(std::vector<float> values);

  // Both copy. The library takes any name and tells a wrong type or shape when the model runs.
  void SetModelInput(const std::string& name, const TensorView& tensor);
  void SetHiddenStates(const TensorView& hidden_states);

  // Copies of what the last run took and gave. Throw kInvalidArgument (no such tensor); before 0.16
  // kUnsupportedByLibrary for all but the logits.
  Handle<OgaTensor> GetInput(const std::string& name) const;
  Handle<OgaTensor> GetOutput(const std::string& name) const;

  void SnapshotState();
  void SetActiveAdapter(const std::shared_ptr<Adapters>& adapters, const std::string& name);
  SpeculativeStats GetSpeculativeStats() const;
  bool IsSessionTerminated() const;

  void SetRuntimeOption(const std::string& key, const std::string& value);

  void RequestCancel();
  void ClearCancel();
  bool cancel_requested() const { return cancel_requested_.load(std::memory_order_relaxed); }

 private:
  const Api& api() const { return runtime_->api(); }
  void SetTerminated(bool terminated);
  template <typename Append>
  void Prefill(Append append, Code code = Code::kNative);
  void Undo(size_t length);
  void Keep(size_t length);
  void DemandUsable() const;
  void DemandNamesChecked(const std::string& name, bool certain) const;
  void DemandNotTerminated() const;  // under control_
  void DemandRunning() const;        // the same, not under control_
  void RunGeneratedToken();
  void RunLastTokenAgain();
  void RestoreLogits();

  RuntimePtr runtime_;
  Handle<OgaModel> model_;  // the library's generator keeps the model as well; ours must be the last to go
  Handle<OgaGenerator> handle_;
  AdapterUse adapters_;
  size_t rows_ = 1;
  size_t max_length_ = 0;
  bool beams_ = false;
  bool grows_ = false;              // one row whose KV cache grows with it; else it is allocated for max_length
  std::vector<int32_t> kept_;       // the sequence, where the library has been emptied and must run it again
  bool stale_logits_ = false;       // after RewindTo(n > 0), until tokens are appended
  bool has_logits_ = false;         // the model has run over the last token
  bool last_token_has_run_ = true;  // false after a step, until the model has run over the token that it chose
  bool unusable_ = false;           // a prefill that could not be undone

  mutable std::mutex control_;  // guards the three below and orders IsDone against terminate_session
  bool prefilling_ = false;
  bool terminated_by_us_ = false;
  std::atomic<bool> cancel_requested_{false};
};

}  // namespace oga
