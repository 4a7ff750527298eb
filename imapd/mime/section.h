#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "imapd/mime/message_tree.h"

namespace imapd::mime {

// What stands between the brackets of BODY[...] (RFC 3501, section 6.4.5).
struct Section {
  enum class Kind { kAll, kHeader, kHeaderFields, kHeaderFieldsNot, kText, kMime };
  std::vector<std::uint32_t> part;
  Kind kind = Kind::kAll;
  std::vector<std::string> fields;  // For kHeaderFields and kHeaderFieldsNot.
};

// Bytes of the message itself, or, for picked header fields, bytes put together from it.
class SectionBytes {
 public:
  explicit SectionBytes(std::string_view borrowed) : borrowed_(borrowed) {}
  explicit SectionBytes(std::string owned) : owned_(std::move(owned)) {}
  // Valid while this object and the message live.
  std::string_view view() const { return owned_ ? std::string_view(*owned_) : borrowed_; }

 private:
  std::string_view borrowed_;
  std::optional<std::string> owned_;
};

// `bytes` are those that the tree was parsed from. nullopt when the message has no such part: NIL on the
// wire.
std::optional<SectionBytes> section(const MessageTree& tree, std::string_view bytes, const Section& wanted);

// BINARY[...] (RFC 3516): a part without its transfer encoding; a message or a multipart, which have none of their own, as they
// stand. What cannot be decoded in malformed base64 or quoted-printable is left out.
struct DecodedSection {
  enum class Outcome { kDecoded, kNoSuchPart, kUnknownEncoding };
  Outcome outcome = Outcome::kNoSuchPart;
  std::optional<SectionBytes> content;  // Of kDecoded.
};
DecodedSection decoded_section(const MessageTree& tree, std::string_view bytes, const std::vector<std::uint32_t>& part);

// The fields of `header` with one of these names (or with none of them), in their order, and the empty line
// that ends the header.
std::string header_fields(std::string_view header, const std::vector<std::string>& names);
std::string header_fields_not(std::string_view header, const std::vector<std::string>& names);

}  // namespace imapd::mime
