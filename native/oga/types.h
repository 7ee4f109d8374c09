// The opaque objects and number types of the onnxruntime-genai C API. Plain C++, no Node-API.
#pragma once

#include <cstddef>
#include <cstdint>

struct OgaAdapters;
struct OgaAudios;
struct OgaConfig;
struct OgaEngine;
struct OgaEngineCapabilities;
struct OgaEngineEvent;
struct OgaEngineEventBuffer;
struct OgaGenerator;
struct OgaGeneratorParams;
struct OgaImages;
struct OgaModel;
struct OgaMtpGenerator;
struct OgaMultiModalProcessor;
struct OgaNamedTensors;
struct OgaRequest;
struct OgaRequestOptions;
struct OgaResult;
struct OgaRuntimeSettings;
struct OgaSequences;
struct OgaSpeculativeStats;
struct OgaStreamingProcessor;
struct OgaStringArray;
struct OgaTensor;
struct OgaTokenizer;
struct OgaTokenizerStream;
struct OgaTurnOptions;
struct OgaTurnUsage;

// Element types of tensors: the numbers of ONNX. Only those that a tensor can have; the others (string, complex) are
// refused by the library.
enum OgaElementType : int {
  kOgaFloat32 = 1,
  kOgaUint8 = 2,
  kOgaInt8 = 3,
  kOgaUint16 = 4,
  kOgaInt16 = 5,
  kOgaInt32 = 6,
  kOgaInt64 = 7,
  kOgaBool = 9,
  kOgaFloat16 = 10,
  kOgaFloat64 = 11,
  kOgaUint32 = 12,
  kOgaUint64 = 13,
  kOgaBfloat16 = 16,
};

using OgaEngineEventFlags = uint32_t;
using OgaFinishReason = uint32_t;
using OgaErrorCode = uint32_t;
