#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace imapd::mime {

// Where some bytes stand in the message that was parsed.
struct ByteRange {
  std::size_t begin = 0;
  std::size_t end = 0;  // Not included.
  std::size_t size() const { return end - begin; }
  std::string_view of(std::string_view bytes) const { return bytes.substr(begin, end - begin); }
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

// As it stands in the field, only unfolded and unquoted: pieces of RFC 2231 (`filename*0*`) stay pieces,
// which is what BODYSTRUCTURE shows.
struct Parameter {
  std::string name;
  std::string value;
};

struct Disposition {
  std::string kind;
  std::vector<Parameter> parameters;
};

// One entity of RFC 2045: the message itself, a part of a multipart, or the message inside a message/rfc822.
struct Part {
  enum class Kind { kLeaf, kMultipart, kMessage };

  Kind kind = Kind::kLeaf;
  ByteRange header;  // With the empty line that ends it, if there is one.
  ByteRange body;    // Without the line end that belongs to the next boundary.
  std::uint64_t body_lines = 0;

  // Spelt as in the message; TEXT, PLAIN and CHARSET=US-ASCII when absent or unreadable.
  std::string type;
  std::string subtype;
  std::vector<Parameter> parameters;
  std::string encoding;  // `7BIT` when absent.
  std::optional<std::string> id;
  std::optional<std::string> description;
  std::optional<std::string> md5;
  std::optional<Disposition> disposition;
  std::vector<std::string> languages;
  std::optional<std::string> location;

  // Indexes into MessageTree::parts. At least one for kMultipart; exactly one, the message inside, for
  // kMessage.
  std::vector<std::uint32_t> children;

  bool is_type(std::string_view type_name) const;  // Without regard to case.
  bool is_type(std::string_view type_name, std::string_view subtype_name) const;
  const std::string* parameter(std::string_view name) const;  // Null when absent.
};

struct MessageTree {
  std::vector<Part>
      parts;  // Never empty. The first is the message itself; a parent stands before its children.
  const Part& root() const { return parts.front(); }
  // The part that RFC 3501, section 6.4.5 calls by these numbers; null when there is none. No numbers: the
  // message itself.
  const Part* find(const std::vector<std::uint32_t>& numbers) const;
};

// The parts of an RFC 5322 message. Total: any bytes give a tree. Lines may end in CRLF or LF. Takes time
// linear in the size. Deeper than kMimeDepthMax, or beyond kMimePartsMax parts, what would have parts of its
// own is an application/octet-stream.
MessageTree parse_message(std::string_view bytes);

}  // namespace imapd::mime
