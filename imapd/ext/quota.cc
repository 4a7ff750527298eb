#include "imapd/ext/quota.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "imapd/session/mailbox_name.h"
#include "imapd/session/session.h"
#include "imapd/wire/utf7.h"

namespace imapd::ext {
namespace {

using auth::Right;
using session::Session;

constexpr std::string_view kUserRoot = "#user/";
constexpr std::string_view kQueueRoot = "#queue/";
constexpr std::uint64_t kUnit = 1024;
// In units; so large that its octets still fit.
constexpr std::uint64_t kLimitMax = UINT64_MAX / kUnit;

struct UserRoot {
  std::string user;
};
struct QueueRoot {
  store::MailboxInfo queue;
};
using Root = std::variant<UserRoot, QueueRoot>;

Error no_right() { return make_error(Code::kPermissionDenied, "You do not have the right to do this"); }
Error no_such_root() { return make_error(Code::kNotFound, "There is no such quota root"); }

bool is_server_administrator(const Session& session) { return session.rights(store::MailboxInfo()).has(Right::kAdminister); }

std::uint64_t in_units(std::uint64_t bytes) { return bytes / kUnit + (bytes % kUnit == 0 ? 0 : 1); }

std::string root_name(const Session&, const UserRoot& root) { return std::string(kUserRoot) + root.user; }
std::string root_name(const Session& session, const QueueRoot& root) {
  const std::string& queue = root.queue.path.name;
  return std::string(kQueueRoot) + (session.utf8() ? queue : wire::utf7_encode(queue).value_or(""));
}

// `QUOTA root (STORAGE usage limit ...)`: only what is limited is listed (RFC 9208, section 4.2.1).
class QuotaLine {
 public:
  explicit QuotaLine(std::string_view root) : text_("QUOTA ") {
    wire::append_string(text_, root);
    text_ += " (";
  }
  void add(std::string_view resource, std::uint64_t usage, std::uint64_t limit) {
    if (limit == 0) return;
    if (!std::exchange(empty_, false)) text_ += ' ';
    text_ += std::string(resource) + ' ' + std::to_string(usage) + ' ' + std::to_string(limit);
  }
  std::string line() && { return std::move(text_) + ')'; }

