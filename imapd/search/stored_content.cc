#include "imapd/search/stored_content.h"

#include <algorithm>

namespace imapd::search {
namespace {

// Most headers fit, and one read of the store costs about the same up to here.
constexpr std::uint64_t kHeaderReadBytes = 16 * 1024;

}  // namespace

std::optional<std::size_t> header_size(std::string_view bytes) {
  if (bytes.starts_with("\n")) return 1;
  if (bytes.starts_with("\r\n")) return 2;
  for (std::size_t end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n', end + 1)) {
    const std::string_view rest = bytes.substr(end + 1);
    if (rest.starts_with("\n")) return end + 2;
    if (rest.starts_with("\r\n")) return end + 3;
  }
  return std::nullopt;
}

Result<std::string_view> StoredContent::header() {
  if (header_read_) return std::string_view(header_);
  if (bytes_) {
    header_ = bytes_->substr(0, header_size(*bytes_).value_or(bytes_->size()));
    header_read_ = true;
    return std::string_view(header_);
  }
  std::string read;
  while (read.size() < body_.size()) {
    TRY_ASSIGN(piece, snapshot_.body(body_, read.size(), std::max<std::uint64_t>(kHeaderReadBytes, read.size())));
    if (piece.empty()) break;
    read += piece;
    if (const auto size = header_size(read)) {
      read.resize(*size);
      break;
    }
  }
  header_ = std::move(read);
  header_read_ = true;
  return std::string_view(header_);
}

Result<std::string_view> StoredContent::bytes() {
  if (!bytes_) {
    TRY_ASSIGN(read, snapshot_.body(body_));
    bytes_ = std::move(read);
  }
  return std::string_view(*bytes_);
}

}  // namespace imapd::search
