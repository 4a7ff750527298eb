#include "imapd/session/uid_only.h"

#include <algorithm>
#include <type_traits>
#include <variant>

namespace imapd::session {
namespace {

template <class Verb>
bool needs_numbers(const Verb& verb) {
  if constexpr (requires { verb.program; verb.uid; }) {
    return !verb.uid || names_message_numbers(verb.program);
  } else if constexpr (requires { verb.uid; }) {
    return !verb.uid;
  } else {
    return false;
  }
}

}  // namespace

// Recursion is as deep as the parser let keys be nested.
bool names_message_numbers(const wire::SearchKey& program) {
  return std::visit(
      [](const auto& key) {
        if constexpr (std::is_same_v<std::decay_t<decltype(key)>, wire::SearchNumbers>) {
          return !key.uid && !key.set.ranges().empty();
        } else if constexpr (requires { key.keys; }) {
          return std::any_of(key.keys.begin(), key.keys.end(), names_message_numbers);
        } else {
          return false;
        }
      },
      program.key);
}

bool needs_message_numbers(const wire::Command& command) {
  return std::visit([](const auto& verb) { return needs_numbers(verb); }, command.verb);
}

}  // namespace imapd::session
