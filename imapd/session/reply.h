#pragma once

#include <string>
#include <utility>

#include "imapd/base/error.h"
#include "imapd/wire/response.h"

namespace imapd::session {

// How a command ended. The loop tells what changed in the selected mailbox first and then writes this with the command's tag, so
// a command never writes its own tagged line.
struct Reply {
  Reply(wire::Condition reply_condition, std::string reply_text, std::string reply_code = {})
      : condition(reply_condition), text(std::move(reply_text)), code(std::move(reply_code)) {}
  wire::Condition condition;
  std::string text;
  std::string code;  // Without brackets; empty: none.
};

inline Reply ok(std::string text, std::string code = {}) {
  return Reply(wire::Condition::kOk, std::move(text), std::move(code));
}
inline Reply no(std::string text, std::string_view code = {}) {
  return Reply(wire::Condition::kNo, std::move(text), std::string(code));
}
inline Reply bad(std::string text, std::string_view code = {}) {
  return Reply(wire::Condition::kBad, std::move(text), std::string(code));
}
// NO with the response code of RFC 5530 that says what kind of error it was.
Reply refused(const Error& error);

}  // namespace imapd::session
