#include "imapd/search/annotation.h"

#include <gtest/gtest.h>

namespace imapd::search {
namespace {

store::Actor worker(store::Door door, const std::string& user, const std::string& holder) {
  store::Actor actor;
  actor.door = door;
  actor.user = user;
  actor.holder = holder;
  return actor;
}

store::MessageState claimed() {
  store::MessageState message;
  store::Claim claim;
  claim.door = store::Door::kImap;
  claim.user = "ann";
  claim.holder = "s1";
  claim.token = ModSeq(42);
  claim.deadline = Timestamp(Millis(951'782'399'999));
  message.claim = claim;
  message.deliveries = 2;
  message.failures = 1;
  return message;
}

std::string value(const store::MessageState& message, std::string_view name, const store::Actor& asker = {}) {
  return annotation_value(message, "/vendor/claimq/" + std::string(name), asker).value_or("NIL");
}

TEST(AnnotationTest, ValuesOfAClaim) {
  const store::MessageState message = claimed();
  EXPECT_EQ(value(message, "holder"), "s1 (ann)");
  EXPECT_EQ(value(message, "deadline"), "2000-02-28T23:59:59.999Z");
  EXPECT_EQ(value(message, "deliveries"), "2");
  EXPECT_EQ(value(message, "failures"), "1");
  EXPECT_EQ(value(message, "Holder"), "NIL");
  EXPECT_EQ(value(message, "holde"), "NIL");
}

TEST(AnnotationTest, WithoutAClaimOnlyTheCountersAreThere) {
  const store::MessageState message;
  for (const char* name : {"holder", "token", "deadline"}) EXPECT_EQ(value(message, name), "NIL") << name;
  EXPECT_EQ(value(message, "deliveries"), "0");
  EXPECT_EQ(value(message, "failures"), "0");
}

TEST(AnnotationTest, ClaimsOfPersonalMailboxesHaveNoDeadline) {
  store::MessageState message = claimed();
  message.claim->deadline.reset();
  EXPECT_EQ(value(message, "deadline"), "NIL");
}

TEST(AnnotationTest, ADelayIsHeldByTheSchedule) {
  store::MessageState message = claimed();
  message.claim->door = store::Door::kSchedule;
  message.claim->user.clear();
  message.claim->holder = "schedule";
  EXPECT_EQ(value(message, "holder"), "schedule");
  EXPECT_EQ(value(message, "token", worker(store::Door::kImap, "", "schedule")), "NIL");
}

TEST(AnnotationTest, TheTokenIsForTheHolderAndAdministrators) {
  const store::MessageState message = claimed();
  EXPECT_EQ(value(message, "token", worker(store::Door::kImap, "ann", "s1")), "42");
  EXPECT_EQ(value(message, "token", worker(store::Door::kImap, "ann", "s2")), "NIL");
  EXPECT_EQ(value(message, "token", worker(store::Door::kImap, "bob", "s1")), "NIL");
  EXPECT_EQ(value(message, "token", worker(store::Door::kGrpc, "ann", "s1")), "NIL");
  EXPECT_EQ(value(message, "token"), "NIL");
  store::Actor administrator = worker(store::Door::kImap, "bob", "s3");
  administrator.rank = store::Actor::Rank::kAdministrator;
  EXPECT_EQ(value(message, "token", administrator), "42");
}

TEST(AnnotationTest, HoldersWithNulsAreShownWithout) {
  store::MessageState message = claimed();
  message.claim->holder = std::string("w\0x", 3);
  EXPECT_EQ(value(message, "holder"), "w x (ann)");
}

TEST(AnnotationTest, EntriesMatchWithTheirCase) {
  EXPECT_TRUE(annotation_entry_matches("*", "/vendor/claimq/holder"));
  EXPECT_TRUE(annotation_entry_matches("/vendor/%/holder", "/vendor/claimq/holder"));
  EXPECT_TRUE(annotation_entry_matches("/vendor/claimq/holder", "/vendor/claimq/holder"));
  EXPECT_FALSE(annotation_entry_matches("/VENDOR/%/holder", "/vendor/claimq/holder"));
  EXPECT_FALSE(annotation_entry_matches("/%", "/vendor/claimq/holder"));
  EXPECT_FALSE(annotation_entry_matches("/vendor/claimq", "/vendor/claimq/holder"));
}

}  // namespace
}  // namespace imapd::search
