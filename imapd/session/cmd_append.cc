#include <algorithm>
#include <utility>

#include "imapd/base/limits.h"
#include "imapd/session/commands.h"

// APPEND (RFC 3501, section 6.3.11; RFC 4315: APPENDUID; RFC 7889: APPENDLIMIT).
namespace imapd::session {
namespace {

using auth::Right;

// The flags that the user may set, as RFC 4314, section 4 wants it: those without the right are left out. A claim that is
// left out would be taken for a claim, so it is refused instead.
Result<FlagSet> allowed_flags(const std::vector<Flag>& asked, auth::Rights rights) {
  FlagSet flags;
  for (const Flag& flag : asked) {
    if (!flag.is_system() && equals_ignoring_case(flag.keyword(), "$Scheduled")) {
      return make_error(Code::kInvalidArgument, "$Scheduled is set by the server only");
    }
    if (!flag.is_system() && flag.keyword().size() > limits::kKeywordBytesMax) {
      return make_error(Code::kResourceExhausted, "A keyword is too long");
    }
    Right needed = Right::kWrite;
    if (flag.is_system() && flag.system() == SystemFlag::kSeen) needed = Right::kSeen;
    if (flag.is_system() && flag.system() == SystemFlag::kDeleted) needed = Right::kDeleteMessages;
    if (rights.has(needed)) {
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

}  // namespace

Task<Reply> run(Session& session, wire::Append command) {
  const auto mailbox = session.find(command.mailbox);
  if (!mailbox || !mailbox->selectable) co_return no("There is no such mailbox", wire::code::kTryCreate);
  const auth::Rights rights = session.rights(*mailbox);
  if (!rights.has(Right::kInsert)) co_return no("You may not put messages here", wire::code::kNoPerm);
  if (command.message.size() > session.services().options.message_bytes_max) {
    co_return no("The message is larger than APPENDLIMIT", wire::code::kTooBig);
  }
  if (command.message.empty()) co_return no("The message is empty", wire::code::kCannot);
  // RFC 3501, section 9: a literal is of CHAR8, which has no NUL; it would come back in FETCH.
  if (command.message.find('\0') != std::string::npos) co_return no("The message holds a NUL", wire::code::kCannot);
  auto flags = allowed_flags(command.flags, rights);
  if (!flags) {
    const bool limit = flags.error().code == Code::kResourceExhausted;
    co_return limit ? no(flags.error().message, wire::code::kLimit) : refused(flags.error());
  }

  store::NewMessage message;
  message.body = std::move(command.message);
  message.flags = std::move(*flags);
  if (command.date) message.internal_date = internal_date(*command.date);
  store::Append request;
  request.mailbox = mailbox->id;
  request.messages.push_back(std::move(message));
  request.actor = session.actor(*mailbox);
  const auto appended = co_await async(session.store(), &store::Store::append, std::move(request));
  if (!appended && appended.error().code == Code::kNotFound) {
    co_return no("There is no such mailbox", wire::code::kTryCreate);
  }
  if (!appended && appended.error().code == Code::kFailedPrecondition) {
    co_return no(appended.error().message, wire::code::kInUse);  // Paused: trying again at once cannot cure it.
  }
  if (!appended) co_return refused(appended.error());
  co_return ok("APPEND done", wire::code::append_uid(appended->uid_validity, appended->uids.front()));
}

}  // namespace imapd::session
