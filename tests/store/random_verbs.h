#pragma once

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "tests/store/store_fixture.h"
#include "tests/support/store_model.h"

namespace imapd::store {

// Random verbs, by seed, started on a store and foretold by its model at the same time.
//
// Operation    start() chooses a verb by what the model holds, applies it there and queues it at the store; finish() waits for all
//              that were started and compares the outcomes. Several starts between two finishes make the store decide them in one
//              group. Then, if nothing failed: model.difference(store), model.learn(store).
class RandomVerbs {
 public:
  RandomVerbs(std::uint64_t seed, StillClock& clock) : random_(seed), clock_(clock) {}

  // What is there to begin with.
  void furnish(Store& store, support::StoreModel& model);
  void start(Store& store, support::StoreModel& model);
  struct Finished {
    std::string mismatch;  // Empty: all outcomes were as foretold.
    std::size_t unavailable = 0;
  };
  Finished finish();
  // The verbs started since the last finish(), for messages.
  const std::string& story() const { return story_; }

  std::int64_t pick(std::int64_t low, std::int64_t high) { return std::uniform_int_distribution<std::int64_t>(low, high)(random_); }
  bool one_in(std::int64_t n) { return pick(1, n) == 1; }

 private:
  using Model = support::StoreModel;
  using Path = MailboxPath;

  void create(Store& store, Model& model);
  void remove(Store& store, Model& model);
  void rename(Store& store, Model& model);
  void update(Store& store, Model& model);
  void append(Store& store, Model& model);
  void store_flags(Store& store, Model& model);
  void claim_ready(Store& store, Model& model);
  void settle(Store& store, Model& model);
  void expunge(Store& store, Model& model);
  void copy(Store& store, Model& model);
  void expire(Store& store, Model& model);
  void user(Store& store, Model& model);

  Path any_name();
  std::optional<Path> any_mailbox(const Model& model);
  Actor any_actor();
  FlagSet any_flags();
  UidSet any_uids(const Model::Mailbox& mailbox);
  ModSeq any_mod_seq(const Model::Mailbox& mailbox);

  // Queues the verb; `check` compares a success, `refused` is what the model said.
  template <class Outcome, class Class, class Request>
  void queue(Class& store, void (Class::*verb)(Request, Callback<Result<Outcome>>), Request request,
             std::optional<Code> refused, std::function<bool(const Result<Outcome>&)> check);

  std::mt19937_64 random_;
  StillClock& clock_;
  std::string story_;
  std::vector<std::function<void(Finished&)>> checks_;
};

}  // namespace imapd::store
