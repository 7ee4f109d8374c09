// Finds stop strings in text that arrives token by token. Plain C++, knows neither genai nor Node-API.
//
// A piece is held back as long as the text so far could be the beginning of a stop string, so nothing is released that
// a later token turns into one. Each piece keeps its token: what comes out are whole pieces in order, and on a match
// the text of the pieces is cut where the stop string begins. Stop strings and pieces are whole UTF-8 characters, so a
// cut never splits one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace text {

struct Piece {
  int32_t token;
  std::string text;
};

class StopMatcher {
 public:
  // `stops`: none may be empty.
  explicit StopMatcher(std::vector<std::string> stops) : stops_(std::move(stops)) {}

  // Takes the next piece and appends to `released` every piece whose text is now certain. Returns the index of the
  // stop string that ends first in the text, or -1. After a match nothing is held and nothing more may be fed.
  int Feed(Piece piece, std::vector<Piece>* released);

  // The text is over: appends what was held back.
  void Flush(std::vector<Piece>* released);

 private:
  struct Match {
    int stop;
    size_t begin;
  };
  Match Find() const;
  size_t UncertainLength() const;
  void Release(size_t keep, std::vector<Piece>* released);

  std::vector<std::string> stops_;
  std::vector<Piece> held_;
  std::string text_;  // the text of held_, joined
};

}  // namespace text
