#pragma once

#include <span>
#include <string>
#include <string_view>

namespace imapd::session {

class Session;

// One extension: what CAPABILITY calls it, where it is specified and where it lives.
struct Extension {
  enum class When { kAlways, kBeforeLogin };
  std::string_view name;
  std::string_view specification;
  std::string_view file;
  When when = When::kAlways;
};
// Only what works. APPENDLIMIT is shown with its value.
std::span<const Extension> extensions();

// The capability line as of now, without its `* CAPABILITY `.
std::string capabilities(Session& session);

}  // namespace imapd::session
