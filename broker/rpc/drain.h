#pragma once

#include <mutex>
#include <unordered_set>

namespace broker::rpc {

// Something long-lived that must hear when the server stops, and when what its user may do has perhaps changed.
class Drainable {
 public:
  virtual void drain() = 0;       // From any thread, once; only posts.
  virtual void look_again() = 0;  // From any thread; only posts.

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
  // When it returns, neither runs for `stream` nor ever will.
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
  void look_again() {
    const std::lock_guard lock(mutex_);
    for (Drainable* stream : streams_) stream->look_again();
  }

 private:
  std::mutex mutex_;
  bool draining_ = false;  // Guarded by mutex_, as the streams.
  std::unordered_set<Drainable*> streams_;
};

}  // namespace broker::rpc
