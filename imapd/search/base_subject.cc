#include "imapd/search/base_subject.h"

#include <cstddef>

#include "imapd/base/flag.h"

namespace imapd::search {
namespace {

bool is_white(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool has_prefix(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && equals_ignoring_case(text.substr(0, prefix.size()), prefix);
}

// Step 1, after the encoded-words.
std::string squeeze(std::string_view subject) {
  std::string text;
  text.reserve(subject.size());
  for (const char c : subject) {
    if (!is_white(c)) {
      text += c;
    } else if (text.empty() || text.back() != ' ') {
      text += ' ';
    }
  }
  return text;
}

std::string_view without_blanks(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  return text;
}

// subj-blob = "[" *BLOBCHAR "]" *WSP. The size of the one that `text` begins with; 0: none.
std::size_t blob_size(std::string_view text) {
  if (!text.starts_with('[')) return 0;
  const std::size_t end = text.find_first_of("[]", 1);
  if (end == std::string_view::npos || text[end] == '[') return 0;
  return text.size() - without_blanks(text.substr(end + 1)).size();
}

// subj-refwd = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":"
std::size_t reply_mark_size(std::string_view text) {
  std::string_view rest = text;
  if (has_prefix(rest, "fwd")) {
    rest.remove_prefix(3);
  } else if (has_prefix(rest, "re") || has_prefix(rest, "fw")) {
    rest.remove_prefix(2);
  } else {
    return 0;
  }
  rest = without_blanks(rest);
  rest.remove_prefix(blob_size(rest));
  return rest.starts_with(':') ? text.size() - rest.size() + 1 : 0;
}

// Step 2.
std::string_view without_trailers(std::string_view text, bool& marked) {
  constexpr std::string_view kForwarded = "(fwd)";
  for (;;) {
    if (text.ends_with(' ')) {
      text.remove_suffix(1);
    } else if (text.size() >= kForwarded.size() && equals_ignoring_case(text.substr(text.size() - kForwarded.size()), kForwarded)) {
      text.remove_suffix(kForwarded.size());
      marked = true;
    } else {
      return text;
    }
  }
}

// Steps 3 to 5. Blobs in a row are looked at together: step 3 takes all of them where a reply mark follows, else step 4 takes one
// after another as long as something is left, and nothing before the end of the row can begin a leader.
std::string_view without_leaders(std::string_view text, bool& marked) {
  for (;;) {
    text = without_blanks(text);
    std::string_view rest = text;
    std::string_view last_blob = text;
    while (const std::size_t size = blob_size(rest)) {
      last_blob = rest;
      rest.remove_prefix(size);
    }
    const std::size_t mark = reply_mark_size(rest);
    if (mark == 0) return rest.empty() ? last_blob : rest;
    rest.remove_prefix(mark);
    text = rest;
    marked = true;
  }
}

}  // namespace

BaseSubject base_subject(std::string_view subject) {
  constexpr std::string_view kForwardHeader = "[fwd:";
  const std::string squeezed = squeeze(subject);
  BaseSubject base;
  std::string_view text = squeezed;
  for (;;) {
    text = without_trailers(text, base.reply_or_forward);
    text = without_leaders(text, base.reply_or_forward);
    if (!has_prefix(text, kForwardHeader) || !text.ends_with(']')) break;
    text.remove_prefix(kForwardHeader.size());
    text.remove_suffix(1);
    base.reply_or_forward = true;
  }
  base.text = text;
  return base;
}

}  // namespace imapd::search
