#include "imapd/wire/framer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/wire/describe.h"

namespace imapd::wire {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr FramerLimits kSmall{.line_bytes_max = 40, .literal_bytes_max = 10, .message_bytes_max = 20, .swallow_bytes_max = 200};

TEST(FramerTest, LineEndsWithCrLfOrLfAlone) {
  EXPECT_THAT(run_framer_every_way(kSmall, "a NOOP\r\nb NOOP\nc"), ElementsAre("frame:a NOOP\r\n", "frame:b NOOP\n"));
}

TEST(FramerTest, EmptyLineIsAFrame) { EXPECT_THAT(run_framer_every_way(kSmall, "\r\n\n"), ElementsAre("frame:\r\n", "frame:\n")); }

TEST(FramerTest, SynchronizingLiteralOwesOneContinuation) {
  EXPECT_THAT(run_framer_every_way(kSmall, "a LOGIN {2}\r\nme {3}\r\nabc\r\n"),
              ElementsAre("continue", "continue", "frame:a LOGIN {2}\r\nme {3}\r\nabc\r\n"));
}

TEST(FramerTest, NonSynchronizingLiteralOwesNone) {
  EXPECT_THAT(run_framer_every_way(kSmall, "a LOGIN {2+}\r\nme {3+}\r\nabc\r\n"),
              ElementsAre("frame:a LOGIN {2+}\r\nme {3+}\r\nabc\r\n"));
}

TEST(FramerTest, LiteralMayHoldLineEndsAndAnnouncements) {
  EXPECT_THAT(run_framer_every_way(kSmall, "a X {8+}\r\n{9}\r\n\r\n\n\r\nb NOOP\r\n"),
              ElementsAre("frame:a X {8+}\r\n{9}\r\n\r\n\n\r\n", "frame:b NOOP\r\n"));
}

TEST(FramerTest, EmptyLiteralAndLiteral8) {
  EXPECT_THAT(run_framer_every_way(kSmall, "a X {0}\r\n\r\nb APPEND x ~{1+}\n\xff\n"),
              ElementsAre("continue", "frame:a X {0}\r\n\r\n", "frame:b APPEND x ~{1+}\n\xff\n"));
}

TEST(FramerTest, BracesThatAnnounceNothingAreText) {
  for (const char* line : {"a X {}\r\n", "a X {-1}\r\n", "a X {1-}\r\n", "a X 1}\r\n", "a X {1} \r\n", "a X {1}}\r\n", "a X {+}\r\n",
                           "a X {000000000000000000001}\r\n"}) {
    EXPECT_THAT(run_framer_every_way(kSmall, line), ElementsAre(std::string("frame:") + line));
  }
}

TEST(FramerTest, PipelinedCommandsComeOneByOne) {
  EXPECT_THAT(run_framer_every_way(kSmall, "a UID STORE 1 +FLAGS x\r\nb UID EXPUNGE 1\r\nc X {1+}\r\nz\r\nd NOOP\r\n"),
              ElementsAre("frame:a UID STORE 1 +FLAGS x\r\n", "frame:b UID EXPUNGE 1\r\n", "frame:c X {1+}\r\nz\r\n",
                          "frame:d NOOP\r\n"));
}

TEST(FramerTest, LineAtTheLimitPassesAndOneMoreDoesNot) {
  const std::string at_limit = "a " + std::string(38, 'x');
  EXPECT_THAT(run_framer_every_way(kSmall, at_limit + "\r\n"), ElementsAre("frame:" + at_limit + "\r\n"));
  EXPECT_THAT(run_framer_every_way(kSmall, at_limit + "\n"), ElementsAre("frame:" + at_limit + "\n"));
  EXPECT_THAT(run_framer_every_way(kSmall, at_limit + "x\r\nb NOOP\r\n"), ElementsAre("line a", "frame:b NOOP\r\n"));
}

TEST(FramerTest, LinesOfOneCommandCountTogether) {
  EXPECT_THAT(run_framer_every_way(kSmall, "a 345678901234567890 {1+}\r\nx2345678901234567890\r\nb\n"), ElementsAre("line a", "frame:b\n"));
}

TEST(FramerTest, OversizedLineWithoutTagIsUntagged) {
  EXPECT_THAT(run_framer_every_way(kSmall, std::string(60, 'x') + " y\r\n"), ElementsAre("line *"));
  EXPECT_THAT(run_framer_every_way(kSmall, "(a " + std::string(60, 'x') + "\r\n"), ElementsAre("line *"));
}

TEST(FramerTest, OversizedLineTakesItsUnstoppableLiteralAlong) {
  EXPECT_THAT(run_framer_every_way(kSmall, "a " + std::string(60, 'x') + "{8+}\r\nb NOOP\r\n tail\r\nc NOOP\r\n"),
              ElementsAre("line a", "frame:c NOOP\r\n"));
}

TEST(FramerTest, OversizedLineWithSynchronizingLiteralIsRefusedAtOnce) {
  EXPECT_THAT(run_framer_every_way(kSmall, "a " + std::string(60, 'x') + "{8}\r\nb NOOP\r\n"), ElementsAre("line a", "frame:b NOOP\r\n"));
}

TEST(FramerTest, OversizedSynchronizingLiteralIsRefusedBeforeItsContinuation) {
  EXPECT_THAT(run_framer_every_way(kSmall, "a LOGIN {11}\r\nb NOOP\r\n"), ElementsAre("literal a", "frame:b NOOP\r\n"));
  EXPECT_THAT(run_framer_every_way(kSmall, "a LOGIN {99999999999999999999}\r\nb NOOP\r\n"),
              ElementsAre("literal a", "frame:b NOOP\r\n"));
}

TEST(FramerTest, LiteralAtTheLimitPasses) {
  EXPECT_THAT(run_framer_every_way(kSmall, "a X {10}\r\n0123456789\r\n"), ElementsAre("continue", "frame:a X {10}\r\n0123456789\r\n"));
}

TEST(FramerTest, LiteralsOfOneCommandCountTogether) {
  EXPECT_THAT(run_framer_every_way(kSmall, "a X {6+}\r\n012345 {5}\r\nb NOOP\r\n"), ElementsAre("literal a", "frame:b NOOP\r\n"));
}

TEST(FramerTest, OversizedNonSynchronizingLiteralIsSwallowed) {
  EXPECT_THAT(run_framer_every_way(kSmall, "a LOGIN {11+}\r\nb NOOP\r\n123 {2+}\r\nxy\r\nc NOOP\r\n"),
              ElementsAre("literal a", "frame:c NOOP\r\n"));
}

TEST(FramerTest, SwallowingEndsAtASynchronizingLiteral) {
  EXPECT_THAT(run_framer_every_way(kSmall, "a LOGIN {11+}\r\n01234567890 {2}\r\nc NOOP\r\n"), ElementsAre("literal a", "frame:c NOOP\r\n"));
}

TEST(FramerTest, NonSynchronizingLiteralBeyondTheSwallowLimitCloses) {
  EXPECT_THAT(run_framer_every_way(kSmall, "a LOGIN {999+}\r\nb NOOP\r\n"), ElementsAre("literal a close"));
  EXPECT_THAT(run_framer_every_way(kSmall, "a LOGIN {99999999999999999999+}\r\nb NOOP\r\n"), ElementsAre("literal a close"));
}

TEST(FramerTest, SwallowLimitIsExact) {
  // 15 bytes of line, the literal, and its line end.
  const auto swallow = [](std::size_t size) {
    return run_framer_every_way(kSmall, "a LOGIN {" + std::to_string(size) + "+}\r\n" + std::string(size, 'x') + "\r\nb\n");
  };
  EXPECT_THAT(swallow(200 - 16 - 2), ElementsAre("literal a", "frame:b\n"));
  EXPECT_THAT(swallow(200 - 16 - 1), ElementsAre("literal a close"));
}

TEST(FramerTest, LineWithoutEndClosesInTheEnd) {
  EXPECT_THAT(run_framer_every_way(kSmall, "a " + std::string(300, 'x')), ElementsAre("line a close"));
  EXPECT_THAT(run_framer_every_way(kSmall, "a " + std::string(300, 'x') + "\r\nb NOOP\r\n"), ElementsAre("line a close"));
}

TEST(FramerTest, AppendMessageHasItsOwnLimit) {
  const std::string message(20, 'm');
  EXPECT_THAT(run_framer_every_way(kSmall, "a append x {20}\r\n" + message + "\r\n"),
              ElementsAre("continue", "frame:a append x {20}\r\n" + message + "\r\n"));
  EXPECT_THAT(run_framer_every_way(kSmall, "a APPEND x {21}\r\nb NOOP\r\n"), ElementsAre("message a", "frame:b NOOP\r\n"));
  EXPECT_THAT(run_framer_every_way(kSmall, "a APPEND x {21+}\r\n" + message + "m\r\nb NOOP\r\n"),
              ElementsAre("message a", "frame:b NOOP\r\n"));
}

TEST(FramerTest, AppendMailboxNameIsNotAMessage) {
  EXPECT_THAT(run_framer_every_way(kSmall, "a APPEND {11}\r\nb NOOP\r\n"), ElementsAre("literal a", "frame:b NOOP\r\n"));
  EXPECT_THAT(run_framer_every_way(kSmall, "a APPEND {2+}\r\nxx {20+}\r\n01234567890123456789\r\n"),
              ElementsAre("frame:a APPEND {2+}\r\nxx {20+}\r\n01234567890123456789\r\n"));
}

TEST(FramerTest, TextsOfCatenateAreMessagesTogether) {
  const std::string begin = "a APPEND x CATENATE (TEXT {12+}\r\n012345678901 ";
  EXPECT_THAT(run_framer_every_way({.line_bytes_max = 80, .literal_bytes_max = 10, .message_bytes_max = 20, .swallow_bytes_max = 200},
                                   begin + "TEXT {8+}\r\n01234567)\r\n" + begin + "URL {9+}\r\n012345678)\r\nb NOOP\r\n"),
              ElementsAre("frame:" + begin + "TEXT {8+}\r\n01234567)\r\n", "message a", "frame:b NOOP\r\n"));
}

TEST(FramerTest, ReplaceBringsAMessageToo) {
  const std::string message(20, 'm');
  for (const std::string name : {"a replace 4 ", "a UID REPLACE * "}) {
    EXPECT_THAT(run_framer_every_way(kSmall, name + "x {20}\r\n" + message + "\r\n"),
                ElementsAre("continue", "frame:" + name + "x {20}\r\n" + message + "\r\n"));
    EXPECT_THAT(run_framer_every_way(kSmall, name + "x {21}\r\nb NOOP\r\n"), ElementsAre("message a", "frame:b NOOP\r\n"));
    EXPECT_THAT(run_framer_every_way(kSmall, name + "{11}\r\nb NOOP\r\n"), ElementsAre("literal a", "frame:b NOOP\r\n"));
    EXPECT_THAT(run_framer_every_way(kSmall, name + "{2+}\r\nxx {20+}\r\n" + message + "\r\n"),
                ElementsAre("frame:" + name + "{2+}\r\nxx {20+}\r\n" + message + "\r\n"));
  }
  // Before its second argument there is nothing to be a message.
  EXPECT_THAT(run_framer_every_way(kSmall, "a REPLACE {11}\r\nb NOOP\r\n"), ElementsAre("literal a", "frame:b NOOP\r\n"));
}

TEST(FramerTest, OnlyAppendGetsTheMessageLimit) {
  EXPECT_THAT(run_framer_every_way(kSmall, "a APPENDX x {11}\r\n"), ElementsAre("literal a"));
  EXPECT_THAT(run_framer_every_way(kSmall, "a UID APPEND x {11}\r\n"), ElementsAre("literal a"));
}

TEST(FramerTest, ThousandsOfPipelinedLiteralsDoNotRecurse) {
  std::string command = "a X";
  for (int i = 0; i < 8'000; ++i) command += " {0+}\n";
  command += '\n';
  const Events events = run_framer(FramerLimits::after_login(), {command});
  EXPECT_THAT(events, ElementsAre("frame:" + command));
}

TEST(FramerTest, BeforeLoginLiteralsAreHeldToFourKilobytes) {
  const auto limits = FramerLimits::before_login();
  EXPECT_THAT(run_framer(limits, {"a APPEND x {4096}\r\n"}), ElementsAre("continue"));
  EXPECT_THAT(run_framer(limits, {"a APPEND x {4097}\r\n"}), ElementsAre("message a"));
  EXPECT_THAT(run_framer(limits, {"a LOGIN {4096}\r\n"}), ElementsAre("continue"));
  EXPECT_THAT(run_framer(limits, {"a LOGIN {4097}\r\n"}), ElementsAre("literal a"));
  EXPECT_THAT(run_framer(limits, {"a LOGIN {10000000+}\r\n"}), ElementsAre("literal a close"));
}

TEST(FramerTest, AfterLoginAMessageOfSixtyFourMegabytesIsWelcomeAndOneMoreByteIsNot) {
  const auto limits = FramerLimits::after_login();
  EXPECT_THAT(run_framer(limits, {"a APPEND x {67108864}\r\n"}), ElementsAre("continue"));
  EXPECT_THAT(run_framer(limits, {"a APPEND x {67108865}\r\n"}), ElementsAre("message a"));
  EXPECT_THAT(run_framer(limits, {"a SELECT {65536}\r\n"}), ElementsAre("continue"));
  EXPECT_THAT(run_framer(limits, {"a SELECT {65537}\r\n"}), ElementsAre("literal a"));
}

TEST(FramerTest, NonSynchronizingMessageIsSkippedOrEndsTheConnection) {
  const auto limits = FramerLimits::after_login();
  EXPECT_THAT(run_framer(limits, {"a APPEND x {67108864+}\r\n"}), IsEmpty());
  EXPECT_THAT(run_framer(limits, {"a APPEND x {67108865+}\r\n"}), IsEmpty());
  // 24 bytes are in the line.
  EXPECT_THAT(run_framer(limits, {"a APPEND x {71303144+}\r\n"}), IsEmpty());
  EXPECT_THAT(run_framer(limits, {"a APPEND x {71303145+}\r\n"}), ElementsAre("message a close"));
}

TEST(FramerTest, HostileLineIsCountedButNotKept) {
  Framer framer(FramerLimits::before_login());
  const std::string chunk(4'096, 'x');
  for (int i = 0; i < 15; ++i) {
    framer.feed(chunk);
    EXPECT_TRUE(std::holds_alternative<NeedBytes>(framer.next()));
    EXPECT_LE(framer.buffered_bytes(), limits::kPreLoginLineBytesMax);
  }
}

TEST(FramerTest, SwallowedLiteralIsCountedButNotKept) {
  Framer framer(FramerLimits::before_login());
  framer.feed("a LOGIN {60000+}\r\n");
  const std::string chunk(10'000, 'x');
  for (int i = 0; i < 6; ++i) {
    EXPECT_TRUE(std::holds_alternative<NeedBytes>(framer.next()));
    framer.feed(chunk);
  }
  EXPECT_TRUE(std::holds_alternative<NeedBytes>(framer.next()));
  EXPECT_EQ(framer.buffered_bytes(), 0u);
  framer.feed("\r\nb NOOP\r\n");
  EXPECT_TRUE(std::holds_alternative<TooLong>(framer.next()));
  EXPECT_TRUE(std::holds_alternative<Frame>(framer.next()));
}

TEST(FramerTest, DoneIsALineAndTheNextCommandMayFollowInTheSamePacket) {
  Framer framer(kSmall);
  framer.feed("a IDLE\r\nDONE\r\nb NOOP\r\n");
  ASSERT_TRUE(std::holds_alternative<Frame>(framer.next()));
  const auto line = framer.next_line();
  ASSERT_TRUE(std::holds_alternative<Line>(line));
  EXPECT_EQ(std::get<Line>(line).bytes, "DONE");
  const auto frame = framer.next();
  ASSERT_TRUE(std::holds_alternative<Frame>(frame));
  EXPECT_EQ(std::get<Frame>(frame).bytes, "b NOOP\r\n");
}

TEST(FramerTest, LineModeKnowsNoLiterals) {
  Framer framer(kSmall);
  framer.feed("AGEAYg=={5}\r\n");
  const auto line = framer.next_line();
  ASSERT_TRUE(std::holds_alternative<Line>(line));
  EXPECT_EQ(std::get<Line>(line).bytes, "AGEAYg=={5}");
}

TEST(FramerTest, LineModeGivesTheSameForEverySplit) {
  const std::string bytes = "DO\rNE\r\n" + std::string(40, 'x') + "\n" + std::string(41, 'y') + "{3+}\r\n\nlast\n";
  const auto run = [&](std::size_t step) {
    Framer framer(kSmall);
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
      framer.feed(std::string_view(bytes).substr(at, step));
      for (;;) {
        const auto outcome = framer.next_line();
        if (std::holds_alternative<NeedBytes>(outcome)) break;
        const auto* line = std::get_if<Line>(&outcome);
        lines.push_back(line != nullptr ? std::string(line->bytes) : "too long");
      }
    }
    return lines;
  };
  const std::vector<std::string> expected = {"DO\rNE", std::string(40, 'x'), "too long", "", "last"};
  for (std::size_t step = 1; step <= bytes.size(); ++step) EXPECT_EQ(run(step), expected) << step;
}

TEST(FramerTest, LineModeClosesOnALineWithoutEnd) {
  Framer framer(kSmall);
  framer.feed(std::string(201, 'x'));
  const auto outcome = framer.next_line();
  ASSERT_TRUE(std::holds_alternative<TooLong>(outcome));
  EXPECT_TRUE(std::get<TooLong>(outcome).close);
  framer.feed("DONE\r\n");
  EXPECT_TRUE(std::holds_alternative<NeedBytes>(framer.next_line()));
}

TEST(FramerTest, WhatFollowsStartTlsInTheClearIsForgotten) {
  Framer framer(kSmall);
  framer.feed("a STARTTLS\r\nb LOGIN x y\r\nc");
  ASSERT_TRUE(std::holds_alternative<Frame>(framer.next()));
  EXPECT_EQ(framer.discard_buffered(), 14u);
  EXPECT_TRUE(std::holds_alternative<NeedBytes>(framer.next()));
  framer.feed("d NOOP\r\n");
  EXPECT_EQ(std::get<Frame>(framer.next()).bytes, "d NOOP\r\n");
}

TEST(FramerTest, LimitsGrowWithTheNextCommand) {
  Framer framer(FramerLimits::before_login());
  framer.feed("a LOGIN x y\r\nb SELECT {5000}\r\n");
  ASSERT_TRUE(std::holds_alternative<Frame>(framer.next()));
  framer.set_limits(FramerLimits::after_login());
  EXPECT_TRUE(std::holds_alternative<NeedContinuation>(framer.next()));
}

constexpr FramerLimits kAsking{.line_bytes_max = 40,
                               .literal_bytes_max = 10,
                               .message_bytes_max = 20,
                               .swallow_bytes_max = 200,
                               .unasked_literal_bytes_max = 8};

TEST(FramerTest, LiteralsAtTheUnaskedBoundPassAndOneMoreNeedsRoom) {
  EXPECT_THAT(run_framer_every_way(kAsking, "a APPEND x {8}\r\n12345678\r\n"),
              ElementsAre("continue", "frame:a APPEND x {8}\r\n12345678\r\n"));
  EXPECT_THAT(run_framer_every_way(kAsking, "a APPEND x {9}\r\n123456789\r\n"),
              ElementsAre("room 9", "continue", "frame:a APPEND x {9}\r\n123456789\r\n"));
  EXPECT_THAT(run_framer_every_way(kAsking, "a APPEND x {9+}\r\n123456789\r\n"),
              ElementsAre("room 9", "frame:a APPEND x {9+}\r\n123456789\r\n"));
}

TEST(FramerTest, LiteralsOfOneCommandNeedRoomTogether) {
  EXPECT_THAT(run_framer_every_way(kAsking, "a APPEND {1+}\r\nx {8+}\r\n12345678 {2+}\r\n12\r\nb APPEND x {8+}\r\n12345678\r\n"),
              ElementsAre("room 9", "room 11", "frame:a APPEND {1+}\r\nx {8+}\r\n12345678 {2+}\r\n12\r\n",
                          "frame:b APPEND x {8+}\r\n12345678\r\n"));
}

TEST(FramerTest, TooLargeALiteralIsNotAskedFor) {
  EXPECT_THAT(run_framer_every_way(kAsking, "a APPEND x {21}\r\nb NOOP\r\n"), ElementsAre("message a", "frame:b NOOP\r\n"));
}

TEST(FramerTest, NeedRoomIsSaidUntilItIsAnswered) {
  Framer framer(kAsking);
  framer.feed("a APPEND x {9}\r\n");
  EXPECT_TRUE(std::holds_alternative<NeedRoom>(framer.next()));
  EXPECT_TRUE(std::holds_alternative<NeedRoom>(framer.next()));
  framer.allow_literals(9);
  EXPECT_TRUE(std::holds_alternative<NeedContinuation>(framer.next()));
}

TEST(FramerTest, RefusedLiteralIsSkippedAndTheNextIsAskedForAgain) {
  for (const std::string_view command : {"a APPEND x {9}\r\n", "a APPEND x {9+}\r\n123456789 {3+}\r\nabc\r\n"}) {
    Framer framer(kAsking);
    framer.feed(command);
    ASSERT_TRUE(std::holds_alternative<NeedRoom>(framer.next()));
    framer.refuse_literal();
    const auto refused = framer.next();
    ASSERT_TRUE(std::holds_alternative<TooLong>(refused)) << command;
    EXPECT_EQ(std::get<TooLong>(refused).reason, TooLong::Reason::kNoRoom);
    EXPECT_EQ(std::get<TooLong>(refused).tag, "a");
    EXPECT_FALSE(std::get<TooLong>(refused).close);
    framer.feed("b APPEND x {9}\r\n");
    EXPECT_TRUE(std::holds_alternative<NeedRoom>(framer.next())) << command;
  }
}

}  // namespace
}  // namespace imapd::wire
