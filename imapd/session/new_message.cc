#include "imapd/session/new_message.h"

#include <chrono>
#include <string_view>
#include <utility>

#include "imapd/base/limits.h"
#include "imapd/ext/annotate.h"
#include "imapd/ext/catenate.h"
#include "imapd/mime/encode_nuls.h"
#include "imapd/session/flag_rights.h"

namespace imapd::session {
namespace {

// The flags that the user may set, as RFC 4314, section 4 wants it: those without the right are left out. A claim that is
// left out would be taken for a claim, so it is refused instead.
Result<FlagSet> allowed_flags(const std::vector<Flag>& asked, auth::Rights rights) {
  const store::FlagKinds kinds = changeable_flags(rights);
  FlagSet flags;
  for (const Flag& flag : asked) {
    if (!flag.is_system() && equals_ignoring_case(flag.keyword(), "$Scheduled")) {
      return make_error(Code::kInvalidArgument, "$Scheduled is set by the server only");
    }
    if (!flag.is_system() && flag.keyword().size() > limits::kKeywordBytesMax) {
      return make_error(Code::kResourceExhausted, "A keyword is too long");
    }
    if (kinds.contain(flag)) {
      flags.add(flag);
    } else if (flag.is_system() && flag.system() == SystemFlag::kClaimed) {
      return make_error(Code::kPermissionDenied, "You do not have the right to claim");
    }
  }
  if (flags.keywords().size() > limits::kKeywordsPerMessageMax) {
    return make_error(Code::kResourceExhausted, "The message has too many keywords");
  }
  return flags;
}

store::InternalDate internal_date(const wire::DateTime& date) {
  return {std::chrono::time_point_cast<Millis>(date.time), static_cast<int>(date.zone.count())};
}

Reply too_big() { return no("The message is larger than APPENDLIMIT", wire::code::kTooBig); }

std::variant<store::NewMessage, Reply> make_message(wire::AppendMessage asked, auth::Rights rights, std::size_t bytes_max) {
  if (asked.text.empty()) return no("The message is empty", wire::code::kCannot);
  if (asked.text.size() > bytes_max) return too_big();
  auto flags = allowed_flags(asked.flags, rights);
  if (!flags) {
    const bool limit = flags.error().code == Code::kResourceExhausted;
    return limit ? no(flags.error().message, wire::code::kLimit) : refused(flags.error());
  }
  auto text = mime::encode_nuls(std::move(asked.text));
  if (!text && text.error().code == Code::kFailedPrecondition) return no(text.error().message, wire::code::kUnknownCte);
  if (!text) return refused(text.error());
  if (text->size() > bytes_max) return too_big();

  store::NewMessage message;
  message.body = std::move(*text);
  message.flags = std::move(*flags);
  if (asked.date) message.internal_date = internal_date(*asked.date);
  return message;
}

}  // namespace

Task<std::variant<store::NewMessage, Reply>> new_message(Session& session, wire::AppendMessage asked, auth::Rights rights,
                                                         std::size_t bytes_max) {
  using Made = std::variant<store::NewMessage, Reply>;
  if (!asked.annotations.empty()) co_return Made(ext::annotation_refusal(asked.annotations));
  if (!asked.catenate.empty()) {
    auto text = co_await catenate(session, std::move(asked.catenate), bytes_max);
    if (auto* refusal = std::get_if<Reply>(&text)) co_return Made(std::move(*refusal));
    asked.text = std::move(std::get<std::string>(text));
  }
  co_return make_message(std::move(asked), rights, bytes_max);
}

Reply not_appended(const Error& error) {
  if (error.code == Code::kNotFound) return no("There is no such mailbox", wire::code::kTryCreate);
  if (error.code == Code::kFailedPrecondition) return no(error.message, wire::code::kInUse);  // Paused: trying again at once cannot cure it.
  return refused(error);
}

}  // namespace imapd::session
