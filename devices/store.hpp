#pragma once

#include <map>
#include <mutex>
#include <string>

namespace haetae::devices {

/// Store keeps small texts of the user, such as the name of the device, by their key. Safe to call
/// from any thread.
class Store {
 public:
  [[nodiscard]] std::string get(const std::string& key, const std::string& fallback = {}) const {
    const std::scoped_lock lock(mutex_);
    const auto found = texts_.find(key);
    return found == texts_.end() ? fallback : found->second;
  }
  void set(const std::string& key, std::string text) {
    const std::scoped_lock lock(mutex_);
    texts_[key] = std::move(text);
  }
  void clear() {
    const std::scoped_lock lock(mutex_);
    texts_.clear();
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> texts_;
};

}  // namespace haetae::devices
