#include "imapd/mime/preview.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "imapd/mime/bytes.h"
#include "imapd/mime/gmime.h"

namespace imapd::mime {
namespace {

constexpr std::size_t kCharactersMax = 200;
// Of a part as sent; styles at the head of a newsletter fit in, and base64 and quoted-printable may be cut anywhere.
constexpr std::size_t kEncodedBytesMax = 256 * 1024;
constexpr char kReplacement[] = "\xef\xbf\xbd";

void append_utf8(std::string& to, char32_t character) {
  const auto add = [&to](char32_t byte) { to.push_back(static_cast<char>(byte)); };
  if (character < 0x80) {
    add(character);
  } else if (character < 0x800) {
    add(0xc0 | (character >> 6));
    add(0x80 | (character & 0x3f));
  } else if (character < 0x10000) {
    add(0xe0 | (character >> 12));
    add(0x80 | ((character >> 6) & 0x3f));
    add(0x80 | (character & 0x3f));
  } else {
    add(0xf0 | (character >> 18));
    add(0x80 | ((character >> 12) & 0x3f));
    add(0x80 | ((character >> 6) & 0x3f));
    add(0x80 | (character & 0x3f));
  }
}

// `name` is what stands between `&` and `;`. False: not one that is known.
bool append_reference(std::string& to, std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kNamed = {{{"amp", "&"},
                                                                                     {"lt", "<"},
                                                                                     {"gt", ">"},
                                                                                     {"quot", "\""},
                                                                                     {"apos", "'"},
                                                                                     {"nbsp", " "},
                                                                                     {"ndash", "\xe2\x80\x93"},
                                                                                     {"mdash", "\xe2\x80\x94"},
                                                                                     {"lsquo", "\xe2\x80\x98"},
                                                                                     {"rsquo", "\xe2\x80\x99"},
                                                                                     {"ldquo", "\xe2\x80\x9c"},
                                                                                     {"rdquo", "\xe2\x80\x9d"},
                                                                                     {"hellip", "\xe2\x80\xa6"},
                                                                                     {"zwnj", ""}}};
  for (const auto& [known, text] : kNamed) {
    if (name == known) {
      to.append(text);
      return true;
    }
  }
  if (!name.starts_with('#')) return false;
  const bool hex = name.size() > 1 && lower(name[1]) == 'x';
  const std::string_view digits = name.substr(hex ? 2 : 1);
  std::uint32_t number = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number, hex ? 16 : 10);
  if (read.ec != std::errc() || read.ptr != digits.data() + digits.size()) return false;
  const bool character = number != 0 && number <= 0x10ffff && !(number >= 0xd800 && number <= 0xdfff);
  if (character) {
    append_utf8(to, number);
  } else {
    to.append(kReplacement);
  }
  return true;
}

// From `html`, which begins with `&`: takes the reference, or the `&` alone.
void take_reference(std::string& to, std::string_view& html) {
  constexpr std::size_t kReferenceBytesMax = 12;
  const std::size_t end = html.substr(0, kReferenceBytesMax).find(';');
  if (end != html.npos && append_reference(to, html.substr(1, end - 1))) {
    html.remove_prefix(end + 1);
    return;
  }
  to.push_back('&');
  html.remove_prefix(1);
}

std::size_t after(std::string_view text, std::string_view end) {
  const std::size_t at = text.find(end);
  return at == text.npos ? text.size() : at + end.size();
}

// The start of `</name`; the end of `html` when there is none.
std::size_t find_end_tag(std::string_view html, std::string_view name) {
  for (std::size_t at = html.find("</"); at != html.npos; at = html.find("</", at + 2)) {
    if (starts_with_name(html.substr(at + 2), name)) return at;
  }
  return html.size();
}

// From `html`, which begins with `<`: takes a tag, with its content where that is no text.
void take_tag(std::string& to, std::string_view& html) {
  if (html.starts_with("<!--")) {
    html.remove_prefix(4);
    html.remove_prefix(after(html, "-->"));
    return;
  }
  const std::string_view inner = html.substr(1);
  const bool is_tag = !inner.empty() && ((lower(inner[0]) >= 'a' && lower(inner[0]) <= 'z') || inner[0] == '/' || inner[0] == '!' || inner[0] == '?');
  if (!is_tag) {
    to.push_back('<');
    html.remove_prefix(1);
    return;
  }
  const auto name_end = std::find_if_not(inner.begin(), inner.end(), [](char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '/';
  });
  const std::string name = to_lower(inner.substr(0, static_cast<std::size_t>(name_end - inner.begin())));
  html.remove_prefix(after(html, ">"));
  if (name == "style" || name == "script" || name == "title") html.remove_prefix(find_end_tag(html, name));
  // Tags within a word do not break it; all others stand between words.
  constexpr std::array<std::string_view, 7> kInline = {"b", "i", "u", "em", "strong", "span", "a"};
  const std::string_view bare = name.starts_with('/') ? std::string_view(name).substr(1) : std::string_view(name);
  if (std::find(kInline.begin(), kInline.end(), bare) == kInline.end()) to.push_back(' ');
}

// Valid UTF-8 with its spaces and controls made one space each run, cut after so many characters.
std::string shorten(std::string_view utf8) {
  std::string result;
  std::size_t characters = 0;
  bool space = false;
  for (std::size_t at = 0; at < utf8.size();) {
    std::size_t end = at + 1;
    while (end < utf8.size() && (static_cast<unsigned char>(utf8[end]) & 0xc0) == 0x80) ++end;
    const std::string_view character = utf8.substr(at, end - at);
    at = end;
    const auto first = static_cast<unsigned char>(character[0]);
    const bool control = first <= 0x20 || first == 0x7f || (first == 0xc2 && static_cast<unsigned char>(character[1]) <= 0xa0);
    if (control) {
      space = !result.empty();
      continue;
    }
    if (character == "\xe2\x80\x8b" || character == "\xe2\x80\x8c" || character == "\xcd\x8f" || character == "\xef\xbb\xbf") continue;
    if (characters + (space ? 2 : 1) > kCharactersMax) break;
    if (space) result.push_back(' ');
    characters += space ? 2 : 1;
    space = false;
    result.append(character);
  }
  return result;
}

std::string text_of(const Part& part, std::string_view bytes) {
  const std::string* charset = part.parameter("charset");
  const std::string body = decode_transfer(part.body.of(bytes).substr(0, kEncodedBytesMax), part.encoding);
  const std::string text = to_utf8(body, charset == nullptr ? std::string_view() : std::string_view(*charset));
  return shorten(part.is_type("text", "html") ? strip_html(text) : text);
}

bool is_shown(const Part& part) {
  if (part.kind != Part::Kind::kLeaf) return false;
  if (part.disposition && same_name(part.disposition->kind, "attachment")) return false;
  return part.is_type("text") || part.is_type("application", "json");
}

}  // namespace

std::string strip_html(std::string_view html) {
  std::string text;
  while (!html.empty()) {
    const std::size_t plain = std::min(html.find_first_of("<&"), html.size());
    text.append(html.substr(0, plain));
    html.remove_prefix(plain);
    if (html.starts_with('<')) take_tag(text, html);
    if (html.starts_with('&')) take_reference(text, html);
  }
  return text;
}

std::string preview(const MessageTree& tree, std::string_view bytes) {
  for (const Part& part : tree.parts) {
    if (!is_shown(part)) continue;
    std::string text = text_of(part, bytes);
    if (!text.empty()) return text;
  }
  return {};
}

}  // namespace imapd::mime
