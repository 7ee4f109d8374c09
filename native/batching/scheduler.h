// Many requests on one model: each joins between two steps, and leaves when it is done. Plain C++, knows neither genai
// nor Node-API.
//
// Rows 0 .. n-1 decode, one token each and step; a hole is filled with the last of them. Steps of decoding and parts of
// prompts take turns, so that a prompt holds the others up for one part at a time. Short prompts that wait together are
// read together; a long one is read alone, in the row behind those that decode. First come, first served. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "decoder.h"
#include "sampler.h"

namespace batching {

struct RequestSettings {
  std::vector<int32_t> prompt;  // not empty, within the vocabulary
  size_t max_new_tokens = 0;    // at least 1; with the prompt not above the capacity of a row
  SamplingSettings sampling;
};

enum class Ending {
  kEndToken,
  kLength,
  kCancelled,
  kFailed,
};

struct RequestTimes {
  using Clock = std::chrono::steady_clock;
  Clock::time_point submitted;
  Clock::time_point started;      // its prompt began to be read
  Clock::time_point first_token;  // of the answer
};

struct SchedulerEvent {
  uint64_t request = 0;
  int32_t token = -1;  // -1: none
  bool ended = false;
  Ending ending = Ending::kEndToken;
  std::string error;  // of kFailed
  size_t generated = 0;
  RequestTimes times;
};

struct SchedulerStats {
  size_t running = 0;  // decoding, or being read
  size_t waiting = 0;
  size_t kv_bytes = 0;
  uint64_t steps = 0;  // of decoding
  uint64_t step_rows = 0;
  uint64_t prefills = 0;
  uint64_t prompt_tokens = 0;
  uint64_t generated_tokens = 0;
  double decode_ms = 0;
  double prefill_ms = 0;
};

class Scheduler {
 public:
  Scheduler(std::unique_ptr<Decoder> decoder, std::vector<int32_t> end_tokens);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // Returns its id.
  uint64_t Submit(RequestSettings settings);
  // Its end comes with the next Step. Nothing when it has ended.
  void Cancel(uint64_t id);

  bool HasWork() const { return !waiting_.empty() || !rows_.empty() || reading_ || !ended_.empty(); }
  // At most one run of the model. A run that fails ends the requests that were in it.
  void Step(std::vector<SchedulerEvent>* events);

  SchedulerStats stats() const;
  Decoder& decoder() { return *decoder_; }

 private:
  struct Request;
  using RequestPtr = std::unique_ptr<Request>;

  bool CanRead() const;
  void DecodeRows(std::vector<SchedulerEvent>* events);
  void ReadPrompts(std::vector<SchedulerEvent>* events);
  void ReadTogether(std::vector<SchedulerEvent>* events);
  void ReadPart(std::vector<SchedulerEvent>* events);
  // Samples from `logits`. True when the request goes on.
  bool Take(Request& request, float* logits, std::vector<SchedulerEvent>* events);
  void Leave(size_t row);
  static void End(const Request& request, Ending ending, const std::string& error, std::vector<SchedulerEvent>* events);
  bool IsEndToken(int32_t token) const;

  std::unique_ptr<Decoder> decoder_;
  std::vector<int32_t> end_tokens_;
  std::deque<RequestPtr> waiting_;
  std::vector<RequestPtr> rows_;  // that decode; the index is the row
  RequestPtr reading_;            // a prompt of several parts
  size_t reading_row_ = 0;
  std::vector<RequestPtr> ended_;  // cancelled, to be told
  bool reads_next_ = true;
  uint64_t next_id_ = 1;
  SchedulerStats stats_;
  std::vector<int32_t> tokens_;
  std::vector<size_t> lengths_;
};

}  // namespace batching
