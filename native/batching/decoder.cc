#include "decoder.h"

#include <algorithm>
#include <filesystem>
#include <map>

namespace batching {

namespace {

constexpr int kErrorLevel = 3;
constexpr int kFatalLevel = 4;  // a failed run is told by its status, and not on stderr

struct Port {
  int type = 0;
  std::vector<int64_t> shape;
};

using Ports = std::map<std::string, Port>;

std::string Numbered(const std::string& pattern, size_t number) {
  std::string name = pattern;
  const size_t at = name.find("%d");
  if (at != std::string::npos) name.replace(at, 2, std::to_string(number));
  return name;
}

struct PortFunctions {
  OrtStatus* (*count)(const OrtSession*, size_t*);
  OrtStatus* (*name)(const OrtSession*, size_t, OrtAllocator*, char**);
  OrtStatus* (*info)(const OrtSession*, size_t, OrtTypeInfo**);
};

Ports ReadPorts(const OrtApi& api, const OrtSession* session, const PortFunctions& functions) {
  OrtAllocator* allocator = nullptr;
  Check(api, api.GetAllocatorWithDefaultOptions(&allocator));
  size_t count = 0;
  Check(api, functions.count(session, &count));
  Ports ports;
  for (size_t i = 0; i < count; ++i) {
    char* text = nullptr;
    Check(api, functions.name(session, i, allocator, &text));
    const std::string name = text;
    Check(api, api.AllocatorFree(allocator, text));
    const auto info = MakeOrt<OrtTypeInfo>(api, api.ReleaseTypeInfo,
                                           [&](OrtTypeInfo** out) { return functions.info(session, i, out); });
    const OrtTensorTypeAndShapeInfo* tensor = nullptr;
    Check(api, api.CastTypeInfoToTensorInfo(info.get(), &tensor));
    Port& port = ports[name];
    if (tensor == nullptr) continue;
    size_t rank = 0;
    Check(api, api.GetTensorElementType(tensor, &port.type));
    Check(api, api.GetDimensionsCount(tensor, &rank));
    port.shape.resize(rank);
    Check(api, api.GetDimensions(tensor, port.shape.data(), rank));
  }
  return ports;
}

// Takes it out, so that what is left is what nobody knows.
Port Take(Ports* ports, const std::string& name, const char* kind) {
  const auto found = ports->find(name);
  if (found == ports->end()) throw Failure("the graph has no " + std::string(kind) + " " + name);
  Port port = found->second;
  ports->erase(found);
  return port;
}

void Demand(bool met, const std::string& reason) {
  if (!met) throw Failure(reason);
}

// The builder leaves some dimensions open.
bool Fits(int64_t dimension, size_t size) { return dimension < 0 || dimension == static_cast<int64_t>(size); }

size_t ElementBytes(int type) { return type == kFloat16 ? 2 : 4; }

}  // namespace

Decoder::Decoder(const OrtApi& api, const DecoderSpec& spec, const DecoderLimits& limits)
    : api_(api),
      spec_(spec),
      limits_(limits),
      env_(MakeOrt<OrtEnv>(api_, api_.ReleaseEnv,
                           [&](OrtEnv** out) { return api_.CreateEnv(kErrorLevel, "onnxruntime-genai-node", out); })),
      session_(nullptr, api_.ReleaseSession),
      memory_(MakeOrt<OrtMemoryInfo>(api_, api_.ReleaseMemoryInfo,
                                     [&](OrtMemoryInfo** out) { return api_.CreateCpuMemoryInfo(0, 0, out); })),
      run_options_(MakeOrt<OrtRunOptions>(api_, api_.ReleaseRunOptions,
                                          [&](OrtRunOptions** out) { return api_.CreateRunOptions(out); })),
      alone_(nullptr, api_.ReleaseIoBinding),
      together_(nullptr, api_.ReleaseIoBinding) {
  const auto options = MakeOrt<OrtSessionOptions>(
      api_, api_.ReleaseSessionOptions, [&](OrtSessionOptions** out) { return api_.CreateSessionOptions(out); });
  Check(api_, api_.SetSessionLogSeverityLevel(options.get(), kFatalLevel));
  if (spec.threads > 0) Check(api_, api_.SetIntraOpNumThreads(options.get(), spec.threads));
  // Threads of the pool sleep as soon as a step is over; as fast, and the cores are free for JS.
  Check(api_, api_.AddSessionConfigEntry(options.get(), "session.force_spinning_stop", "1"));
  const std::filesystem::path path = std::filesystem::u8path(spec.path);
  session_ = MakeOrt<OrtSession>(api_, api_.ReleaseSession, [&](OrtSession** out) {
    return api_.CreateSession(env_.get(), path.c_str(), options.get(), out);
  });
  Inspect();
  for (auto* binding : {&alone_, &together_}) {
    *binding = MakeOrt<OrtIoBinding>(api_, api_.ReleaseIoBinding,
                                     [&](OrtIoBinding** out) { return api_.CreateIoBinding(session_.get(), out); });
  }
  kv_ = std::make_unique<KvRows>(
      KvShape{spec.layers, limits.rows, spec.kv_heads, limits.capacity, spec.head_size, ElementBytes(kv_type_)});
}

// Which models fit: exactly these inputs and outputs.
void Decoder::Inspect() {
  Ports inputs = ReadPorts(api_, session_.get(),
                           {api_.SessionGetInputCount, api_.SessionGetInputName, api_.SessionGetInputTypeInfo});
  Ports outputs = ReadPorts(api_, session_.get(),
                            {api_.SessionGetOutputCount, api_.SessionGetOutputName, api_.SessionGetOutputTypeInfo});
  for (const std::string& name : {spec_.input_ids, spec_.attention_mask}) {
    const Port port = Take(&inputs, name, "input");
    Demand(port.type == kInt64 && port.shape.size() == 2, "the input " + name + " is no matrix of int64");
  }
  for (size_t layer = 0; layer < spec_.layers; ++layer) {
    for (const auto& [past, present] :
         {std::pair(spec_.past_key, spec_.present_key), std::pair(spec_.past_value, spec_.present_value)}) {
      past_names_.push_back(Numbered(past, layer));
      present_names_.push_back(Numbered(present, layer));
      const Port in = Take(&inputs, past_names_.back(), "input");
      const Port out = Take(&outputs, present_names_.back(), "output");
      if (layer == 0) kv_type_ = in.type;
      Demand(in.type == kv_type_ && out.type == kv_type_ && (in.type == kFloat32 || in.type == kFloat16),
             "keys and values are neither float32 nor float16");
      const bool shaped = in.shape.size() == 4 && in.shape[0] < 0 && Fits(in.shape[1], spec_.kv_heads) &&
                          in.shape[2] < 0 && Fits(in.shape[3], spec_.head_size);
      Demand(shaped, "the input " + past_names_.back() + " has another shape than genai_config.json says");
    }
  }
  const Port logits = Take(&outputs, spec_.logits, "output");
  Demand(logits.type == kFloat32 && logits.shape.size() == 3, "the logits are not float32 of three dimensions");
  Demand(Fits(logits.shape[2], spec_.vocab_size), "the logits are not of the size of the vocabulary");
  last_logits_only_ = logits.shape[1] == 1;
  Demand(inputs.empty(), "it has an input that is not known: " + (inputs.empty() ? "" : inputs.begin()->first));
}

OrtHandle<OrtValue> Decoder::Tensor(void* data, size_t bytes, const std::vector<int64_t>& shape, int type) const {
  return MakeOrt<OrtValue>(api_, api_.ReleaseValue, [&](OrtValue** out) {
    return api_.CreateTensorWithDataAsOrtValue(memory_.get(), data, bytes, shape.data(), shape.size(), type, out);
  });
}

void Decoder::Bind(const Rows& rows) {
  if (*rows.bound_first == rows.first && *rows.bound_count == rows.count) return;
  *rows.bound_count = 0;  // until all are
  const KvShape& shape = kv_->shape();
  const std::vector<int64_t> dimensions = {static_cast<int64_t>(rows.count), static_cast<int64_t>(shape.heads),
                                           static_cast<int64_t>(shape.capacity), static_cast<int64_t>(shape.head_size)};
  for (size_t i = 0; i < kv_->buffers(); ++i) {
    const auto value = Tensor(kv_->At(i, rows.first), rows.count * kv_->row_bytes(), dimensions, kv_type_);
    Check(api_, api_.BindInput(rows.binding.get(), past_names_[i].c_str(), value.get()));
    Check(api_, api_.BindOutput(rows.binding.get(), present_names_[i].c_str(), value.get()));
  }
  *rows.bound_first = rows.first;
  *rows.bound_count = rows.count;
}

// On ids_ and mask_.
void Decoder::Run(const Rows& rows) {
  Bind(rows);
  const auto count = static_cast<int64_t>(rows.count);
  const size_t results = rows.count * (last_logits_only_ ? 1 : rows.width);
  if (logits_.size() < results * spec_.vocab_size) logits_.resize(results * spec_.vocab_size);
  const auto ids =
      Tensor(ids_.data(), ids_.size() * sizeof(int64_t), {count, static_cast<int64_t>(rows.width)}, kInt64);
  const auto mask =
      Tensor(mask_.data(), mask_.size() * sizeof(int64_t), {count, static_cast<int64_t>(rows.total)}, kInt64);
  const auto logits =
      Tensor(logits_.data(), results * spec_.vocab_size * sizeof(float),
             {count, static_cast<int64_t>(results / rows.count), static_cast<int64_t>(spec_.vocab_size)}, kFloat32);
  OrtIoBinding* const binding = rows.binding.get();
  Check(api_, api_.BindInput(binding, spec_.input_ids.c_str(), ids.get()));
  Check(api_, api_.BindInput(binding, spec_.attention_mask.c_str(), mask.get()));
  Check(api_, api_.BindOutput(binding, spec_.logits.c_str(), logits.get()));
  Check(api_, api_.RunWithBinding(session_.get(), run_options_.get(), binding));
}

void Decoder::PrefillTogether(size_t first, const std::vector<PrefillRow>& prompts) {
  size_t width = 0;
  for (const PrefillRow& prompt : prompts) width = std::max(width, prompt.count);
  ids_.assign(prompts.size() * width, 0);
  mask_.assign(prompts.size() * width, 0);
  logits_at_.clear();
  for (size_t i = 0; i < prompts.size(); ++i) {
    kv_->Reserve(first + i, width);
    const auto begin = static_cast<std::ptrdiff_t>(i * width);
    std::copy_n(prompts[i].tokens, prompts[i].count, ids_.begin() + begin);
    std::fill_n(mask_.begin() + begin, prompts[i].count, 1);
    logits_at_.push_back(last_logits_only_ ? i : i * width + prompts[i].count - 1);
  }
  Run({first, prompts.size(), width, width, alone_, &bound_[0], &bound_[1]});
}

void Decoder::Prefill(size_t row, const PrefillRow& part, size_t past) {
  kv_->Reserve(row, past + part.count);
  ids_.assign(part.tokens, part.tokens + part.count);
  mask_.assign(past + part.count, 1);
  logits_at_.assign(1, last_logits_only_ ? 0 : part.count - 1);
  Run({row, 1, part.count, past + part.count, alone_, &bound_[0], &bound_[1]});
}

void Decoder::Decode(const std::vector<int32_t>& tokens, const std::vector<size_t>& lengths) {
  const size_t count = tokens.size();
  const size_t total = *std::max_element(lengths.begin(), lengths.end()) + 1;
  ids_.assign(tokens.begin(), tokens.end());
  mask_.assign(count * total, 0);
  logits_at_.resize(count);
  for (size_t i = 0; i < count; ++i) {
    kv_->Reserve(i, lengths[i] + 1);
    std::fill_n(mask_.begin() + static_cast<std::ptrdiff_t>(i * total), lengths[i] + 1, 1);
    logits_at_[i] = i;
  }
  Run({0, count, 1, total, together_, &bound_[2], &bound_[3]});
}

void Decoder::Terminate() {
  OrtStatus* const status = api_.RunOptionsSetTerminate(run_options_.get());
  if (status != nullptr) api_.ReleaseStatus(status);
}

}  // namespace batching
