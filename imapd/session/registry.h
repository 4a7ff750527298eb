#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>

namespace imapd::session {

class Session;

// The sessions that live.
//
// Operation    Another thread never touches a Session: it posts a task to the session's strand, and the task is dropped when the
//              session has ended by the time it runs.
// Concurrency  All members may be called from any thread. Tasks run on the session's strand.
class Registry {
 public:
  using Number = std::uint64_t;
  using Task = std::function<void(Session&)>;

  // Unique across restarts: the holder's name of the claims of this session.
  std::string holder_name(Number number) const;
  Number next_number();
  // Both on the session's strand. `session` stays valid until remove().
  void add(Number number, Session& session, boost::asio::any_io_executor strand);
  void remove(Number number);

  void post(Number number, Task task);
  void post_all(const Task& task);
  // Sessions that begin from now on end at once.
  void drain() { draining_ = true; }
  bool draining() const { return draining_; }
  std::size_t size() const;

 private:
  struct Entry {
    Session* session;
    boost::asio::any_io_executor strand;
  };
  Session* find(Number number) const;

  const std::string prefix_ = make_prefix();
  static std::string make_prefix();
  std::atomic<bool> draining_{false};
  mutable std::mutex mutex_;
  Number last_number_ = 0;                       // Guarded by mutex_, as entries_.
  std::unordered_map<Number, Entry> entries_;
};

}  // namespace imapd::session
