#include "tests/store/random_verbs.h"

#include <memory>

#include "tests/support/await.h"

namespace imapd::store {

using support::StoreModel;

namespace {

std::string text_of(const StoreFlags& request) {
  std::string text = request.change.mode == FlagChange::Mode::kAdd ? "+" : request.change.mode == FlagChange::Mode::kRemove ? "-" : "=";
  for (const Flag& flag : request.change.flags.flags()) text += " " + flag.name();
  if (request.unchanged_since) text += " unchanged since " + std::to_string(request.unchanged_since->value());
  return text + " by " + request.actor.user + "/" + request.actor.holder;
}

}  // namespace

template <class Outcome, class Class, class Request>
void RandomVerbs::queue(Class& store, void (Class::*verb)(Request, Callback<Result<Outcome>>), Request request,
                        std::optional<Code> refused, std::function<bool(const Result<Outcome>&)> check) {
  auto future = std::make_shared<std::future<Result<Outcome>>>(support::start(store, verb, std::move(request)));
  checks_.push_back([future, refused, check = std::move(check), story = story_](Finished& finished) {
    const Result<Outcome> outcome = future->get();
    std::string problem;
    if (!outcome && outcome.error().code == Code::kUnavailable) {
      ++finished.unavailable;
      return;
    }
    if (outcome && refused) problem = "was not refused";
    if (!outcome && !refused) problem = "was refused: " + outcome.error().message;
    if (!outcome && refused && *refused != outcome.error().code) problem = "was refused otherwise: " + outcome.error().message;
    if (outcome && !refused && check && !check(outcome)) problem = "had another outcome";
    if (!problem.empty() && finished.mismatch.empty()) finished.mismatch = "the last of these " + problem + ":" + story;
  });
}

RandomVerbs::Finished RandomVerbs::finish() {
  Finished finished;
  for (const auto& check : checks_) check(finished);
  checks_.clear();
  story_.clear();
  return finished;
}

void RandomVerbs::furnish(Store& store, StoreModel& model) {
  for (const char* session : {"s1", "s2"}) {
    store.holder_opened(session);
    model.live_holders.insert(session);
  }
  const CreateMailbox inbox{{"ann", "INBOX"}, MailboxKind::kPersonal, {}, {}, ""};
  const CreateMailbox orders{{"", "q"}, MailboxKind::kQueue, {}, {}, ""};
  for (const CreateMailbox& request : {inbox, orders}) {
    model.create(request);
    queue<MailboxInfo>(store, &Store::create_mailbox, request, std::nullopt, nullptr);
  }
}

void RandomVerbs::start(Store& store, StoreModel& model) {
  const std::int64_t dice = pick(0, 99);
  if (dice < 3) return create(store, model);
  if (dice < 4) return remove(store, model);
  if (dice < 6) return rename(store, model);
  if (dice < 9) return update(store, model);
  if (dice < 29) return append(store, model);
  if (dice < 49) return store_flags(store, model);
  if (dice < 61) return claim_ready(store, model);
  if (dice < 77) return settle(store, model);
  if (dice < 82) return expunge(store, model);
  if (dice < 90) return copy(store, model);
  if (dice < 97) return expire(store, model);
  return user(store, model);
}

MailboxPath RandomVerbs::any_name() {
  static const std::vector<Path> kNames = {{"", "q"},       {"", "q/sub"},  {"", "a/b"},       {"", "a"},          {"", "other"},
                                           {"", "a/b/c"},   {"", "q/Dead"}, {"ann", "INBOX"},  {"ann", "Trash"},   {"ann", "Trash/x"},
                                           {"bob", "INBOX"}};
  return kNames[static_cast<std::size_t>(pick(0, static_cast<std::int64_t>(kNames.size()) - 1))];
}

// One whose number the model knows, and that can hold messages.
std::optional<MailboxPath> RandomVerbs::any_mailbox(const StoreModel& model) {
  std::vector<Path> known;
  for (const auto& [path, mailbox] : model.mailboxes) {
    if (mailbox.selectable && mailbox.id.value() != 0) known.push_back(path);
  }
  if (known.empty()) return std::nullopt;
  const Path queue{"", "q"};
  const auto at = model.mailboxes.find(queue);
  if (!one_in(3) && at != model.mailboxes.end() && at->second.selectable && at->second.id.value() != 0) return queue;
  return known[static_cast<std::size_t>(pick(0, static_cast<std::int64_t>(known.size()) - 1))];
}

Actor RandomVerbs::any_actor() {
  static const std::vector<Actor> kActors = {
      {Door::kImap, "ann", "s1", Actor::Rank::kUser},   {Door::kImap, "ann", "s2", Actor::Rank::kUser},
      {Door::kImap, "ann", "gone", Actor::Rank::kUser}, {Door::kImap, "bob", "s1", Actor::Rank::kUser},
      {Door::kGrpc, "ann", "w1", Actor::Rank::kUser},   {Door::kGrpc, "bob", "w2", Actor::Rank::kUser},
      {Door::kImap, "op", "s9", Actor::Rank::kAdministrator}};
  return kActors[static_cast<std::size_t>(pick(0, static_cast<std::int64_t>(kActors.size()) - 1))];
}

FlagSet RandomVerbs::any_flags() {
  FlagSet flags;
  for (const char* name : {"\\Seen", "\\Flagged", "\\Answered", "Junk", "$label1"}) {
    if (one_in(4)) flags.add(*Flag::parse(name));
  }
  if (one_in(5)) flags.add(SystemFlag::kDeleted);
  if (one_in(20)) flags.add(*Flag::parse("$Scheduled"));
  return flags;
}

UidSet RandomVerbs::any_uids(const StoreModel::Mailbox& mailbox) {
  const auto uid = [&] { return Uid(static_cast<std::uint32_t>(pick(1, mailbox.uid_next + 1))); };
  UidSet uids;
  switch (pick(0, 4)) {
    case 0: return UidSet::range(Uid(1), Uid(UINT32_MAX));
    case 1: uids.add_range(uid(), uid()); [[fallthrough]];
    case 2: uids.add_range(uid(), uid()); break;
    default: break;
  }
  return uids.add(uid()).add(uid());
}

ModSeq RandomVerbs::any_mod_seq(const StoreModel::Mailbox& mailbox) {
  if (one_in(4)) return ModSeq(0);
  if (one_in(2)) return mailbox.highest;
  return ModSeq(static_cast<std::uint64_t>(pick(1, static_cast<std::int64_t>(mailbox.highest.value()))));
}

void RandomVerbs::create(Store& store, StoreModel& model) {
  CreateMailbox request;
  request.path = any_name();
  request.kind = !request.path.owner.empty()               ? MailboxKind::kPersonal
                 : request.path.name.ends_with("/Dead") ? MailboxKind::kDeadLetters
                                                          : MailboxKind::kQueue;
  story_ += "\n create " + request.path.owner + ":" + request.path.name;
  const bool made = model.create(request);
  queue<MailboxInfo>(store, &Store::create_mailbox, request, made ? std::optional<Code>() : model.refusal,
                     [path = request.path](const Result<MailboxInfo>& info) { return info->path == path && info->uid_next == Uid(1); });
}

void RandomVerbs::remove(Store& store, StoreModel& model) {
  const DeleteMailbox request{any_name()};
  story_ += "\n delete " + request.path.owner + ":" + request.path.name;
  const bool removed = model.remove(request.path);
  queue<void>(store, &Store::delete_mailbox, request, removed ? std::optional<Code>() : model.refusal, nullptr);
}

void RandomVerbs::rename(Store& store, StoreModel& model) {
  const RenameMailbox request{any_name(), any_name()};
  story_ += "\n rename " + request.from.owner + ":" + request.from.name + " to " + request.to.owner + ":" + request.to.name;
  const bool renamed = model.rename(request.from, request.to);
  queue<void>(store, &Store::rename_mailbox, request, renamed ? std::optional<Code>() : model.refusal, nullptr);
}

void RandomVerbs::update(Store& store, StoreModel& model) {
  const auto path = any_mailbox(model);
  if (!path) return;
  Policy policy;
  policy.claim_paused = one_in(6);
  policy.enqueue_paused = one_in(6);
  policy.messages_max = one_in(4) ? static_cast<std::uint64_t>(pick(1, 40)) : 0;
  policy.bytes_max = one_in(6) ? static_cast<std::uint64_t>(pick(1, 3'000)) : 0;
  policy.lease_default = Millis(pick(1'000, 60'000));
  UpdateMailbox request;
  request.mailbox = model.mailboxes.at(*path).id;
  request.policy = policy;
  story_ += "\n update " + path->name;
  model.update(*path, policy);
  queue<MailboxInfo>(store, &Store::update_mailbox, request, std::nullopt,
                     [policy](const Result<MailboxInfo>& info) { return info->policy == policy; });
}

void RandomVerbs::append(Store& store, StoreModel& model) {
  const auto path = any_mailbox(model);
  if (!path) return;
  const StoreModel::Mailbox& mailbox = model.mailboxes.at(*path);
  Append request;
  request.mailbox = mailbox.id;
  request.actor = any_actor();
  for (std::int64_t i = pick(1, 4); i > 0; --i) {
    NewMessage message;
    message.body = "Subject: " + std::to_string(pick(0, 999)) + "\r\n\r\n" + std::string(static_cast<std::size_t>(pick(0, 200)), 'x');
    if (one_in(3)) message.flags = any_flags();
    if (one_in(6)) message.flags.add(SystemFlag::kClaimed);
    message.priority = one_in(2) ? 4 : static_cast<std::uint32_t>(pick(0, 9));
    if (one_in(5)) message.due = clock_.now() + Millis(pick(-1'000, 20'000));
    request.messages.push_back(std::move(message));
  }
  story_ += "\n append " + std::to_string(request.messages.size()) + " to " + path->name;
  const auto uids = model.append(*path, request, clock_.now());
  queue<AppendOutcome>(store, &Store::append, request, uids ? std::optional<Code>() : model.refusal,
                       [uids](const Result<AppendOutcome>& outcome) {
                         if (outcome->uids.size() != uids->size() || outcome->mod_seqs.size() != uids->size()) return false;
                         for (std::size_t i = 0; i < uids->size(); ++i) {
                           if (outcome->uids[i].value() != (*uids)[i]) return false;
                         }
                         return true;
                       });
}

void RandomVerbs::store_flags(Store& store, StoreModel& model) {
  const auto path = any_mailbox(model);
  if (!path) return;
  const StoreModel::Mailbox& mailbox = model.mailboxes.at(*path);
  StoreFlags request;
  request.mailbox = mailbox.id;
  request.uids = any_uids(mailbox);
  request.actor = any_actor();
  request.change.mode = static_cast<FlagChange::Mode>(pick(0, 2));
  request.change.flags = any_flags();
  // To take the claim away comes alone: a release and another flag's change have mod-sequences of their own.
  if (one_in(2)) {
    if (request.change.mode == FlagChange::Mode::kRemove) request.change.flags = FlagSet();
    request.change.flags.add(SystemFlag::kClaimed);
  }
  if (one_in(2)) request.unchanged_since = any_mod_seq(mailbox);
  story_ += "\n store " + request.uids.to_string() + " in " + path->name + " " + text_of(request);
  const auto foretold = model.store_flags(*path, request, clock_.now());
  queue<StoreFlagsOutcome>(store, &Store::store_flags, request, std::nullopt, [foretold](const Result<StoreFlagsOutcome>& outcome) {
    if (outcome->stored.size() != foretold.stored.size() || outcome->refused.size() != foretold.refused.size()) return false;
    for (std::size_t i = 0; i < foretold.stored.size(); ++i) {
      if (outcome->stored[i].uid != foretold.stored[i]) return false;
    }
    for (std::size_t i = 0; i < foretold.refused.size(); ++i) {
      const RefusedMessage& refused = outcome->refused[i];
      if (refused.message.uid != foretold.refused[i].first || refused.reason != foretold.refused[i].second) return false;
    }
    return true;
  });
}

void RandomVerbs::claim_ready(Store& store, StoreModel& model) {
  const auto path = any_mailbox(model);
  if (!path) return;
  ClaimReady request;
  request.mailbox = model.mailboxes.at(*path).id;
  request.count_max = static_cast<std::size_t>(pick(1, 4));
  if (one_in(2)) request.lease = Millis(pick(500, 40'000));
  request.actor = any_actor();
  story_ += "\n claim " + std::to_string(request.count_max) + " of " + path->name;
  const auto won = model.claim_ready(*path, request, clock_.now());
  queue<ClaimReadyOutcome>(store, &Store::claim_ready, request, won ? std::optional<Code>() : model.refusal,
                           [won](const Result<ClaimReadyOutcome>& outcome) {
                             std::vector<Uid> uids;
                             for (const MessageState& message : outcome->claimed) uids.push_back(message.uid);
                             return uids == *won;
                           });
}

void RandomVerbs::settle(Store& store, StoreModel& model) {
  const auto path = any_mailbox(model);
  if (!path) return;
  const StoreModel::Mailbox& mailbox = model.mailboxes.at(*path);
  std::vector<std::pair<std::uint32_t, ModSeq>> held;
  for (const auto& [uid, message] : mailbox.messages) {
    if (message.claim && !message.fresh_token) held.emplace_back(uid, message.claim->token);
  }
  Settle request;
  request.mailbox = mailbox.id;
  request.actor = any_actor();
  for (std::int64_t i = pick(1, 3); i > 0; --i) {
    Settlement item;
    item.kind = static_cast<Settlement::Kind>(pick(0, 4));
    if (!held.empty() && !one_in(8)) {
      const auto& [uid, token] = held[static_cast<std::size_t>(pick(0, static_cast<std::int64_t>(held.size()) - 1))];
      item.serial = Serial(uid);
      item.token = token;
    } else {
      item.serial = Serial(static_cast<std::uint64_t>(pick(1, mailbox.uid_next)));
      item.token = any_mod_seq(mailbox);
    }
    item.reason = "why";
    const bool waits = item.kind == Settlement::Kind::kRelease || item.kind == Settlement::Kind::kFail;
    if ((waits || item.kind == Settlement::Kind::kExtend) && one_in(3)) item.delay = Millis(pick(1, 10'000));
    request.items.push_back(item);
  }
  story_ += "\n settle in " + path->name;
  const auto results = model.settle(*path, request, clock_.now());
  queue<SettleOutcome>(store, &Store::settle, request, std::nullopt, [results](const Result<SettleOutcome>& outcome) {
    std::vector<SettleOutcome::Result> actual;
    for (const SettleOutcome::Item& item : outcome->items) actual.push_back(item.result);
    return actual == results;
  });
}

void RandomVerbs::expunge(Store& store, StoreModel& model) {
  const auto path = any_mailbox(model);
  if (!path) return;
  Expunge request;
  request.mailbox = model.mailboxes.at(*path).id;
  if (one_in(2)) request.uids = any_uids(model.mailboxes.at(*path));
  request.actor = any_actor();
  story_ += "\n expunge " + path->name;
  const UidSet gone = model.expunge(*path, request);
  queue<ExpungeOutcome>(store, &Store::expunge, request, std::nullopt,
                        [gone](const Result<ExpungeOutcome>& outcome) { return outcome->expunged == gone; });
}

void RandomVerbs::copy(Store& store, StoreModel& model) {
  const auto from = any_mailbox(model), to = any_mailbox(model);
  if (!from || !to) return;
  const StoreModel::Mailbox& source = model.mailboxes.at(*from);
  if (source.messages.size() > 40) return;  // Copies of copies would take all the time.
  CopyMessages request;
  request.from = source.id;
  request.to = model.mailboxes.at(*to).id;
  request.uids = any_uids(source);
  request.mode = one_in(2) ? CopyMessages::Mode::kMove : CopyMessages::Mode::kCopy;
  request.actor = any_actor();
  story_ += "\n copy or move " + request.uids.to_string() + " of " + from->name + " to " + to->name;
  const auto foretold = model.copy(*from, *to, request, clock_.now());
  queue<CopyOutcome>(store, &Store::copy_messages, request, foretold ? std::optional<Code>() : model.refusal,
                     [foretold](const Result<CopyOutcome>& outcome) {
                       if (outcome->uids != foretold->uids || outcome->refused.size() != foretold->refused.size()) return false;
                       for (std::size_t i = 0; i < foretold->refused.size(); ++i) {
                         if (outcome->refused[i].message.uid != foretold->refused[i]) return false;
                       }
                       return true;
                     });
}

void RandomVerbs::expire(Store& store, StoreModel& model) {
  // What this group changed has no numbers yet, by which leases that end at one moment are put in order.
  for (const auto& [path, mailbox] : model.mailboxes) {
    if (mailbox.id.value() == 0) return;
  }
  // Verbs that were started and not decided yet would see the later time.
  if (!checks_.empty()) return;
  clock_.advance(Millis(pick(1, 15'000)));
  story_ += "\n expire";
  model.expire_due(clock_.now());
  queue<ExpireDueOutcome>(store, &Store::expire_due, ExpireDue{clock_.now(), 1'000'000}, std::nullopt, nullptr);
}

void RandomVerbs::user(Store& store, StoreModel& model) {
  if (one_in(3)) {
    Subscribe request{one_in(2) ? "ann" : "bob", any_name().name, one_in(2) ? Subscribe::Change::kAdd : Subscribe::Change::kRemove};
    story_ += "\n subscribe";
    model.subscribe(request);
    queue<void>(store, &Store::subscribe, request, std::nullopt, nullptr);
  } else if (one_in(3)) {
    story_ += "\n remove user";
    const bool removed = model.remove_user("ann");
    queue<void>(store, &Store::remove_user, RemoveUser{"ann"}, removed ? std::optional<Code>() : model.refusal, nullptr);
  } else {
    PutUser request;
    request.user.name = one_in(2) ? "ann" : "bob";
    request.user.password_hash = std::to_string(pick(0, 999));
    request.mode = one_in(2) ? PutUser::Mode::kCreate : PutUser::Mode::kReplace;
    story_ += "\n put user";
    const bool put = model.put_user(request);
    queue<void>(store, &Store::put_user, request, put ? std::optional<Code>() : model.refusal, nullptr);
  }
}

}  // namespace imapd::store
