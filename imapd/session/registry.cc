#include "imapd/session/registry.h"

#include <boost/asio/post.hpp>
#include <utility>
#include <vector>

#include "imapd/auth/password.h"

namespace imapd::session {

std::string Registry::make_prefix() {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string prefix = "imap-";
  for (const char byte : auth::random_bytes(6)) {
    prefix += kDigits[static_cast<unsigned char>(byte) >> 4];
    prefix += kDigits[static_cast<unsigned char>(byte) & 15];
  }
  return prefix + "-";
}

std::string Registry::holder_name(Number number) const { return prefix_ + std::to_string(number); }

Registry::Number Registry::next_number() {
  const std::lock_guard lock(mutex_);
  return ++last_number_;
}

void Registry::add(Number number, Session& session, boost::asio::any_io_executor strand) {
  const std::lock_guard lock(mutex_);
  entries_.emplace(number, Entry{&session, std::move(strand)});
}

void Registry::remove(Number number) {
  const std::lock_guard lock(mutex_);
  entries_.erase(number);
}

Session* Registry::find(Number number) const {
  const std::lock_guard lock(mutex_);
  const auto at = entries_.find(number);
  return at == entries_.end() ? nullptr : at->second.session;
}

void Registry::post(Number number, Task task) {
  boost::asio::any_io_executor strand;
  {
    const std::lock_guard lock(mutex_);
    const auto at = entries_.find(number);
    if (at == entries_.end()) return;
    strand = at->second.strand;
  }
  // What find() gives stays valid while the task runs: only the strand itself, on which the task is, removes.
  boost::asio::post(strand, [this, number, task = std::move(task)] {
    if (Session* session = find(number)) task(*session);
  });
}

void Registry::post_all(const Task& task) {
  std::vector<Number> numbers;
  {
    const std::lock_guard lock(mutex_);
    numbers.reserve(entries_.size());
    for (const auto& [number, entry] : entries_) numbers.push_back(number);
  }
  for (const Number number : numbers) post(number, task);
}

std::size_t Registry::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

}  // namespace imapd::session
