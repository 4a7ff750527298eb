#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "imapd/mime/text.h"
#include "imapd/search/search_key.h"
#include "imapd/store/message.h"

// What a message is annotated with (RFC 5257): its claim, for clients to read. All of it is shared and nothing can be set.
namespace imapd::search {

// Those that a message can have, in the order in which they are shown.
inline constexpr std::array<std::string_view, 5> kAnnotationEntries = {
    "/vendor/claimq/holder",      // `<holder> (<user>)`; `schedule` for a delay or a back-off.
    "/vendor/claimq/token",       // The mod-sequence of the claim.
    "/vendor/claimq/deadline",    // Of the lease or the delay: RFC 3339, UTC.
    "/vendor/claimq/deliveries",  // Both always there.
    "/vendor/claimq/failures",
};

// nullopt: NIL; the entry is not there. The token is there only for the claim's own holder and for administrators: who has the
// token and shares the user with the holder could settle over gRPC what another of his workers holds.
std::optional<std::string> annotation_value(const store::MessageState& message, std::string_view entry, const store::Actor& asker);

bool annotation_entry_matches(std::string_view pattern, std::string_view entry);

// SEARCH ANNOTATION, made ready.
class AnnotationTest {
 public:
  explicit AnnotationTest(const SearchAnnotation& key);
  bool holds(const store::MessageState& message, const store::Actor& asker) const;

 private:
  std::string entry_;
  bool of_shared_;  // Else of private values, of which there are none.
  std::optional<mime::Needle> needle_;  // nullopt: NIL.
};

}  // namespace imapd::search
