#include "imapd/ext/catenate.h"

#include <algorithm>
#include <list>
#include <optional>
#include <utility>

#include "imapd/base/limits.h"
#include "imapd/session/message_data.h"
#include "imapd/wire/imap_url.h"

// CATENATE (RFC 4469): APPEND and REPLACE of messages that are made, wholly or in part, of what the server has already.
namespace imapd::session {
namespace {

constexpr std::size_t kShownUrlBytesMax = 1024;

// A message that URLs name, with what of it they name.
struct Source {
  MailboxId mailbox;
  store::MessageState message;
  std::vector<wire::FetchItem> items;  // Each a wire::FetchSection.
  std::vector<std::size_t> places;     // Of the items among the parts.
};
// What stands for a part.
struct Piece {
  const store::MessageState* message = nullptr;  // Of octets.
  std::variant<std::string, StoredOctets> content;
  std::uint64_t size() const {
    const auto* octets = std::get_if<StoredOctets>(&content);
    return octets != nullptr ? octets->size : std::get<std::string>(content).size();
  }
};

// url-resp-text: TEXT-CHAR without "]" (RFC 4469, section 5).
Reply bad_url(std::string_view url) {
  std::string code = "BADURL ";
  for (const char c : url.substr(0, kShownUrlBytesMax)) code += c > ' ' && c < 0x7f && c != ']' ? c : '?';
  return no("This URL names nothing that could be appended", code);
}

// nullopt: there is no such message for this user.
std::optional<Source> find_source(Session& session, const store::Snapshot& snapshot, const wire::MessageLocation& location) {
  if (!location.mailbox && !session.selected()) return std::nullopt;
  const auto mailbox = location.mailbox ? session.find(*location.mailbox, auth::Right::kRead) : session.selected_mailbox();
  if (!mailbox || !session.rights(*mailbox).has(auth::Right::kRead)) return std::nullopt;
  if (location.uid_validity && *location.uid_validity != mailbox->uid_validity) return std::nullopt;
  auto message = snapshot.message(mailbox->id, location.uid);
  if (!message || !*message) return std::nullopt;
  return Source{mailbox->id, std::move(**message), {}, {}};
}

class Catenation {
 public:
  Catenation(Session& session, std::vector<wire::MessagePart> parts, std::size_t bytes_max)
      : session_(session), snapshot_(session.store().snapshot()), parts_(std::move(parts)), pieces_(parts_.size()), bytes_max_(bytes_max) {}

  // Each of these: the answer, if there is one already.
  std::optional<Reply> find_sources() {
    for (std::size_t place = 0; place < parts_.size(); ++place) {
      if (auto* text = std::get_if<std::string>(&parts_[place])) {
        pieces_[place].content = std::move(*text);
        continue;
      }
      const std::string& url = std::get<wire::MessageUrl>(parts_[place]).url;
      const auto location = wire::parse_message_url(url);
      if (!location) return bad_url(url);
      auto found = find_source(session_, snapshot_, *location);
      if (!found) return bad_url(url);
      wire::FetchSection item;
      item.section = location->section;
      item.partial = location->partial;
      Source& source = source_like(std::move(*found));
      source.items.emplace_back(std::move(item));
      source.places.push_back(place);
    }
    return std::nullopt;
  }

  std::optional<Reply> read(Source& source) {
    const FetchNeeds needs(source.items);
    if (needs.content == FetchNeeds::Content::kWhole) {
      parsed_bytes_ += source.message.size();
      if (parsed_bytes_ > limits::kCatenateParsedMessagesMax * session_.services().options.message_bytes_max) return no("Too many large messages are named", wire::code::kLimit);
    }
    auto formed = form_content(snapshot_, source.message, source.items, needs, bytes_max_ - formed_bytes_);
    if (!formed && formed.error().code == Code::kResourceExhausted) return too_big();
    if (!formed) return refused(formed.error());
    for (std::size_t i = 0; i < formed->size(); ++i) {
      auto& section = std::get<FormedSection>((*formed)[i]);
      if (section.content) {
        Piece& piece = pieces_[source.places[i]] = Piece{&source.message, std::move(*section.content)};
        if (const auto* own = std::get_if<std::string>(&piece.content)) formed_bytes_ += own->size();
      } else {
        first_bad_ = std::min(first_bad_, source.places[i]);
      }
    }
    if (formed_bytes_ > bytes_max_) return too_big();
    return hold(formed_bytes_);
  }

  std::variant<std::string, Reply> put_together() {
    if (first_bad_ < parts_.size()) return bad_url(std::get<wire::MessageUrl>(parts_[first_bad_]).url);
    std::uint64_t size = 0;
    for (const Piece& piece : pieces_) {
      size += piece.size();
      if (size > bytes_max_) return too_big();
    }
    if (auto refusal = hold(size)) return std::move(*refusal);
    std::string text;
    text.reserve(static_cast<std::size_t>(size));
    for (Piece& piece : pieces_) {
      if (auto* own = std::get_if<std::string>(&piece.content)) {
        text += std::exchange(*own, std::string());
        continue;
      }
      const StoredOctets octets = std::get<StoredOctets>(piece.content);
      if (octets.size == 0) continue;
      const auto read = snapshot_.body(piece.message->body, octets.begin, octets.size);
      if (!read) return refused(read.error());
      if (read->size() != octets.size) return no("A message is shorter than it should be", wire::code::kCorruption);
      text += *read;
    }
    return text;
  }

  std::list<Source>& sources() { return sources_; }

 private:
  // Room for so much of this message, beside what the command has made before.
  std::optional<Reply> hold(std::uint64_t size) {
    const std::size_t made_before = session_.services().options.message_bytes_max - bytes_max_;
    if (session_.connection().hold_for_command(made_before + static_cast<std::size_t>(size))) return std::nullopt;
    return no("Too many large messages are being received, try again later", wire::code::kLimit);
  }
  static Reply too_big() { return no("The message would be larger than APPENDLIMIT", wire::code::kTooBig); }

  // One message is read once, whatever is wanted of it.
  Source& source_like(Source found) {
    const auto same = [&found](const Source& source) {
      return source.mailbox == found.mailbox && source.message.serial == found.message.serial;
    };
    const auto at = std::find_if(sources_.begin(), sources_.end(), same);
    return at != sources_.end() ? *at : sources_.emplace_back(std::move(found));
  }

  Session& session_;
  const store::Snapshot snapshot_;
  std::vector<wire::MessagePart> parts_;
  std::vector<Piece> pieces_;     // Of parts_.
  const std::size_t bytes_max_;
  std::list<Source> sources_;     // Stay where they are: pieces_ and what is formed of them refer to them.
  std::uint64_t parsed_bytes_ = 0;
  std::size_t formed_bytes_ = 0;  // Of pieces_ that are in memory.
  std::size_t first_bad_ = SIZE_MAX;
};

}  // namespace

Task<std::variant<std::string, Reply>> catenate(Session& session, std::vector<wire::MessagePart> parts, std::size_t bytes_max) {
  using Outcome = std::variant<std::string, Reply>;
  Catenation catenation(session, std::move(parts), bytes_max);
  if (auto answer = catenation.find_sources()) co_return Outcome(std::move(*answer));
  for (Source& source : catenation.sources()) {
    if (auto answer = catenation.read(source)) co_return Outcome(std::move(*answer));
    co_await session.connection().let_others_run();
  }
  co_return catenation.put_together();
}

}  // namespace imapd::session
