#include "decode_loop.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace oga {

namespace {

using Clock = std::chrono::steady_clock;

double Milliseconds(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

class Loop {
 public:
  Loop(Generator& generator, const std::shared_ptr<const Tokenizer>& tokenizer, const DecodeRequest& request,
       const PieceSink& sink)
      : generator_(generator), request_(request), sink_(sink), stream_(tokenizer), stops_(request.stop) {
    eos_ = tokenizer->EosTokenIds();
    // A SentencePiece-like tokenizer writes words with the space before them. The stream drops that space where a text
    // begins after a control token, if it has seen that token. To a grammar it is there. (A place for a picture is
    // below 0.)
    const bool seen = !request.prompt.empty() && request.prompt.back() >= 0;
    if (seen && !request.guided) stream_.Decode(request.prompt.back());
  }

  DecodeResult Run() {
    const Clock::time_point started = Clock::now();
    result_.queued_ms = Milliseconds(request_.queued_at, started);
    result_.tokens.reserve(std::min<size_t>(request_.max_new_tokens, 4096));
    try {
      if (request_.inputs) {
        generator_.SetInputs(*request_.inputs);
      } else if (!request_.prompt.empty()) {
        generator_.AppendTokens(request_.prompt);
      }
      if (request_.beams) {
        SearchBeams();
      } else {
        Step();
      }
    } catch (const Cancelled&) {
      result_.reason = FinishReason::kAbort;
    } catch (...) {
      DeliverRest();  // what was generated before the failure
      throw;
    }
    DeliverRest();
    const Clock::time_point ended = Clock::now();
    result_.total_ms = Milliseconds(request_.queued_at, ended);
    if (!result_.tokens.empty()) {
      result_.ttft_ms = Milliseconds(request_.queued_at, first_token_);
      result_.decode_ms = Milliseconds(first_token_, last_token_);
    }
    return std::move(result_);
  }

 private:
  void Step() {
    while (true) {
      if (generator_.cancel_requested()) throw Cancelled();
      if (result_.tokens.size() >= request_.max_new_tokens || generator_.IsDone()) {
        result_.reason = FinishReason::kLength;
        return;
      }
      const size_t length = generator_.TokenCount();
      generator_.GenerateNextToken();
      // With one row the library does not append an end-of-sequence token to the sequence.
      if (generator_.TokenCount() == length) {
        result_.reason = FinishReason::kStop;
        return;
      }
      if (request_.bursts ? !TakeBurst(length) : !Take(generator_.NextToken())) return;
    }
  }

  // Takes what one step has added after the first `length` tokens. The step may have met the end-of-sequence token
  // behind them, which shows only as the last token chosen. False at the end.
  bool TakeBurst(size_t length) {
    const std::vector<int32_t> sequence = generator_.Sequence(0);
    for (size_t i = length; i < sequence.size(); ++i) {
      if (result_.tokens.size() >= request_.max_new_tokens) {
        result_.reason = FinishReason::kLength;
        return false;
      }
      if (!Take(sequence[i])) return false;
    }
    if (!generator_.IsDone() || !IsEos(generator_.NextToken())) return true;
    result_.reason = FinishReason::kStop;
    return false;
  }

  bool IsEos(int32_t token) const { return std::find(eos_.begin(), eos_.end(), token) != eos_.end(); }

  void SearchBeams() {
    const size_t prompt_length = generator_.TokenCount();
    for (size_t steps = 0; steps < request_.max_new_tokens && !generator_.IsDone(); ++steps) {
      if (generator_.cancel_requested()) throw Cancelled();
      generator_.GenerateNextToken();
    }
    const std::vector<int32_t> best = generator_.Sequence(0);
    const bool full = best.size() - prompt_length >= request_.max_new_tokens;
    result_.reason = full ? FinishReason::kLength : FinishReason::kStop;
    for (size_t i = prompt_length; i < best.size(); ++i) {
      if (IsEos(best[i])) {
        result_.reason = FinishReason::kStop;
        return;
      }
      if (!Take(best[i])) return;
    }
  }

  // False when the token completed a stop string.
  bool Take(int32_t token) {
    last_token_ = Clock::now();
    if (result_.tokens.empty()) first_token_ = last_token_;
    result_.tokens.push_back(token);
    result_.matched_stop = stops_.Feed({token, stream_.Decode(token)}, &released_);
    Release();
    if (last_token_ - delivered_at_ >= kDeliveryInterval) Deliver();
    if (result_.matched_stop < 0) return true;
    result_.reason = FinishReason::kStop;
    return false;
  }

  // Adds the text of the pieces that are certain by now.
  void Release() {
    for (const text::Piece& piece : released_) result_.text += piece.text;
    if (sink_) std::move(released_.begin(), released_.end(), std::back_inserter(waiting_));
    released_.clear();
  }

  void Deliver() {
    if (waiting_.empty()) return;
    std::vector<text::Piece> pieces;
    pieces.swap(waiting_);
    sink_(pieces);
    delivered_at_ = last_token_;
  }

  void DeliverRest() {
    if (result_.matched_stop < 0) {
      stops_.Flush(&released_);
      Release();
    }
    Deliver();
  }

  Generator& generator_;
  const DecodeRequest& request_;
  const PieceSink& sink_;
  TokenizerStream stream_;
  text::StopMatcher stops_;
  std::vector<int32_t> eos_;
  std::vector<text::Piece> released_;  // by the stop matcher
  std::vector<text::Piece> waiting_;   // for the next delivery
  Clock::time_point delivered_at_;     // long ago at first
  DecodeResult result_;
  Clock::time_point first_token_;
  Clock::time_point last_token_;
};

}  // namespace

DecodeResult Decode(Generator& generator, const std::shared_ptr<const Tokenizer>& tokenizer,
                    const DecodeRequest& request, const PieceSink& sink) {
  return Loop(generator, tokenizer, request, sink).Run();
}

}  // namespace oga
