#pragma once

#include <optional>
#include <string>

#include "imapd/search/match.h"
#include "imapd/store/snapshot.h"

namespace imapd::search {

// A message of a snapshot. Reads what is asked for, once; a header without its body, so that a search for a subject does not
// read attachments. Reads block on the disk.
class StoredContent final : public Content {
 public:
  // Both outlive it.
  StoredContent(const store::Snapshot& snapshot, const store::BodyRef& body) : snapshot_(snapshot), body_(body) {}
  Result<std::string_view> header() override;
  Result<std::string_view> bytes() override;

 private:
  const store::Snapshot& snapshot_;
  const store::BodyRef& body_;
  std::string header_;
  bool header_read_ = false;
  std::optional<std::string> bytes_;
};

// The length of the header with the empty line that ends it; nullopt when `bytes` does not hold its end. Lines may end in CRLF
// or LF.
std::optional<std::size_t> header_size(std::string_view bytes);

}  // namespace imapd::search
