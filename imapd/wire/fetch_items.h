#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "imapd/wire/annotation.h"

namespace imapd::wire {

// RFC 3501, section 9, section-spec: which part of a message, and what of it.
struct SectionSpec {
  enum class Kind { kWhole, kHeader, kHeaderFields, kHeaderFieldsNot, kText, kMime };
  std::vector<std::uint32_t> part;  // `1.2` is {1, 2}; empty for the message itself. Never holds 0.
  Kind kind = Kind::kWhole;
  std::vector<std::string> fields;  // Of the two kinds with FIELDS, as sent, at least one.
  friend bool operator==(const SectionSpec&, const SectionSpec&) = default;
};

// `<offset.count>`: at most `count` octets from `offset` on. count is never 0.
struct Partial {
  std::uint64_t offset;
  std::uint64_t count;
  friend bool operator==(const Partial&, const Partial&) = default;
};

// The items without arguments. kBody is BODY without a section: BODYSTRUCTURE without extension data.
enum class FetchAttribute { kEnvelope, kFlags, kInternalDate, kUid, kBody, kBodyStructure, kRfc822Size, kModSeq,
                            kEmailId, kThreadId, kSaveDate, kPreview };

// Content: BODY[...], or one of its older names, which must come back under the name that was asked for. BINARY and BINARY.SIZE
// (RFC 3516) name a part without a text of it; the latter is a number.
struct FetchSection {
  enum class Name { kBody, kRfc822, kRfc822Header, kRfc822Text, kBinary, kBinarySize };
  Name name = Name::kBody;
  SectionSpec section;  // Filled in for the older names too.
  bool peek = false;    // false: fetching sets \Seen. True for BODY.PEEK, RFC822.HEADER, BINARY.PEEK and BINARY.SIZE.
  std::optional<Partial> partial;
  friend bool operator==(const FetchSection&, const FetchSection&) = default;
};

using FetchItem = std::variant<FetchAttribute, FetchSection, FetchAnnotation>;

}  // namespace imapd::wire
