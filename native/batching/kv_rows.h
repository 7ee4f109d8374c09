// Keys and values of many sequences: for each layer's keys and each layer's values one buffer of shape
// [rows, heads, capacity, head size]. Plain C++, knows neither genai nor Node-API.
//
// A buffer is address space; memory comes page by page when tokens are written, and goes back by Truncate. Rows that
// lie side by side are one tensor. One thread.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace batching {

struct KvShape {
  size_t layers = 0;
  size_t rows = 0;
  size_t heads = 0;
  size_t capacity = 0;   // tokens
  size_t head_size = 0;  // elements
  size_t element_bytes = 0;
};

class KvRows {
 public:
  // Throws std::bad_alloc when there is not enough address space.
  explicit KvRows(const KvShape& shape);

  const KvShape& shape() const { return shape_; }
  size_t buffers() const { return regions_.size(); }  // keys and values of layer 0, of layer 1, ...
  size_t row_bytes() const { return row_bytes_; }     // of one buffer
  void* At(size_t buffer, size_t row) const;

  // Before tokens are written. Throws std::bad_alloc.
  void Reserve(size_t row, size_t length);
  // Forgets what lies behind, and gives its memory back.
  void Truncate(size_t row, size_t length);
  void Copy(size_t from, size_t to, size_t length);
  // Copies, and empties where it comes from.
  void Move(size_t from, size_t to, size_t length);

  // What was reserved, in whole pages.
  size_t reserved_bytes() const;

 private:
  struct Unmap {
    size_t bytes;
    void operator()(void* address) const;
  };
  size_t PagesOf(size_t length) const;  // of one head
  char* HeadAt(size_t buffer, size_t row, size_t head) const;

  KvShape shape_;
  size_t token_bytes_;  // of one head
  size_t head_bytes_;
  size_t row_bytes_;
  size_t page_;
  std::vector<std::unique_ptr<void, Unmap>> regions_;
  std::vector<size_t> lengths_;  // tokens that a row has memory for
};

}  // namespace batching
