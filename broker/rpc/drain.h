#pragma once

#include <mutex>
#include <unordered_set>

namespace broker::rpc {

// Something long-lived that must hear when the server stops.
class Drainable {
 public:
  virtual void drain() = 0;  // From any thread, once; only posts.

 protected:
  ~Drainable() = default;
};

// All streams of a server. Thread-safe.
class Drain {
 public:
  // A stream that comes too late is told at once.
  void add(Drainable& stream) {
    const std::lock_guard lock(mutex_);
    streams_.insert(&stream);
    if (draining_) stream.drain();
  }
  // When it returns, drain() of `stream` has run or never will.
  void remove(Drainable& stream) {
    const std::lock_guard lock(mutex_);
    streams_.erase(&stream);
  }
  void begin() {
    const std::lock_guard lock(mutex_);
    if (draining_) return;
    draining_ = true;
    for (Drainable* stream : streams_) stream->drain();
  }

 private:
  std::mutex mutex_;
  bool draining_ = false;  // Guarded by mutex_, as the streams.
  std::unordered_set<Drainable*> streams_;
};

}  // namespace broker::rpc
