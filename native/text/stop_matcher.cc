#include "stop_matcher.h"

#include <algorithm>
#include <utility>

namespace text {

int StopMatcher::Feed(Piece piece, std::vector<Piece>* released) {
  text_ += piece.text;
  held_.push_back(std::move(piece));
  const Match match = Find();
  if (match.stop < 0) {
    Release(UncertainLength(), released);
    return -1;
  }
  size_t offset = 0;
  for (Piece& held : held_) {
    const size_t length = held.text.size();
    if (offset + length > match.begin) held.text.resize(match.begin > offset ? match.begin - offset : 0);
    offset += length;
  }
  Flush(released);
  return match.stop;
}

void StopMatcher::Flush(std::vector<Piece>* released) {
  for (Piece& held : held_) released->push_back(std::move(held));
  held_.clear();
  text_.clear();
}

// The match that ends first wins, so the answer does not depend on how the text was cut into tokens; of two that end
// together the one that begins first.
StopMatcher::Match StopMatcher::Find() const {
  Match best{-1, 0};
  size_t best_end = std::string::npos;
  for (size_t i = 0; i < stops_.size(); ++i) {
    const size_t begin = text_.find(stops_[i]);
    if (begin == std::string::npos) continue;
    const size_t end = begin + stops_[i].size();
    if (end < best_end || (end == best_end && begin < best.begin)) {
      best = {static_cast<int>(i), begin};
      best_end = end;
    }
  }
  return best;
}

// Length of the longest end of the text that is the beginning of a stop string.
size_t StopMatcher::UncertainLength() const {
  size_t longest = 0;
  for (const std::string& stop : stops_) {
    for (size_t length = std::min(stop.size() - 1, text_.size()); length > longest; --length) {
      if (text_.compare(text_.size() - length, length, stop, 0, length) == 0) {
        longest = length;
        break;
      }
    }
  }
  return longest;
}

// Releases the pieces that lie wholly before the last `keep` bytes.
void StopMatcher::Release(size_t keep, std::vector<Piece>* released) {
  size_t bytes = text_.size() - keep;
  size_t count = 0;
  size_t dropped = 0;
  while (count < held_.size() && held_[count].text.size() <= bytes) {
    bytes -= held_[count].text.size();
    dropped += held_[count].text.size();
    released->push_back(std::move(held_[count]));
    ++count;
  }
  held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(count));
  text_.erase(0, dropped);
}

}  // namespace text
