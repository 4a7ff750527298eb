#pragma once

#include <string>
#include <string_view>

#include "imapd/base/error.h"
#include "imapd/base/limits.h"
#include "imapd/wire/parse_options.h"

namespace imapd::wire {

inline Error syntax_error(std::string message) { return make_error(Code::kInvalidArgument, std::move(message)); }

// Where a grammar function stands in a command. A function that fails leaves it anywhere: the command is bad as a whole.
class Cursor {
 public:
  explicit Cursor(std::string_view text, ParseOptions options = {}) : rest_(text), options_(options) {}

  const ParseOptions& options() const { return options_; }

  // Nothing is left but the last line end.
  bool at_end() const { return rest_.empty() || rest_ == "\r\n" || rest_ == "\n"; }
  // NUL at the end, which stands for no character of any rule.
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  std::string_view rest() const { return rest_; }
  bool skip(char c) {
    if (peek() != c || rest_.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // The caller has looked: `count` characters are there.
  std::string_view take(std::size_t count) {
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  template <class Predicate>
  std::string_view take_while(Predicate&& predicate) {
    std::size_t count = 0;
    while (count < rest_.size() && predicate(rest_[count])) ++count;
    return take(count);
  }
  Result<void> expect(char c, std::string_view where) {
    if (skip(c)) return {};
    const std::string wanted = c == ' ' ? "a space" : std::string("'") + c + "'";
    return syntax_error(wanted + " expected " + std::string(where));
  }

 private:
  std::string_view rest_;
  ParseOptions options_;
};

}  // namespace imapd::wire
