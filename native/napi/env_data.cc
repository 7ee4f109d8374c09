#include "env_data.h"

#include <utility>

namespace addon {

uint64_t EnvData::AddJob(Job job) {
  if (jobs_.empty()) dispatcher_->KeepAlive(true);
  const uint64_t id = next_job_++;
  jobs_.emplace(id, std::move(job));
  return id;
}

Job* EnvData::FindJob(uint64_t id) {
  const auto found = jobs_.find(id);
  return found == jobs_.end() ? nullptr : &found->second;
}

Job EnvData::TakeJob(uint64_t id) {
  const auto found = jobs_.find(id);
  Job job = std::move(found->second);
  jobs_.erase(found);
  if (jobs_.empty()) dispatcher_->KeepAlive(false);
  return job;
}

}  // namespace addon
