#include "imapd/wire/imap_url.h"

#include <gtest/gtest.h>

#include <string>

namespace imapd::wire {
namespace {

std::string described(std::string_view url) {
  const auto location = parse_message_url(url);
  if (!location) return "bad";
  std::string text = location->mailbox ? *location->mailbox : "<selected>";
  if (location->uid_validity) text += " v" + std::to_string(location->uid_validity->value());
  text += " u" + std::to_string(location->uid.value()) + " s";
  for (const std::uint32_t number : location->section.part) text += std::to_string(number) + '.';
  text += "kind" + std::to_string(static_cast<int>(location->section.kind));
  for (const std::string& field : location->section.fields) text += ' ' + field;
  if (location->partial) text += " p" + std::to_string(location->partial->offset) + '+' + std::to_string(location->partial->count);
  return text;
}

TEST(ImapUrlTest, MessagesAndTheirParts) {
  EXPECT_EQ(described("/Drafts;UIDVALIDITY=385759045/;UID=20"), "Drafts v385759045 u20 skind0");
  EXPECT_EQ(described("/Drafts;UIDVALIDITY=385759045/;UID=20/;section=HEADER"), "Drafts v385759045 u20 skind1");
  EXPECT_EQ(described("/Drafts;uidvalidity=1/;uid=20/;Section=1.MIME"), "Drafts v1 u20 s1.kind5");
  EXPECT_EQ(described("/Drafts/;UID=3002"), "Drafts u3002 skind0");
  EXPECT_EQ(described("/Drafts/;UID=3002/;SECTION=1.5.9"), "Drafts u3002 s1.5.9.kind0");
  EXPECT_EQ(described("/Drafts/;UID=1/;SECTION=HEADER.FIELDS%20(To%20Cc)"), "Drafts u1 skind2 To Cc");
  EXPECT_EQ(described("/Drafts/;UID=1/;PARTIAL=5.10"), "Drafts u1 skind0 p5+10");
  EXPECT_EQ(described("/Drafts/;UID=1/;SECTION=2/;PARTIAL=5"), "Drafts u1 s2.kind0 p5+4294967295");
}

TEST(ImapUrlTest, NamesArePercentEncodedUtf8AndInboxHasNoCase) {
  EXPECT_EQ(described("/a/b%2Fc%20%C3%BC/;UID=1"), "a/b/c \xc3\xbc u1 skind0");
  EXPECT_EQ(described("/inbox/;UID=1"), "INBOX u1 skind0");
}

TEST(ImapUrlTest, RelativeToTheSelectedMailbox) {
  EXPECT_EQ(described("/;UID=20"), "<selected> u20 skind0");
  EXPECT_EQ(described(";UID=20/;SECTION=TEXT"), "<selected> u20 skind4");
}

TEST(ImapUrlTest, EverythingElseIsRefused) {
  for (const char* url : {"", "/", "/Drafts", "/Drafts/", "imap://host/Drafts/;UID=1", "//host/Drafts/;UID=1", "Drafts/;UID=1", "/Drafts;UID=1",
                          "/Drafts/;UID=0", "/Drafts/;UID=", "/Drafts/;UID=x", "/Drafts/;UID=4294967296", "/Drafts/;UID=*", "/Drafts/;UID=1/",
                          "/Drafts/;UID=1/;SECTION=", "/Drafts/;UID=1/;SECTION=MIME", "/Drafts/;UID=1/;SECTION=0", "/Drafts/;UID=1/;SECTION=1]",
                          "/Drafts/;UID=1/;SECTION=TEXT%00", "/Drafts/;UID=1/;PARTIAL=", "/Drafts/;UID=1/;PARTIAL=1.0", "/Drafts/;UID=1/;PARTIAL=1.2.3",
                          "/Drafts/;UID=1;EXPIRE=2030-01-01T00:00:00Z;URLAUTH=anonymous:internal:0", "/Drafts/;UID=1/;PARTIAL=1/;SECTION=1",
                          "/Drafts;UIDVALIDITY=0/;UID=1", "/Drafts;OTHER=1/;UID=1", "/%/;UID=1", "/%4/;UID=1", "/%ff/;UID=1", "/a%00/;UID=1"}) {
    EXPECT_EQ(described(url), "bad") << url;
  }
}

// Nothing that can be sent is read past its end or taken for a message by half.
TEST(ImapUrlTest, EveryBeginningOfAUrl) {
  const std::string url = "/Drafts;UIDVALIDITY=12/;UID=20/;SECTION=1.HEADER.FIELDS%20(A)/;PARTIAL=0.9";
  for (std::size_t size = 0; size < url.size(); ++size) {
    const std::string text = described(url.substr(0, size));
    EXPECT_TRUE(text == "bad" || text.starts_with("Drafts v12 u2")) << url.substr(0, size) << ": " << text;
  }
}

}  // namespace
}  // namespace imapd::wire
