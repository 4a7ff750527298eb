#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "imapd/base/error.h"
#include "imapd/base/limits.h"
#include "imapd/store/message.h"
#include "imapd/store/snapshot.h"
#include "imapd/wire/command.h"
#include "imapd/wire/response.h"

// The data items of one message, made ready for a FETCH response: everything that can fail is read before the first byte of the
// response is written.
namespace imapd::session {

// What a FETCH asks for, sorted out once per command.
struct FetchNeeds {
  enum class Content { kNone, kHeader, kWhole };

  explicit FetchNeeds(const std::vector<wire::FetchItem>& items);

  Content content = Content::kNone;  // What must be read to form the items; plain BODY[] is streamed and needs none of it.
  bool sets_seen = false;
  bool flags = false;
  bool mod_seq = false;
  bool uid = false;
};

// Octets [begin, begin + size) of the message as stored.
struct StoredOctets {
  std::uint64_t begin = 0;
  std::uint64_t size = 0;
};

struct FormedSection {
  const wire::FetchSection* section;  // Of the command, which outlives this.
  // Put together from the message, or a piece of it as it stands. nullopt: the message has no such part (NIL).
  std::optional<std::variant<std::string, StoredOctets>> content;
  wire::FetchWriter::Literal literal = wire::FetchWriter::Literal::kPlain;
};
// ENVELOPE, BODY, BODYSTRUCTURE with their parentheses; BINARY.SIZE[...], PREVIEW.
struct FormedStructure {
  std::string name;
  std::string value;
};
using FormedItem = std::variant<FormedSection, FormedStructure>;

// The items that need content, in the order asked for. Sections are octet ranges where they can be, so that nothing of the
// message stays in memory while a slow client takes it. Blocks on the disk. kResourceExhausted: they come to more than
// `formed_bytes_max`. kFailedPrecondition: BINARY of a part whose transfer encoding is unknown.
Result<std::vector<FormedItem>> form_content(const store::Snapshot& snapshot, const store::MessageState& message,
                                             const std::vector<wire::FetchItem>& items, const FetchNeeds& needs,
                                             std::size_t formed_bytes_max = limits::kFormedBytesMax);

}  // namespace imapd::session
