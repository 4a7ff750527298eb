#include "broker/queue/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "imapd/base/limits.h"
#include "imapd/mime/text.h"

namespace broker::queue {
namespace {

using imapd::store::Claim;
using imapd::store::Door;
using testing::HasSubstr;
using testing::Not;

class TraceTest : public testing::Test {
 protected:
  TraceTest() {
    queue_.path.name = "orders";
    message_.serial = imapd::Serial(42);
    message_.deliveries = 7;
    message_.failures = 5;
    message_.claim = Claim{};
    message_.claim->door = Door::kGrpc;
    message_.claim->user = "ann";
    message_.claim->holder = "worker-1";
  }
  std::string trace(const std::string& reason) {
    return dead_letter_trace(queue_, message_, reason, imapd::Timestamp(std::chrono::milliseconds(1'700'000'000'123)));
  }
  // What a mail client shows of it.
  std::string shown(const std::string& reason) {
    return imapd::mime::decode_header(*imapd::mime::header_field(trace(reason) + "\r\n", "Claimq-Dead-Reason"));
  }
  imapd::store::MailboxInfo queue_;
  imapd::store::MessageState message_;
};

TEST_F(TraceTest, NamesReasonCountsHolderTimeAndOrigin) {
  EXPECT_EQ(trace("no stock"),
            "Claimq-Dead-Reason: no stock\r\n"
            "Claimq-Dead-From: orders\r\n"
            "Claimq-Dead-Time: 2023-11-14T22:13:20.123Z\r\n"
            "Claimq-Deliveries: 7\r\n"
            "Claimq-Failures: 5\r\n"
            "Claimq-Last-Holder: worker-1 (ann)\r\n"
            "Claimq-Original-Serial: 42\r\n");
}

TEST_F(TraceTest, NobodyHeldItWhenItWasOnlyScheduled) {
  message_.claim->door = Door::kSchedule;
  EXPECT_THAT(trace("x"), Not(HasSubstr("Last-Holder")));
  message_.claim.reset();
  EXPECT_THAT(trace("x"), Not(HasSubstr("Last-Holder")));
}

TEST_F(TraceTest, LineEndsInAReasonBeginNoLine) {
  for (const char* attack : {"x\r\nBcc: eve", "x\nBcc: eve", "x\rBcc: eve", "x\r\n\r\nBcc: eve"}) {
    const std::string lines = trace(attack);
    EXPECT_THAT(lines, Not(HasSubstr("Bcc: eve")));
    EXPECT_EQ(shown(attack), attack);
  }
}

TEST_F(TraceTest, HolderAndQueueNameAreSafeToo) {
  message_.claim->holder = "w\r\nBcc: eve";
  queue_.path.name = "Bücher";
  EXPECT_THAT(trace("x"), Not(HasSubstr("\nBcc: eve")));
  EXPECT_THAT(trace("x"), Not(HasSubstr("\xc3")));
}

TEST_F(TraceTest, TextOfAnyScriptComesBack) {
  EXPECT_EQ(shown("Größe 日本語 👍"), "Größe 日本語 👍");
  EXPECT_EQ(shown("=?UTF-8?Q?forged?="), "=?UTF-8?Q?forged?=");
  std::string tall;
  for (int i = 0; i < 100; ++i) tall += "日";
  EXPECT_EQ(shown(tall), tall);
}

TEST_F(TraceTest, ReasonIsBoundedAndCutBetweenCharacters) {
  EXPECT_EQ(shown(std::string(5'000, 'x')).size(), imapd::limits::kReasonBytesMax);
  std::string tall = "x";
  for (int i = 0; i < 1'000; ++i) tall += "é";
  const std::string cut = shown(tall);
  EXPECT_EQ(cut.size(), imapd::limits::kReasonBytesMax - 1);
  EXPECT_TRUE(tall.starts_with(cut));
}

TEST_F(TraceTest, EmptyReasonSaysSo) { EXPECT_EQ(shown(""), "none given"); }

TEST_F(TraceTest, EncodedWordsStayWithin75Characters) {
  const std::string lines = trace(std::string(400, '\xff') + "日本語");
  for (std::size_t at = lines.find("=?"); at != std::string::npos; at = lines.find("=?", at + 2)) {
    EXPECT_LE(lines.find("?=\r", at) + 2 - at, 75u);
  }
}

}  // namespace
}  // namespace broker::queue
