#include "imapd/mime/text.h"

#include <algorithm>
#include <cstring>

#include "imapd/mime/bytes.h"
#include "imapd/mime/gmime.h"
#include "imapd/mime/header_reader.h"

namespace imapd::mime {
namespace {

// memmem() is linear whatever the needle is; std::string::find is not.
bool holds(std::string_view text, std::string_view needle) {
  return memmem(text.data(), text.size(), needle.data(), needle.size()) != nullptr;
}

bool ends_with_name(std::string_view text, std::string_view suffix) {
  return text.size() >= suffix.size() && same_name(text.substr(text.size() - suffix.size()), suffix);
}

// Bodies of queues are JSON more often than text/*; without a type they may still be text, which
// is_text_like() finds out.
bool is_text_type(const Part& part) {
  if (part.is_type("text")) return true;
  if (!part.is_type("application")) return false;
  return same_name(part.subtype, "json") || same_name(part.subtype, "xml") ||
         same_name(part.subtype, "x-www-form-urlencoded") || ends_with_name(part.subtype, "+json") ||
         ends_with_name(part.subtype, "+xml");
}

bool is_text_like(std::string_view body) {
  return body.find('\0') == std::string_view::npos && is_utf8(body);
}

bool header_text_contains(std::string_view header, const Needle& needle) {
  HeaderReader reader(header);
  while (const auto field = reader.next()) {
    std::string line(field->name);
    line.append(": ").append(decode_header(unfold(field->value)));
    if (needle.is_in(line)) return true;
  }
  return false;
}

bool part_contains(const Part& part, std::string_view bytes, const Needle& needle) {
  if (is_text_type(part)) return needle.is_in(decode_text(part, bytes));
  if (!part.is_type("application", "octet-stream")) return false;
  const std::string body = decode_body(part, bytes);
  return is_text_like(body) && needle.is_in(body);
}

}  // namespace

std::optional<std::string> header_field(std::string_view header, std::string_view name) {
  HeaderReader reader(header);
  while (const auto field = reader.next()) {
    if (same_name(field->name, name)) return unfold(field->value);
  }
  return std::nullopt;
}

std::vector<std::string> header_values(std::string_view header, std::string_view name) {
  std::vector<std::string> values;
  HeaderReader reader(header);
  while (const auto field = reader.next()) {
    if (same_name(field->name, name)) values.push_back(unfold(field->value));
  }
  return values;
}

std::string decode_header(std::string_view raw) {
  if (!holds(raw, "=?") && raw.find('\0') == std::string_view::npos && is_utf8(raw)) return std::string(raw);
  std::string text(raw);
  std::replace(text.begin(), text.end(), '\0', ' ');
  return decode_encoded_words(text);
}

Needle::Needle(std::string_view utf8) : folded_(fold_case(utf8)) {}

bool Needle::is_in(std::string_view utf8) const { return folded_.empty() || holds(fold_case(utf8), folded_); }

std::string fold_case(std::string_view utf8) {
  if (is_ascii(utf8)) {
    std::string upper(utf8);
    for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
    return upper;
  }
  std::string text = to_utf8(utf8, "utf-8");
  std::replace(text.begin(), text.end(), '\0', ' ');  // Glib's strings end at NUL.
  return fold_utf8(text);
}

bool header_contains(std::string_view header, std::string_view name, const Needle& needle) {
  HeaderReader reader(header);
  while (const auto field = reader.next()) {
    if (same_name(field->name, name) && needle.is_in(decode_header(unfold(field->value)))) return true;
  }
  return false;
}

bool body_contains(const MessageTree& tree, std::string_view bytes, const Needle& needle) {
  return std::any_of(tree.parts.begin(), tree.parts.end(), [&](const Part& part) {
    if (part.kind == Part::Kind::kLeaf) return part_contains(part, bytes, needle);
    if (part.kind == Part::Kind::kMultipart) return false;
    return header_text_contains(tree.parts[part.children.front()].header.of(bytes), needle);
  });
}

bool text_contains(const MessageTree& tree, std::string_view bytes, const Needle& needle) {
  return header_text_contains(tree.root().header.of(bytes), needle) || body_contains(tree, bytes, needle);
}

std::string decode_body(const Part& part, std::string_view bytes) {
  return decode_transfer(part.body.of(bytes), part.encoding);
}

std::string decode_text(const Part& part, std::string_view bytes) {
  const std::string* charset = part.parameter("charset");
  return to_utf8(decode_body(part, bytes),
                 charset == nullptr ? std::string_view() : std::string_view(*charset));
}

std::optional<SentDate> sent_date(std::string_view header) {
  const auto value = header_field(header, "date");
  return value ? parse_date(*value) : std::nullopt;
}

}  // namespace imapd::mime
