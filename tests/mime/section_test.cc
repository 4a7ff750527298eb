#include "imapd/mime/section.h"

#include <gtest/gtest.h>

namespace imapd::mime {
namespace {

using Kind = Section::Kind;

const std::string kNil = "(nil)";

// The message of RFC 3501, section 6.4.5, filled with text that says where it stands.
const std::string kMessage =
    "Subject: outer\r\nX-A: 1\r\nContent-Type: multipart/mixed; boundary=m\r\nx-a: 2\r\n folded\r\n\r\n"
    "preamble\r\n--m\r\n"
    "Content-Type: text/plain\r\n\r\nbody 1\r\n--m\r\n"
    "Content-Type: application/octet-stream\r\n\r\nbody 2\r\n--m\r\n"
    "Content-Type: message/rfc822\r\n\r\n"
    "Subject: three\r\nContent-Type: multipart/mixed; boundary=n\r\n\r\n--n\r\n"
    "\r\nbody 3.1\r\n--n\r\nContent-Type: application/octet-stream\r\n\r\nbody 3.2\r\n--n--\r\n\r\n--m\r\n"
    "Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n"
    "Content-Type: image/gif\r\n\r\nbody 4.1\r\n--o\r\n"
    "Content-Type: message/rfc822\r\nX-M: 4.2\r\n\r\n"
    "Subject: four\r\nContent-Type: text/plain\r\n\r\nbody 4.2.1\r\n--o--\r\n--m--\r\nepilogue";

std::string get(const std::string& bytes, const Section& wanted) {
  const auto found = section(parse_message(bytes), bytes, wanted);
  return found ? std::string(found->view()) : kNil;
}
std::string get(std::vector<std::uint32_t> part, Kind kind = Kind::kAll,
                std::vector<std::string> fields = {}) {
  return get(kMessage, Section{std::move(part), kind, std::move(fields)});
}

TEST(SectionTest, WholeMessageHeaderAndText) {
  EXPECT_EQ(get({}), kMessage);
  EXPECT_EQ(get({}, Kind::kHeader) + get({}, Kind::kText), kMessage);
  EXPECT_TRUE(get({}, Kind::kText).starts_with("preamble\r\n--m"));
  EXPECT_EQ(get({}, Kind::kMime), kNil);
}

TEST(SectionTest, NumberedPartsOfRfc3501) {
  EXPECT_EQ(get({1}), "body 1");
  EXPECT_EQ(get({2}), "body 2");
  EXPECT_EQ(get({3, 1}), "body 3.1");
  EXPECT_EQ(get({3, 2}), "body 3.2");
  EXPECT_EQ(get({4, 1}), "body 4.1");
  EXPECT_EQ(get({4, 1}, Kind::kMime), "Content-Type: image/gif\r\n\r\n");
  EXPECT_EQ(get({4, 2}), "Subject: four\r\nContent-Type: text/plain\r\n\r\nbody 4.2.1");
  EXPECT_EQ(get({4, 2}, Kind::kMime), "Content-Type: message/rfc822\r\nX-M: 4.2\r\n\r\n");
  EXPECT_EQ(get({4, 2}, Kind::kHeader), "Subject: four\r\nContent-Type: text/plain\r\n\r\n");
  EXPECT_EQ(get({4, 2}, Kind::kText), "body 4.2.1");
  EXPECT_EQ(get({4, 2, 1}), "body 4.2.1");
  EXPECT_EQ(get({3}, Kind::kHeader), "Subject: three\r\nContent-Type: multipart/mixed; boundary=n\r\n\r\n");
  EXPECT_EQ(get({3}, Kind::kHeader) + get({3}, Kind::kText), get({3}));
}

TEST(SectionTest, MissingPartIsNil) {
  for (const std::vector<std::uint32_t>& part : std::vector<std::vector<std::uint32_t>>{
           {0}, {5}, {1, 1}, {1, 1, 1}, {2, 2}, {3, 3}, {4, 3}, {4, 2, 2}, {4, 2, 1, 1}, {4'294'967'295u}}) {
    EXPECT_EQ(get(part), kNil);
  }
  EXPECT_EQ(get({1}, Kind::kHeader), kNil);
  EXPECT_EQ(get({1}, Kind::kText), kNil);
  EXPECT_EQ(get({4}, Kind::kHeader), kNil);
  EXPECT_EQ(get({5}, Kind::kMime), kNil);
}

TEST(SectionTest, PartOneOfASinglePartIsItsBody) {
  const std::string plain = "Subject: x\r\n\r\nhello";
  EXPECT_EQ(get(plain, Section{{1}, Kind::kAll, {}}), "hello");
  EXPECT_EQ(get(plain, Section{{1, 1}, Kind::kAll, {}}), kNil);
  EXPECT_EQ(get(plain, Section{{2}, Kind::kAll, {}}), kNil);
  EXPECT_EQ(get(plain, Section{{1}, Kind::kMime, {}}), "Subject: x\r\n\r\n");
  EXPECT_EQ(get(plain, Section{{1}, Kind::kHeader, {}}), kNil);
}

TEST(SectionTest, HeaderFieldsWithoutRegardToCaseInTheirOrder) {
  EXPECT_EQ(get({}, Kind::kHeaderFields, {"x-A", "SUBJECT", "absent"}),
            "Subject: outer\r\nX-A: 1\r\nx-a: 2\r\n folded\r\n\r\n");
  EXPECT_EQ(get({}, Kind::kHeaderFieldsNot, {"x-a", "content-type"}), "Subject: outer\r\n\r\n");
  EXPECT_EQ(get({}, Kind::kHeaderFields, {"absent"}), "\r\n");
  EXPECT_EQ(get({4, 2}, Kind::kHeaderFields, {"subject"}), "Subject: four\r\n\r\n");
  EXPECT_EQ(get({1}, Kind::kHeaderFields, {"subject"}), kNil);
}

TEST(SectionTest, HeaderWithoutEndAndMessageWithoutHeader) {
  EXPECT_EQ(get("Subject: x", Section{{}, Kind::kHeaderFields, {"subject"}}), "Subject: x\r\n\r\n");
  EXPECT_EQ(get("Subject: x", Section{{}, Kind::kText, {}}), "");
  EXPECT_EQ(get("\r\nbody", Section{{}, Kind::kHeader, {}}), "\r\n");
  EXPECT_EQ(get("\r\nbody", Section{{}, Kind::kText, {}}), "body");
  EXPECT_EQ(get("", Section{{1}, Kind::kAll, {}}), "");
}

TEST(SectionTest, LineFeedsAloneAreKept) {
  const std::string bytes = "Content-Type: multipart/mixed; boundary=b\n\n--b\nX: 1\n\none\ntwo\n--b--\n";
  EXPECT_EQ(get(bytes, Section{{1}, Kind::kAll, {}}), "one\ntwo");
  EXPECT_EQ(get(bytes, Section{{1}, Kind::kMime, {}}), "X: 1\n\n");
}

TEST(SectionTest, EmptyPartsAndPartsWithoutHeaderEnd) {
  const std::string bytes =
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n--b\r\n\r\n--b\r\n\r\n\r\n--b\r\nX: 1\r\n--b--";
  const MessageTree tree = parse_message(bytes);
  ASSERT_EQ(tree.root().children.size(), 4u);
  for (std::uint32_t number = 1; number <= 4; ++number) {
    EXPECT_EQ(get(bytes, Section{{number}, Kind::kAll, {}}), "");
    EXPECT_EQ(tree.find({number})->body_lines, 0u);
  }
  EXPECT_EQ(get(bytes, Section{{4}, Kind::kMime, {}}), "X: 1\r\n");
}

TEST(SectionTest, DigestHoldsMessages) {
  const std::string bytes =
      "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nSubject: in\r\n\r\nx\r\n--b--";
  EXPECT_EQ(get(bytes, Section{{1}, Kind::kHeader, {}}), "Subject: in\r\n\r\n");
  EXPECT_EQ(get(bytes, Section{{1, 1}, Kind::kAll, {}}), "x");
}

}  // namespace
}  // namespace imapd::mime
