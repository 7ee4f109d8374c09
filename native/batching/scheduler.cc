#include "scheduler.h"

#include <algorithm>
#include <new>
#include <utility>

namespace batching {

namespace {

using Clock = RequestTimes::Clock;

constexpr const char* kNoLogits = "The model gave no usable logits: all are infinite, or one is NaN.";

double MsSince(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

}  // namespace

struct Scheduler::Request {
  uint64_t id;
  std::vector<int32_t> prompt;
  size_t max_new_tokens;
  Sampler sampler;
  RequestTimes times;
  size_t length = 0;  // tokens that its row holds
  size_t generated = 0;
  int32_t last = 0;  // the token that is not in its row yet
};

Scheduler::Scheduler(std::unique_ptr<Decoder> decoder, std::vector<int32_t> end_tokens)
    : decoder_(std::move(decoder)), end_tokens_(std::move(end_tokens)) {
  rows_.reserve(decoder_->limits().rows);
}

Scheduler::~Scheduler() = default;

uint64_t Scheduler::Submit(RequestSettings settings) {
  Sampler sampler(std::move(settings.sampling), settings.prompt, end_tokens_);
  auto request = std::make_unique<Request>(Request{
      next_id_, std::move(settings.prompt), settings.max_new_tokens, std::move(sampler), {Clock::now(), {}, {}}});
  waiting_.push_back(std::move(request));
  return next_id_++;
}

void Scheduler::Cancel(uint64_t id) {
  const auto is_it = [id](const RequestPtr& request) { return request && request->id == id; };
  if (is_it(reading_)) {
    decoder_->kv().Truncate(reading_row_, 0);
    ended_.push_back(std::move(reading_));
    return;
  }
  const auto waiting = std::find_if(waiting_.begin(), waiting_.end(), is_it);
  if (waiting != waiting_.end()) {
    ended_.push_back(std::move(*waiting));
    waiting_.erase(waiting);
    return;
  }
  const auto row = std::find_if(rows_.begin(), rows_.end(), is_it);
  if (row == rows_.end()) return;
  const auto index = static_cast<size_t>(row - rows_.begin());
  ended_.push_back(std::move(*row));
  Leave(index);
}

void Scheduler::Step(std::vector<SchedulerEvent>* events) {
  for (const RequestPtr& request : ended_) End(*request, Ending::kCancelled, "", events);
  ended_.clear();
  const bool can_read = CanRead();
  if (!can_read && rows_.empty()) return;
  if (can_read && (reads_next_ || rows_.empty())) {
    reads_next_ = false;
    ReadPrompts(events);
  } else {
    reads_next_ = true;
    DecodeRows(events);
  }
}

bool Scheduler::CanRead() const { return reading_ || (!waiting_.empty() && rows_.size() < decoder_->limits().rows); }

void Scheduler::DecodeRows(std::vector<SchedulerEvent>* events) {
  const auto began = Clock::now();
  tokens_.clear();
  lengths_.clear();
  for (const RequestPtr& request : rows_) {
    tokens_.push_back(request->last);
    lengths_.push_back(request->length);
  }
  std::string error;
  try {
    decoder_->Decode(tokens_, lengths_);
  } catch (const std::exception& failure) {
    error = failure.what();
  }
  stats_.steps += 1;
  stats_.step_rows += rows_.size();
  for (size_t row = rows_.size(); row-- > 0;) {  // from behind: a row that leaves is filled with one that is done
    Request& request = *rows_[row];
    request.length += 1;
    bool goes_on = false;
    if (error.empty()) {
      goes_on = Take(request, decoder_->Logits(row), events);
    } else {
      End(request, Ending::kFailed, error, events);
    }
    if (!goes_on) Leave(row);
  }
  stats_.decode_ms += MsSince(began);
}

void Scheduler::ReadPrompts(std::vector<SchedulerEvent>* events) {
  const auto began = Clock::now();
  stats_.prefills += 1;
  if (!reading_ && waiting_.front()->prompt.size() <= decoder_->limits().chunk) {
    ReadTogether(events);
  } else {
    if (!reading_) {
      reading_ = std::move(waiting_.front());
      waiting_.pop_front();
      reading_->times.started = began;
      reading_row_ = rows_.size();
    }
    ReadPart(events);
  }
  stats_.prefill_ms += MsSince(began);
}

// Prompts from the front of the queue, as long as they fit into one run.
void Scheduler::ReadTogether(std::vector<SchedulerEvent>* events) {
  const DecoderLimits& limits = decoder_->limits();
  std::vector<RequestPtr> group;
  std::vector<PrefillRow> prompts;
  size_t width = 0;
  while (!waiting_.empty() && rows_.size() + group.size() < limits.rows) {
    const std::vector<int32_t>& prompt = waiting_.front()->prompt;
    const size_t wider = std::max(width, prompt.size());
    const bool fits = (group.size() + 1) * wider <= limits.chunk && decoder_->can_pad();
    if (!group.empty() && !fits) break;
    width = wider;
    group.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
    group.back()->times.started = Clock::now();
    prompts.push_back({group.back()->prompt.data(), group.back()->prompt.size()});
    stats_.prompt_tokens += prompts.back().count;
  }
  const size_t first = rows_.size();
  std::string error;
  try {
    decoder_->PrefillTogether(first, prompts);
  } catch (const std::exception& failure) {
    error = failure.what();
  }
  for (size_t i = 0; i < group.size(); ++i) {
    Request& request = *group[i];
    request.length = request.prompt.size();
    bool goes_on = false;
    if (error.empty()) {
      goes_on = Take(request, decoder_->Logits(i), events);
    } else {
      End(request, Ending::kFailed, error, events);
    }
    if (!goes_on) {
      decoder_->kv().Truncate(first + i, 0);
      continue;
    }
    decoder_->kv().Move(first + i, rows_.size(), request.length);
    rows_.push_back(std::move(group[i]));
  }
}

void Scheduler::ReadPart(std::vector<SchedulerEvent>* events) {
  Request& request = *reading_;
  const size_t count = std::min(decoder_->limits().chunk, request.prompt.size() - request.length);
  bool goes_on = false;
  try {
    decoder_->Prefill(reading_row_, {request.prompt.data() + request.length, count}, request.length);
    stats_.prompt_tokens += count;
    request.length += count;
    if (request.length < request.prompt.size()) return;
    goes_on = Take(request, decoder_->Logits(0), events);
  } catch (const std::exception& failure) {
    End(request, Ending::kFailed, failure.what(), events);
  }
  if (goes_on) {
    decoder_->kv().Move(reading_row_, rows_.size(), request.length);
    rows_.push_back(std::move(reading_));
  } else {
    decoder_->kv().Truncate(reading_row_, 0);
    reading_.reset();
  }
}

bool Scheduler::Take(Request& request, float* logits, std::vector<SchedulerEvent>* events) {
  const int32_t token = request.sampler.Next(logits, decoder_->vocab_size());
  if (token < 0) {
    End(request, Ending::kFailed, kNoLogits, events);
    return false;
  }
  if (request.generated == 0) request.times.first_token = Clock::now();
  if (IsEndToken(token)) {
    End(request, Ending::kEndToken, "", events);
    return false;
  }
  request.last = token;
  request.generated += 1;
  stats_.generated_tokens += 1;
  SchedulerEvent event;
  event.request = request.id;
  event.token = token;
  events->push_back(std::move(event));
  if (request.generated < request.max_new_tokens) return true;
  End(request, Ending::kLength, "", events);
  return false;
}

// The hole is filled with the last row.
void Scheduler::Leave(size_t row) {
  const size_t last = rows_.size() - 1;
  decoder_->kv().Truncate(row, 0);
  if (row != last) {
    decoder_->kv().Move(last, row, rows_[last]->length);
    rows_[row] = std::move(rows_[last]);
  }
  rows_.pop_back();
}

void Scheduler::End(const Request& request, Ending ending, const std::string& error,
                    std::vector<SchedulerEvent>* events) {
  SchedulerEvent event;
  event.request = request.id;
  event.ended = true;
  event.ending = ending;
  event.error = error;
  event.generated = request.generated;
  event.times = request.times;
  events->push_back(std::move(event));
}

bool Scheduler::IsEndToken(int32_t token) const {
  return std::find(end_tokens_.begin(), end_tokens_.end(), token) != end_tokens_.end();
}

SchedulerStats Scheduler::stats() const {
  SchedulerStats stats = stats_;
  stats.running = rows_.size() + (reading_ ? 1 : 0);
  stats.waiting = waiting_.size();
  stats.kv_bytes = decoder_->kv().reserved_bytes();
  return stats;
}

}  // namespace batching
