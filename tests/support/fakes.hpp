#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "harness/model/clock.hpp"
#include "harness/model/record.hpp"

namespace haetae::test {

/// FakeClock stands still until it is moved; sleep() moves it.
class FakeClock final : public Clock {
 public:
  [[nodiscard]] SteadyTime now() const override {
    const std::scoped_lock lock(mutex_);
    return SteadyTime(1h) + passed_;
  }
  [[nodiscard]] WallTime wall() const override {
    const std::scoped_lock lock(mutex_);
    return WallTime(1'700'000'000s) + std::chrono::duration_cast<WallTime::duration>(passed_);
  }
  bool sleep(Duration duration, std::stop_token stop) override {
    move(duration);
    return !stop.stop_requested();
  }
  void move(Duration duration) {
    const std::scoped_lock lock(mutex_);
    passed_ += duration;
  }

 private:
  mutable std::mutex mutex_;
  Duration passed_{};
};

/// MemoryRecorder keeps transcripts as text: one string per direction.
class MemoryRecorder final : public Recorder {
 public:
  EvidenceId transcript(std::string_view subject, std::string_view label) override {
    const std::scoped_lock lock(mutex_);
    labels_.push_back(std::string(subject) + " " + std::string(label));
    return static_cast<EvidenceId>(labels_.size());
  }
  void append(EvidenceId id, Direction direction, ByteView bytes) override {
    const std::scoped_lock lock(mutex_);
    texts_[{id, direction}] += std::string(as_text(bytes));
    if (direction == Direction::event) texts_[{id, direction}] += "\n";
  }
  EvidenceId attach(std::string_view subject, std::string_view label, std::string_view,
                    ByteView bytes) override {
    const EvidenceId id = transcript(subject, label);
    append(id, Direction::received, bytes);
    return id;
  }
  [[nodiscard]] std::string text(EvidenceId id, Direction direction) const {
    const std::scoped_lock lock(mutex_);
    const auto found = texts_.find({id, direction});
    return found == texts_.end() ? "" : found->second;
  }
  [[nodiscard]] std::size_t count() const {
    const std::scoped_lock lock(mutex_);
    return labels_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> labels_;
  std::map<std::pair<EvidenceId, Direction>, std::string> texts_;
};

}  // namespace haetae::test
