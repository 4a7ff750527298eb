#include "imapd/wire/grammar_quota.h"

#include <algorithm>

#include "imapd/wire/grammar_atoms.h"
#include "imapd/wire/grammar_mailbox.h"

namespace imapd::wire {
namespace {

// Four are known; a list can name each once.
constexpr std::size_t kResourcesMax = 16;

}  // namespace

// getquota = "GETQUOTA" SP quota-root-name; quota-root-name = astring
Result<GetQuota> parse_get_quota(Cursor& cursor) {
  TRY_ASSIGN(root, parse_astring(cursor, "quota root"));
  return GetQuota{.root = std::move(root)};
}

// getquotaroot = "GETQUOTAROOT" SP mailbox
Result<GetQuotaRoot> parse_get_quota_root(Cursor& cursor) {
  TRY_ASSIGN(mailbox, parse_mailbox(cursor));
  return GetQuotaRoot{.mailbox = std::move(mailbox)};
}

// setquota = "SETQUOTA" SP quota-root-name SP setquota-list
// setquota-list = "(" [setquota-resource *(SP setquota-resource)] ")"; setquota-resource = resource-name SP resource-limit
Result<SetQuota> parse_set_quota(Cursor& cursor) {
  SetQuota command;
  TRY_ASSIGN(root, parse_astring(cursor, "quota root"));
  command.root = std::move(root);
  TRY(cursor.expect(' ', "after the quota root"));
  TRY(cursor.expect('(', "before the resources"));
  if (cursor.skip(')')) return command;
  do {
    TRY_ASSIGN(name, parse_atom(cursor, "resource"));
    std::string resource = to_upper(name);
    const bool again = std::any_of(command.limits.begin(), command.limits.end(),
                                   [&](const auto& limit) { return limit.first == resource; });
    if (again || command.limits.size() >= kResourcesMax) return syntax_error("a resource is named twice, or there are too many");
    TRY(cursor.expect(' ', "after the resource"));
    // number64 is of the range of a mod-sequence: 63 bits.
    TRY_ASSIGN(limit, parse_mod_sequence_valzer(cursor, "limit"));
    command.limits.emplace_back(std::move(resource), limit.value());
  } while (cursor.skip(' '));
  TRY(cursor.expect(')', "after the resources"));
  return command;
}

}  // namespace imapd::wire
