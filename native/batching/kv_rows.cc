#include "kv_rows.h"

#include <cstdint>
#include <cstring>
#include <new>

#ifdef _WIN32
#include <windows.h>
#else
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace batching {

namespace {

#ifdef _WIN32

size_t PageSize() {
  SYSTEM_INFO info;
  GetSystemInfo(&info);
  return info.dwPageSize;
}

void* ReserveAddresses(size_t bytes) { return VirtualAlloc(nullptr, bytes, MEM_RESERVE, PAGE_READWRITE); }
void FreeAddresses(void* address, size_t) { VirtualFree(address, 0, MEM_RELEASE); }
bool Commit(char* begin, size_t bytes) { return VirtualAlloc(begin, bytes, MEM_COMMIT, PAGE_READWRITE) != nullptr; }
void GiveBack(char* begin, size_t bytes) { VirtualFree(begin, bytes, MEM_DECOMMIT); }

#else

size_t PageSize() { return static_cast<size_t>(sysconf(_SC_PAGESIZE)); }

void* ReserveAddresses(size_t bytes) {
  void* const address =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (address == MAP_FAILED) return nullptr;
#ifdef MADV_NOHUGEPAGE
  madvise(address, bytes, MADV_NOHUGEPAGE);  // else one token may take 2 MiB for each head
#endif
  return address;
}
void FreeAddresses(void* address, size_t bytes) { munmap(address, bytes); }
bool Commit(char*, size_t) { return true; }  // when it is written
void GiveBack(char* begin, size_t bytes) {
#ifdef __linux__
  madvise(begin, bytes, MADV_DONTNEED);
#else  // MADV_FREE would keep it until memory is short
  mmap(begin, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
#endif
}

#endif

// More than a process has addresses for; beyond it products would overflow.
constexpr double kMostBytes = 0x1p47;

size_t BehindPage(const char* address, size_t page) { return reinterpret_cast<uintptr_t>(address) % page; }

char* RoundUp(char* address, size_t page) { return address + (page - BehindPage(address, page)) % page; }

char* RoundDown(char* address, size_t page) { return address - BehindPage(address, page); }

}  // namespace

void KvRows::Unmap::operator()(void* address) const { FreeAddresses(address, bytes); }

KvRows::KvRows(const KvShape& shape)
    : shape_(shape),
      token_bytes_(shape.head_size * shape.element_bytes),
      head_bytes_(shape.capacity * token_bytes_),
      row_bytes_(shape.heads * head_bytes_),
      page_(PageSize()),
      lengths_(shape.rows) {
  const double exact = static_cast<double>(shape.rows) * static_cast<double>(shape.heads) *
                       static_cast<double>(shape.capacity) * static_cast<double>(token_bytes_);
  if (!(exact > 0 && exact < kMostBytes)) throw std::bad_alloc();
  const size_t bytes = shape.rows * row_bytes_;
  for (size_t i = 0; i < 2 * shape.layers; ++i) {
    void* const address = ReserveAddresses(bytes);
    if (address == nullptr) throw std::bad_alloc();
    regions_.emplace_back(address, Unmap{bytes});
  }
}

void* KvRows::At(size_t buffer, size_t row) const {
  return static_cast<char*>(regions_[buffer].get()) + row * row_bytes_;
}

char* KvRows::HeadAt(size_t buffer, size_t row, size_t head) const {
  return static_cast<char*>(At(buffer, row)) + head * head_bytes_;
}

void KvRows::Reserve(size_t row, size_t length) {
  if (length <= lengths_[row]) return;
  for (size_t buffer = 0; buffer < regions_.size(); ++buffer) {
    for (size_t head = 0; head < shape_.heads; ++head) {
      char* const begin = HeadAt(buffer, row, head) + lengths_[row] * token_bytes_;
      if (!Commit(begin, (length - lengths_[row]) * token_bytes_)) throw std::bad_alloc();
    }
  }
  lengths_[row] = length;
}

// A page that two heads share stays with the one that may still use it.
void KvRows::Truncate(size_t row, size_t length) {
  if (length >= lengths_[row]) return;
  for (size_t buffer = 0; buffer < regions_.size(); ++buffer) {
    for (size_t head = 0; head < shape_.heads; ++head) {
      char* const base = HeadAt(buffer, row, head);
      char* const begin = RoundUp(base + length * token_bytes_, page_);
      char* const end = RoundDown(base + head_bytes_, page_);
      char* const used = RoundUp(base + lengths_[row] * token_bytes_, page_);
      char* const last = used < end ? used : end;
      if (begin < last) GiveBack(begin, static_cast<size_t>(last - begin));
    }
  }
  lengths_[row] = length;
}

void KvRows::Copy(size_t from, size_t to, size_t length) {
  Reserve(to, length);
  for (size_t buffer = 0; buffer < regions_.size(); ++buffer) {
    for (size_t head = 0; head < shape_.heads; ++head) {
      std::memcpy(HeadAt(buffer, to, head), HeadAt(buffer, from, head), length * token_bytes_);
    }
  }
}

void KvRows::Move(size_t from, size_t to, size_t length) {
  if (from == to) return;
  Copy(from, to, length);
  Truncate(to, length);
  Truncate(from, 0);
}

size_t KvRows::PagesOf(size_t length) const { return (length * token_bytes_ + page_ - 1) / page_; }

size_t KvRows::reserved_bytes() const {
  size_t pages = 0;
  for (const size_t length : lengths_) pages += PagesOf(length);
  return pages * page_ * shape_.heads * regions_.size();
}

}  // namespace batching