 private:
  std::string text_;
  bool empty_ = true;
};

Result<std::string> quota_line(Session& session, const UserRoot& root) {
  TRY_ASSIGN(quota, session.store().user_quota(root.user));
  std::uint64_t mailboxes = 0;
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
  for (const store::MailboxInfo& mailbox : session.store().mailboxes()) {
    if (mailbox.path.owner != root.user) continue;
    mailboxes += mailbox.selectable ? 1 : 0;
    messages += mailbox.counters.messages;
    bytes += mailbox.counters.size_bytes;
  }
  QuotaLine line(root_name(session, root));
  line.add("STORAGE", in_units(bytes), in_units(quota.bytes_max));
  line.add("MESSAGE", messages, quota.messages_max);
  line.add("MAILBOX", mailboxes, quota.mailboxes_max);
  return std::move(line).line();
}

Result<std::string> quota_line(Session& session, const QueueRoot& root) {
  const store::Policy& policy = root.queue.policy;
  QuotaLine line(root_name(session, root));
  line.add("STORAGE", in_units(root.queue.counters.size_bytes), in_units(policy.bytes_max));
  line.add("MESSAGE", root.queue.counters.messages, policy.messages_max);
  return std::move(line).line();
}

bool user_exists(Session& session, const std::string& user) {
  if (session.store().find_mailbox({user, "INBOX"})) return true;
  const auto found = session.store().user(user);
  return found && found->has_value();
}

// What others use is their own affair: only the user and administrators see a personal root.
Result<Root> find_root(Session& session, std::string_view name) {
  if (name.starts_with(kUserRoot)) {
    std::string user(name.substr(kUserRoot.size()));
    if (user != session.user() && !is_server_administrator(session)) return no_right();
    if (user != session.user() && !user_exists(session, user)) return no_such_root();
    return Root(UserRoot{std::move(user)});
  }
  if (!name.starts_with(kQueueRoot)) return no_such_root();
  const std::string_view named = name.substr(kQueueRoot.size());
  const auto queue_name = session.utf8() ? std::optional<std::string>(named) : wire::utf7_decode(named);
  const auto queue = queue_name ? session.store().find_mailbox({std::string(), *queue_name}) : std::nullopt;
  if (!queue || !queue->selectable || !session.rights(*queue).has(Right::kLookup)) return no_such_root();
  // Section 6: it reveals how many messages there are.
  if (!session.rights(*queue).has(Right::kRead)) return no_right();
  return Root(QueueRoot{*queue});
}

Result<std::string> quota_line(Session& session, const Root& root) {
  return std::visit([&session](const auto& which) { return quota_line(session, which); }, root);
}

// The root of a mailbox, which needs not exist (section 4.1.2). nullopt: it has none.
Result<std::optional<Root>> root_of(Session& session, const std::string& mailbox) {
  const store::MailboxPath path = session::path_of(mailbox, session.user());
  if (!path.owner.empty()) return std::optional<Root>(UserRoot{path.owner});
  const auto queue = session.find(mailbox);
  if (!queue || !queue->selectable) return std::optional<Root>();
  if (!session.rights(*queue).has(Right::kRead)) return no_right();
  return std::optional<Root>(QueueRoot{*queue});
}

struct Limits {
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
  std::uint64_t mailboxes = 0;
};

Result<Limits> limits_of(const wire::SetQuota& command) {
  Limits limits;
  for (const auto& [resource, limit] : command.limits) {
    if (limit == 0 || limit > kLimitMax) return make_error(Code::kInvalidArgument, "A limit is 1 or more");
    if (resource == "MESSAGE") {
      limits.messages = limit;
    } else if (resource == "STORAGE") {
      limits.bytes = limit * kUnit;
    } else if (resource == "MAILBOX") {
      limits.mailboxes = limit;
    } else {
      return make_error(Code::kInvalidArgument, "There is no such resource");
    }
  }
  return limits;
}

Task<Result<void>> set(Session& session, UserRoot root, Limits limits) {
  if (!is_server_administrator(session)) co_return no_right();
  store::SetUserQuota request;
  request.user = root.user;
  request.quota = {limits.messages, limits.bytes, limits.mailboxes};
  co_return co_await async(session.store(), &store::Store::set_user_quota, std::move(request));
}

Task<Result<void>> set(Session& session, QueueRoot root, Limits limits) {
  if (!session.rights(root.queue).has(Right::kAdminister)) co_return no_right();
  if (limits.mailboxes != 0) co_return make_error(Code::kInvalidArgument, "A queue is one mailbox");
  store::UpdateMailbox request;
  request.mailbox = root.queue.id;
  request.policy = root.queue.policy;
  request.policy->messages_max = limits.messages;
  request.policy->bytes_max = limits.bytes;
  request.policy_before = root.queue.policy;
  const auto done = co_await async(session.store(), &store::Store::update_mailbox, std::move(request));
  if (!done) co_return done.error();
  co_return Result<void>();
}

}  // namespace
}  // namespace imapd::ext

namespace imapd::session {

Task<Reply> run(Session& session, wire::GetQuota command) {
  const auto root = ext::find_root(session, command.root);
  if (!root) co_return refused(root.error());
  const auto line = ext::quota_line(session, *root);
  if (!line) co_return refused(line.error());
  session.out().line(*line);
  co_return ok("GETQUOTA done");
}

Task<Reply> run(Session& session, wire::GetQuotaRoot command) {
  const auto root = ext::root_of(session, command.mailbox);
  if (!root) co_return refused(root.error());
  std::string roots = "QUOTAROOT ";
  wire::append_mailbox(roots, command.mailbox, session.out().mailbox_names());
  if (*root) {
    roots += ' ';
    wire::append_string(roots, std::visit([&session](const auto& which) { return ext::root_name(session, which); }, **root));
  }
  session.out().line(roots);
  if (*root) {
    const auto line = ext::quota_line(session, **root);
    if (!line) co_return refused(line.error());
    session.out().line(*line);
  }
  co_return ok("GETQUOTAROOT done");
}

Task<Reply> run(Session& session, wire::SetQuota command) {
  auto root = ext::find_root(session, command.root);
  if (!root) co_return refused(root.error());
  const auto limits = ext::limits_of(command);
  if (!limits) co_return refused(limits.error());
  auto setting = std::visit([&](auto& which) { return ext::set(session, which, *limits); }, *root);
  const auto done = co_await std::move(setting);
  if (!done) co_return refused(done.error());
  // As it is now: the limits of STORAGE are kept in octets, those of a queue may be another client's by now.
  const auto now = ext::find_root(session, command.root);
  if (now) {
    if (const auto line = ext::quota_line(session, *now)) session.out().line(*line);
  }
  co_return ok("SETQUOTA done");
}

}  // namespace imapd::session
